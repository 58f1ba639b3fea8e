"""One commit for many works: each whole or absent."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.errors import StorageFailed
from gateway.storage.batch import Raised, Returned, Work, run_batch
from gateway.storage.connection import connect


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A database with one more table."""
    opened = connect(tmp_path / "gateway.db")
    opened.execute("CREATE TABLE words (word TEXT PRIMARY KEY) STRICT")
    yield opened
    opened.close()


def write(word: str) -> Work:
    """A work that writes one word and gives it back."""

    def work(db: sqlite3.Connection) -> str:
        db.execute("INSERT INTO words VALUES (?)", (word,))
        return word

    return work


def write_and_raise(word: str, error: BaseException) -> Work:
    """A work that fails after it wrote."""

    def work(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO words VALUES (?)", (word,))
        raise error

    return work


def words(db: sqlite3.Connection) -> list[str]:
    return [row[0] for row in db.execute("SELECT word FROM words ORDER BY word")]


def test_results_come_in_the_order_of_the_works(connection: sqlite3.Connection) -> None:
    assert run_batch(connection, [write("a"), write("b")]) == [Returned("a"), Returned("b")]
    assert words(connection) == ["a", "b"]


def test_an_exception_undoes_only_its_own_writes(connection: sqlite3.Connection) -> None:
    error = ValueError("no")
    outcomes = run_batch(connection, [write("a"), write_and_raise("b", error), write("c")])
    assert outcomes == [Returned("a"), Raised(error), Returned("c")]
    assert words(connection) == ["a", "c"]


def test_a_broken_constraint_is_the_works_own_error(connection: sqlite3.Connection) -> None:
    first, second = run_batch(connection, [write("a"), write("a")])
    assert first == Returned("a")
    assert isinstance(second, Raised)
    assert isinstance(second.error, sqlite3.IntegrityError)


def test_a_wrong_statement_is_our_bug_and_not_the_devices(connection: sqlite3.Connection) -> None:
    (outcome,) = run_batch(connection, [lambda db: db.execute("SELECT nonsense")])
    assert isinstance(outcome, Raised)
    assert isinstance(outcome.error, sqlite3.OperationalError)


def test_a_failure_of_the_device_inside_a_work_is_called_so(
    connection: sqlite3.Connection,
) -> None:
    def ill(db: sqlite3.Connection) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
        raise error

    first, second = run_batch(connection, [ill, write("a")])
    assert isinstance(first, Raised)
    assert isinstance(first.error, StorageFailed)
    assert second == Returned("a")


def test_a_commit_that_fails_promises_nothing_and_the_next_one_works(
    connection: sqlite3.Connection,
) -> None:
    connection.execute(
        "CREATE TABLE links (word TEXT REFERENCES words (word) DEFERRABLE INITIALLY DEFERRED)"
    )
    dangling: Work = lambda db: db.execute("INSERT INTO links VALUES ('nowhere')")  # noqa: E731 - one line says it
    with pytest.raises(StorageFailed, match="FOREIGN KEY"):
        run_batch(connection, [write("a"), dangling])
    assert words(connection) == []
    run_batch(connection, [write("b")])
    assert words(connection) == ["b"]


def test_no_work_runs_outside_of_the_transaction_when_the_device_undid_it(
    connection: sqlite3.Connection,
) -> None:
    with pytest.raises(StorageFailed):
        run_batch(connection, [write("a"), lambda db: db.execute("ROLLBACK"), write("b")])
    assert words(connection) == []


def test_a_database_locked_by_another_program_fails_and_recovers(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    connection.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(tmp_path / "gateway.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageFailed, match="locked"):
        run_batch(connection, [write("a")])
    other.close()
    assert run_batch(connection, [write("a")]) == [Returned("a")]


def test_what_a_death_left_open_is_undone_by_the_next_batch(
    connection: sqlite3.Connection,
) -> None:
    class DeathError(BaseException):
        pass

    with pytest.raises(DeathError):
        run_batch(connection, [write("a"), write_and_raise("b", DeathError())])
    assert run_batch(connection, [write("c")]) == [Returned("c")]
    assert words(connection) == ["c"]
