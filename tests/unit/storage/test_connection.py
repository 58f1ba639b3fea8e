"""A file that cannot be used is refused with one sentence, and is as it was."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.errors import StartFailed
from gateway.storage.connection import connect, connect_in_memory
from gateway.storage.migrate import Migration, shipped_migrations

SHIPPED = shipped_migrations()
NEXT = Migration(len(SHIPPED) + 1, "CREATE TABLE later (x INTEGER) STRICT;")


def refused(path: Path) -> str:
    """Why ``path`` is refused; fails unless the folder is byte for byte as it was."""
    before = contents(path.parent)
    with pytest.raises(StartFailed) as caught:
        connect(path)
    assert contents(path.parent) == before
    sentence = str(caught.value)
    assert str(path) in sentence
    assert "\n" not in sentence
    return sentence


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


def test_commits_are_durable_and_the_log_is_bounded(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "gateway.db")) as connection:

        def pragma(name: str) -> object:
            return connection.execute(f"PRAGMA {name}").fetchone()[0]

        assert pragma("journal_mode") == "wal"
        assert pragma("synchronous") == 2
        assert pragma("foreign_keys") == 1
        assert pragma("busy_timeout") == 5000
        assert pragma("journal_size_limit") == 8 * 1024 * 1024


def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    path.touch()
    connect(path).close()
    connect(path).close()


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    connect(path, [*SHIPPED, NEXT]).close()
    assert "newer version" in refused(path)


def test_a_newer_version_that_is_still_in_the_log_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    connect(path).close()
    dead = tmp_path / "dead"
    dead.mkdir()
    with closing(connect(path, [*SHIPPED, NEXT])):
        for file in (path, path.with_name("gateway.db-wal")):
            shutil.copy(file, dead)
    with pytest.raises(StartFailed, match="newer version"):
        connect(dead / "gateway.db")
    with closing(connect(dead / "gateway.db", [*SHIPPED, NEXT])) as connection:
        connection.execute("SELECT * FROM later")


@pytest.mark.parametrize("content", [b"hello", b"\x00" * 4096, b"SQLite format 3\x00"])
def test_a_file_that_is_not_a_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "gateway.db"
    path.write_bytes(content)
    assert "not a database" in refused(path)


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (x)")
    assert "another program" in refused(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA application_id = 7")
    assert "another program" in refused(path)


@pytest.mark.parametrize("keep", [4096, 4096 * 3 + 100])
def test_a_truncated_database_is_left_alone(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "gateway.db"
    connect(path).close()
    path.write_bytes(path.read_bytes()[:keep])
    refused(path)


def test_a_damaged_page_is_found_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    with closing(connect(path)) as connection:
        connection.execute("INSERT INTO charge_points VALUES ('CP-1', x'00')")
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'charge_points'"
        ).fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : (page - 1) * 4096 + 64] = b"\xff" * 64
    path.write_bytes(content)
    refused(path)


def test_a_folder_that_is_missing_or_cannot_be_written_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (
        tmp_path / "missing" / "gateway.db",
        tmp_path / "file" / "gateway.db",
        tmp_path,
        Path("/proc/gateway.db"),
    ):
        with pytest.raises(StartFailed, match="cannot be opened"):
            connect(path)


def test_a_database_that_another_program_is_writing_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.storage.connection._BUSY_TIMEOUT_S", 0.0)
    path = tmp_path / "gateway.db"
    connect(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StartFailed, match="locked"):
            connect(path)


def test_the_database_in_memory_has_the_same_schema(tmp_path: Path) -> None:
    def schema(connection: sqlite3.Connection) -> list[tuple[str, str]]:
        rows = connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name")
        return [(row["name"], row["sql"]) for row in rows]

    with closing(connect_in_memory()) as memory, closing(connect(tmp_path / "g.db")) as file:
        assert schema(memory) == schema(file)


def test_every_query_that_runs_often_has_its_index() -> None:
    questions = {
        "SELECT * FROM transactions WHERE stopped_at IS NULL ORDER BY seq": "transactions_open",
        "SELECT * FROM transactions WHERE identity = 'a' AND cloud_transaction_id = 1"
        " ORDER BY seq DESC LIMIT 1": "transactions_by_cloud_id",
        "SELECT * FROM outbox WHERE identity = 'a' ORDER BY seq LIMIT 8": "outbox_by_identity",
        "SELECT identity, count(*) FROM outbox GROUP BY identity": "outbox_by_identity",
        "SELECT 1 FROM orphan_stops WHERE identity = 'a' AND stopped_at = 'b'"
        " AND transaction_id = 1": "orphan_stops_by_content",
    }
    with closing(connect_in_memory()) as connection:
        for question, index in questions.items():
            plan = [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {question}")]
            assert len(plan) == 1, plan
            assert index in plan[0]
