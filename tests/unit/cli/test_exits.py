from collections.abc import Callable
from typing import NoReturn

import pytest
import typer

from gateway.cli import exits
from gateway.errors import ConfigError, GatewayError, StartFailed


def raising(error: BaseException) -> Callable[[], int]:
    def work() -> NoReturn:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (StartFailed("port 9000 is in use"), 1, "depot-gateway: port 9000 is in use\n"),
        (ConfigError(["a: b", "c: d"]), 78, "a: b\nc: d\n"),
        (exits.UsageFault("no"), 2, "depot-gateway: no\n"),
        (exits.GatewayAway("gone"), 8, "depot-gateway: gone\n"),
        (exits.Failed("late", exits.TIME_OUT), 5, "depot-gateway: late\n"),
        (GatewayError("\x1b[2J"), 1, "depot-gateway: \\u001b[2J\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_errors_on_purpose_become_a_sentence_and_a_code(
    error: BaseException, code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        exits.end(raising(error))
    assert ended.value.exit_code == code
    assert capsys.readouterr().err == sentence


def test_a_bug_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        exits.end(lambda: 1 // 0)


def test_the_work_gives_the_code() -> None:
    with pytest.raises(typer.Exit) as ended:
        exits.end(lambda: 3)
    assert ended.value.exit_code == 3


def test_every_code_is_explained() -> None:
    assert set(exits.OF_PROBLEM.values()) <= set(exits.MEANING)
    assert all(words in exits.EPILOG for words in exits.MEANING.values())
