"""The cloud, talked to by a charge point that is nothing but frames."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.demo.cloud import Cloud
from gateway.demo.cloud_records import FIRST_TRANSACTION_ID
from gateway.demo.sockets import CloudServer, dial
from gateway.errors import ChannelClosed, UpstreamOffline
from gateway.ports import Channel
from gateway.runtime.clock import SystemChance, SystemClock

START = {
    "connectorId": 1,
    "idTag": "GOOD",
    "meterStart": 0,
    "timestamp": "2027-01-01T10:00:00.000Z",
}
DEADLINE_S = 10.0


async def ask(channel: Channel, unique_id: str, action: str, payload: dict[str, Any]) -> Any:
    await channel.send(json.dumps([2, unique_id, action, payload]))
    return await heard(channel)


async def heard(channel: Channel) -> Any:
    return json.loads(await asyncio.wait_for(channel.receive(), DEADLINE_S))


def run(story: Callable[[Cloud, CloudServer], Awaitable[None]]) -> Cloud:
    cloud = Cloud(SystemClock(), SystemChance(), refused=["BAD"])

    async def tell() -> None:
        server = CloudServer(cloud)
        await server.start()
        try:
            await story(cloud, server)
        finally:
            await server.stop()

    asyncio.run(tell())
    return cloud


def test_boots_tags_and_transactions_are_answered() -> None:
    async def story(cloud: Cloud, server: CloudServer) -> None:
        channel = await dial(server.url, "CP-01")
        boot = {"chargePointVendor": "v", "chargePointModel": "m"}
        assert (await ask(channel, "1", "BootNotification", boot))[2]["status"] == "Accepted"
        for tag, status in (("GOOD", "Accepted"), ("bad", "Blocked")):
            answer = await ask(channel, tag, "Authorize", {"idTag": tag})
            assert answer == [3, tag, {"idTagInfo": {"status": status}}]
        begun = await ask(channel, "2", "StartTransaction", START)
        assert begun[2]["transactionId"] == FIRST_TRANSACTION_ID
        stop = {
            "transactionId": FIRST_TRANSACTION_ID,
            "meterStop": 10,
            "timestamp": "2027-01-01T10:01:00.000Z",
        }
        assert await ask(channel, "3", "StopTransaction", stop) == [3, "3", {}]
        await channel.close()

    cloud = run(story)
    assert cloud.records.transactions[FIRST_TRANSACTION_ID].meter_stop_wh == 10
    assert (cloud.objections, cloud.records.out_of_order) == ([], [])


def test_its_records_outlive_an_outage_and_a_lost_answer() -> None:
    async def story(cloud: Cloud, server: CloudServer) -> None:
        channel = await dial(server.url, "CP-01")
        cloud.muted = True
        await channel.send(json.dumps([2, "s", "StartTransaction", START]))
        while not cloud.records.transactions:  # noqa: ASYNC110 - records raise no event
            await asyncio.sleep(0)
        port = server.port
        await server.stop()
        with contextlib.suppress(ChannelClosed):
            await asyncio.wait_for(channel.receive(), DEADLINE_S)
        with pytest.raises(UpstreamOffline):
            await dial(server.url, "CP-01")
        cloud.muted = False
        await server.start()
        assert server.port == port
        channel = await dial(server.url, "CP-01")
        answer = await ask(channel, "s", "StartTransaction", START)
        assert answer[2]["transactionId"] == FIRST_TRANSACTION_ID
        await channel.close()

    cloud = run(story)
    assert len(cloud.records.transactions) == 1
    assert (cloud.records.repeated, cloud.records.doubled) == (1, [])


def test_it_objects_to_what_the_schemas_forbid() -> None:
    async def story(_: Cloud, server: CloudServer) -> None:
        channel = await dial(server.url, "CP-01")
        assert (await ask(channel, "1", "StartTransaction", {"connectorId": 1}))[0] == 4
        await channel.close()

    assert len(run(story).objections) == 1


def test_its_commands_come_back_with_a_status() -> None:
    async def story(cloud: Cloud, server: CloudServer) -> None:
        assert await cloud.remote_stop("CP-01", 1) == "not connected"
        channel = await dial(server.url, "CP-01")
        await ask(channel, "1", "Heartbeat", {})
        stopping = asyncio.create_task(cloud.remote_stop("CP-01", 900_001))
        kind, unique_id, action, payload = await heard(channel)
        assert (kind, action, payload) == (
            2,
            "RemoteStopTransaction",
            {"transactionId": 900_001},
        )
        await channel.send(json.dumps([3, unique_id, {"status": "Accepted"}]))
        assert await asyncio.wait_for(stopping, DEADLINE_S) == "Accepted"
        await channel.close()

    run(story)
