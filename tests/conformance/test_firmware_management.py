"""The 5 cases of Firmware Management, diagnostics with them: OCA test document for a CSMS."""

from typing import Any

import pytest

from tests.conformance.catalogue import BOTH, case
from tests.conformance.stage import Stage
from tests.conformance.station import Station, instant

FIRMWARE = "https://files.example.org/firmware/station-1.1.bin"
UPLOADS = "ftp://files.example.org/diagnostics/"
SOCKETS = ["new", "same"]


@case("044_1", BOTH)
@pytest.mark.parametrize("socket", SOCKETS)
async def test_tc_044_1_csms_firmware_downloaded_and_installed(stage: Stage, socket: str) -> None:
    await _installs(stage, socket, "Installed")


@case("044_2", BOTH)
async def test_tc_044_2_csms_firmware_download_failed(stage: Stage) -> None:
    async with stage.connected() as station:
        await _orders_update(stage)
        await station.tells_firmware("Downloading", "DownloadFailed")
    assert await _progress(stage, "firmware") == ["Downloading", "DownloadFailed"]


@case("044_3", BOTH)
@pytest.mark.parametrize("socket", SOCKETS)
async def test_tc_044_3_csms_firmware_installation_failed(stage: Stage, socket: str) -> None:
    await _installs(stage, socket, "InstallationFailed")


@case("045_1", BOTH)
@pytest.mark.parametrize("answer", [{"file_name": "diagnostics.tar.gz"}, {}], ids=["named", "not"])
async def test_tc_045_1_csms_diagnostics_uploaded(stage: Stage, answer: dict[str, str]) -> None:
    await _uploads(stage, answer, "Uploaded")


@case("045_2", BOTH)
async def test_tc_045_2_csms_diagnostics_upload_failed(stage: Stage) -> None:
    await _uploads(stage, {"file_name": "diagnostics.tar.gz"}, "UploadFailed")


async def _installs(stage: Stage, socket: str, ending: str) -> None:
    """The update with the boot in the middle, on a new connection or on the same."""
    async with stage.connected() as station:
        await _orders_update(stage)
        await station.tells_firmware("Downloading", "Downloaded")
        await station.tells_all("Unavailable")
        await station.tells_firmware("Installing")
        if socket == "same":
            await station.boots()
            await station.tells_firmware(ending)
        else:
            await station.loses_power()
    if socket == "new":
        async with stage.connected() as station:
            await station.boots()
            await station.tells_firmware(ending)
    steps = ["Downloading", "Downloaded", "Installing", ending]
    assert await _progress(stage, "firmware") == steps


async def _orders_update(stage: Stage) -> None:
    told = await stage.operator.orders(
        "UpdateFirmware", location=FIRMWARE, retries=1, retrieveDate=instant(), retryInterval=60
    )
    assert told == {}
    assert (await _order(stage, "firmware"))["location"] == FIRMWARE


async def _uploads(stage: Stage, answer: dict[str, str], ending: str) -> None:
    async with stage.connected() as station:
        station.answers["GetDiagnostics"] = answer
        await _orders_upload(stage, station)
        await station.tells_diagnostics("Uploading", ending)
    assert await _progress(stage, "diagnostics") == ["Uploading", ending]


async def _orders_upload(stage: Stage, station: Station) -> None:
    told = await stage.operator.orders("GetDiagnostics", location=UPLOADS)
    name = station.answers["GetDiagnostics"].get("file_name")
    assert told == ({} if name is None else {"fileName": name})
    order = await _order(stage, "diagnostics")
    assert (order["location"], order.get("file_name")) == (UPLOADS, name)


async def _order(stage: Stage, kind: str) -> Any:
    return (await stage.operator.record(kind))["orders"][-1]


async def _progress(stage: Stage, kind: str) -> list[str]:
    return [step["status"] for step in (await _order(stage, kind))["steps"]]
