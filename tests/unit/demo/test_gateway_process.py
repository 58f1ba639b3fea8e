import asyncio
from pathlib import Path

import pytest

from gateway.demo.gateway_process import GatewayDied, GatewayProcess


def test_a_gateway_that_ends_by_itself_is_reported_with_its_last_words(tmp_path: Path) -> None:
    config = tmp_path / "site.toml"
    config.write_text("[sight]\n")

    async def story() -> None:
        gateway = GatewayProcess(config)
        await gateway.start()
        try:
            async with asyncio.timeout(60):
                while True:
                    gateway.check()
                    await asyncio.sleep(0.05)
        finally:
            await gateway.stop()

    with pytest.raises(GatewayDied, match=r"exit code 78(.|\n)*sight"):
        asyncio.run(story())


def test_stopping_what_never_started_is_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        gateway = GatewayProcess(tmp_path / "site.toml")
        gateway.check()
        await gateway.stop()
        await gateway.kill()

    asyncio.run(story())
