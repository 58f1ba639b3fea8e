"""Forward only, each step whole, and a copy first."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.errors import StartFailed
from gateway.storage.connection import connect
from gateway.storage.migrate import Migration, migrate, shipped_migrations, version_of

SHIPPED = shipped_migrations()
NEXT = Migration(len(SHIPPED) + 1, "CREATE TABLE later (x INTEGER) STRICT;")
BROKEN = Migration(
    len(SHIPPED) + 1, "CREATE TABLE half (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1);"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database of this version with one row in it."""
    file = tmp_path / "gateway.db"
    with closing(connect(file)) as connection:
        connection.execute("INSERT INTO charge_points VALUES ('CP-1', x'7b7d')")
    return file


def tables(connection: sqlite3.Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT name FROM sqlite_schema")}


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_shipped_migrations_are_numbered_without_gaps() -> None:
    assert [step.version for step in SHIPPED] == list(range(1, len(SHIPPED) + 1))


def test_a_new_database_takes_every_step_and_needs_no_copy(path: Path) -> None:
    with closing(connect(path)) as connection:
        assert version_of(connection) == len(SHIPPED)
    assert names(path.parent) == ["gateway.db"]


def test_an_older_database_is_copied_and_then_brought_forward(path: Path) -> None:
    with closing(connect(path, [*SHIPPED, NEXT])) as connection:
        assert version_of(connection) == NEXT.version
        assert "later" in tables(connection)
        assert connection.execute("SELECT identity FROM charge_points").fetchone()[0] == "CP-1"
    copy = path.with_name(f"gateway.db.v{len(SHIPPED)}.bak")
    assert names(path.parent) == [path.name, copy.name]
    with closing(connect(copy)) as old:
        assert version_of(old) == len(SHIPPED)
        assert "later" not in tables(old)
        assert old.execute("SELECT identity FROM charge_points").fetchone()[0] == "CP-1"


@pytest.mark.parametrize("version", range(1, len(SHIPPED)))
def test_a_database_of_every_older_version_keeps_its_rows(tmp_path: Path, version: int) -> None:
    file = tmp_path / "gateway.db"
    with closing(connect(file, SHIPPED[:version])) as old:
        old.execute("INSERT INTO charge_points VALUES ('CP-1', x'7b7d')")
        assert version_of(old) == version
    with closing(connect(file)) as new:
        assert version_of(new) == len(SHIPPED)
        assert {"documents", "tags"} <= tables(new)
        assert new.execute("SELECT identity FROM charge_points").fetchone()[0] == "CP-1"


def test_a_step_that_fails_changes_nothing(path: Path) -> None:
    with pytest.raises(StartFailed, match="nowhere"):
        connect(path, [*SHIPPED, BROKEN])
    with closing(connect(path)) as connection:
        assert version_of(connection) == len(SHIPPED)
        assert "half" not in tables(connection)
        assert connection.execute("SELECT identity FROM charge_points").fetchone()[0] == "CP-1"


def test_a_later_step_that_fails_keeps_the_steps_before_it(path: Path) -> None:
    after = Migration(NEXT.version + 1, BROKEN.sql)
    with pytest.raises(StartFailed):
        connect(path, [*SHIPPED, NEXT, after])
    with closing(connect(path, [*SHIPPED, NEXT])) as connection:
        assert version_of(connection) == NEXT.version
        assert "half" not in tables(connection)


def test_without_room_for_the_copy_nothing_is_migrated(path: Path) -> None:
    in_the_way = path.with_name(f"gateway.db.v{len(SHIPPED)}.bak")
    in_the_way.mkdir()
    with pytest.raises(StartFailed):
        connect(path, [*SHIPPED, NEXT])
    assert names(path.parent) == [path.name, in_the_way.name]
    with closing(connect(path)) as connection:
        assert version_of(connection) == len(SHIPPED)


def test_migrating_twice_is_migrating_once(path: Path) -> None:
    with closing(connect(path)) as connection:
        before = connection.total_changes
        migrate(connection, SHIPPED, path)
        assert connection.total_changes == before
    assert names(path.parent) == ["gateway.db"]
