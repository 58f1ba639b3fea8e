"""Files and room."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.errors import FileTooLarge, NoRoomForFile
from gateway.files.stock import FileKey, Kept, Stock

AT = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
FW = Kept(FileKey("firmware", "fw.bin"), 60, AT)
LOG = Kept(FileKey("upload", "a.log"), 30, AT + timedelta(seconds=1), "CP-01")


def stock() -> Stock:
    made = Stock(80, 100)
    made.put([FW, LOG])
    return made


def test_the_newest_comes_first() -> None:
    assert stock().newest_first() == [LOG, FW]
    assert stock().find(FW.key) == FW
    assert stock().senders() == {"a.log": "CP-01"}


def test_old_uploads_are_found_and_firmware_stays() -> None:
    assert stock().uploads_before(AT + timedelta(days=1)) == [LOG]
    assert stock().uploads_before(AT) == []


def test_a_file_is_at_most_so_large() -> None:
    stock().check(0)
    with pytest.raises(FileTooLarge, match="at most 80 bytes"):
        stock().check(81)


def test_all_files_together_are_at_most_so_large() -> None:
    stock().check(10, 10)
    with pytest.raises(NoRoomForFile, match="at most 100 bytes"):
        stock().check(11, 11)


def test_what_is_replaced_makes_room() -> None:
    stock().check(70, 70, FW.key)
    with pytest.raises(NoRoomForFile):
        stock().check(71, 71, FW.key)


def test_what_was_to_be_replaced_and_went_before_makes_no_room_twice() -> None:
    filling = stock()
    filling.drop(FW.key)
    filling.check(70, 70, FW.key)
    with pytest.raises(NoRoomForFile):
        filling.check(71, 71, FW.key)


def test_what_arrives_counts_until_it_is_settled() -> None:
    filling = stock()
    filling.arrive(10)
    filling.reserve("b.log")
    with pytest.raises(NoRoomForFile):
        filling.check(1, 1)
    assert filling.taken_names() == {"a.log", "b.log"}
    filling.settle(10, "b.log")
    filling.check(10, 10)
    assert filling.taken_names() == {"a.log"}


def test_a_file_counts_once_however_often_it_is_put_or_dropped() -> None:
    filling = stock()
    filling.put([FW, FW])
    filling.check(10, 10)
    filling.drop(FW.key)
    filling.drop(FW.key)
    filling.check(70, 70)
    with pytest.raises(NoRoomForFile):
        filling.check(71, 71)
