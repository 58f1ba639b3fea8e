from pathlib import Path

from tests.unit.cli.fake_gateway import FakeGateway, invoke


def test_files_are_listed(gateway: FakeGateway) -> None:
    gateway.will("GET /api/v1/files", [{"kind": "firmware", "name": "fw.bin", "size_bytes": 3}])
    code, output = invoke("files", "list", url=gateway.url)
    assert code == 0
    assert ["firmware", "fw.bin", "3"] in [line.split() for line in output.splitlines()]
    gateway.will("GET /api/v1/files", [])
    assert invoke("files", "list", url=gateway.url) == (0, "No file is on the box.\n")


def test_firmware_is_put_on_the_box_and_removed(gateway: FakeGateway, tmp_path: Path) -> None:
    path = tmp_path / "fw.bin"
    path.write_bytes(bytes(100_000))
    gateway.will("PUT /api/v1/firmware/v2", {}, 201)
    code, output = invoke("files", "put", str(path), "--name", "v2", url=gateway.url)
    assert (code, output) == (0, "v2 is on the box; charge points fetch it from box:v2.\n")
    assert gateway.asked[-1][1] == bytes(100_000)
    gateway.will("DELETE /api/v1/firmware/v2", b"", 204)
    assert invoke("files", "remove", "v2", url=gateway.url) == (0, "v2 was removed.\n")
    gateway.will("DELETE /api/v1/uploads/a.log", b"", 204)
    code, _ = invoke("files", "remove", "a.log", "--upload", url=gateway.url)
    assert (code, gateway.asked[-1][0]) == (0, "DELETE /api/v1/uploads/a.log")
    assert invoke("files", "put", str(tmp_path / "none"), url=gateway.url)[0] == 2


def test_an_upload_is_fetched_but_never_over_a_file(gateway: FakeGateway, tmp_path: Path) -> None:
    gateway.will("GET /api/v1/uploads/a.log", bytes(70_000))
    path = tmp_path / "a.log"
    code, output = invoke("files", "get", "a.log", str(path), url=gateway.url)
    assert (code, output) == (0, f"{path} was written, 70000 bytes.\n")
    assert path.stat().st_size == 70_000
    code, output = invoke("files", "get", "a.log", str(path), url=gateway.url)
    assert code == 2
    assert "File exists" in output


def test_no_file_is_made_of_a_problem(gateway: FakeGateway, tmp_path: Path) -> None:
    gateway.fails("GET /api/v1/uploads/x", 404, "unknown-file")
    path = tmp_path / "x"
    assert invoke("files", "get", "x", str(path), url=gateway.url)[0] == 2
    assert not path.exists()
