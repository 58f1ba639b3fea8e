"""Log lines: facts that strangers cannot forge."""

import io
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.runtime.log import LineFormatter, facts, mask, plain, set_up


def line(name: str, event: str, level: int = logging.INFO, **values: object) -> str:
    record = logging.LogRecord(name, level, "f.py", 1, event, None, None)
    record.__dict__.update(facts(**values))
    return LineFormatter(priorities=True).format(record)


def test_an_event_is_one_line_with_its_facts() -> None:
    told = line("gateway.x", "transaction.started", cp="DEPOT-07", tx=1042, limit_a=16.0)
    assert told == "<6>transaction.started cp=DEPOT-07 tx=1042 limit_a=16.0"


@pytest.mark.parametrize(
    ("level", "priority"), [(10, 7), (20, 6), (30, 4), (35, 4), (40, 3), (50, 2), (5, 7)]
)
def test_levels_become_priorities_of_journald(level: int, priority: int) -> None:
    assert line("gateway.x", "a.b", level).startswith(f"<{priority}>")


def test_a_person_gets_time_and_level_instead() -> None:
    record = logging.LogRecord("gateway.x", logging.INFO, "f.py", 1, "a.b", None, None)
    assert LineFormatter(priorities=False).format(record)[8:] == " INFO    a.b"


@pytest.mark.parametrize("text", ["a b", "a=b", 'a"b', "a\nb", "", "a\x1b[0m", "a\x7f", "\u2028"])
def test_text_that_could_forge_is_quoted(text: str) -> None:
    assert plain(text).startswith('"')
    assert plain(text).isprintable()


def test_long_text_is_cut() -> None:
    assert len(plain("x" * 5000)) == 120


@given(st.text())
def test_no_text_makes_a_second_line_or_fact(text: str) -> None:
    told = line("gateway.x", "cp.spoke", text=text)
    assert told.isprintable()
    head, _, value = told.partition(" text=")
    assert head == "<6>cp.spoke"
    assert value.startswith('"') or not set(value) & set(' ="')


def test_libraries_speak_as_facts_too() -> None:
    told = line("websockets.server", "hello\n<0>forged")
    assert told == '<6>library.spoke logger=websockets.server text="hello\\n<0>forged"'


def fail(text: str) -> None:
    raise ValueError(text)


def test_a_traceback_cannot_be_taken_for_events() -> None:
    try:
        fail("x\n<0>forged")
    except ValueError:
        record = logging.LogRecord(
            "gateway.x", logging.ERROR, "f.py", 1, "task.failed", None, sys.exc_info()
        )
    told = LineFormatter(priorities=True).format(record).splitlines()
    assert told[0] == "<3>task.failed"
    assert all(further.startswith("<3>| ") for further in told[1:])
    assert told[-1] == "<3>| <0>forged"


@pytest.mark.parametrize(
    ("id_tag", "masked"), [("04A2B3C4D5", "***4D5"), ("1234567", "***"), ("", "***")]
)
def test_a_masked_tag_tells_too_little_to_copy_it(id_tag: str, masked: str) -> None:
    assert mask(id_tag) == masked


@pytest.fixture
def _logging_restored() -> object:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("_logging_restored")
def test_set_up_sends_everything_to_one_stream() -> None:
    stream = io.StringIO()
    set_up(logging.INFO, stream)
    logging.getLogger("gateway.test").info("a.b", extra=facts(c=1))
    logging.getLogger("gateway.test").debug("not.seen")
    logging.getLogger("pymodbus.logging").error("noise")
    assert stream.getvalue() == "<6>a.b c=1\n"
