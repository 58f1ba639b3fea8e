import pytest

from gateway.cli import screen


def test_control_characters_are_shown_and_not_sent(capsys: pytest.CaptureFixture[str]) -> None:
    screen.say("a\x1b[2Jb\x9b\u202e")
    screen.say_json(b'{"a": "\xc2\x9b"}')
    assert capsys.readouterr().out == 'a\\u001b[2Jb\\u009b\\u202e\n{"a": "\\u009b"}\n'


def test_failures_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    screen.say("no", failed=True)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "no\n")


def test_configuration_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    keys = [
        {"key": "HeartbeatInterval", "readonly": False, "value": "60"},
        {"key": "[bold]\x1b", "readonly": True},
    ]
    screen.show_members({"status": "x", "configurationKey": keys, "unknownKey": ["A", "B"]})
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["key", "value", "readonly"] in lines
    assert ["HeartbeatInterval", "60", "no"] in lines
    assert ["[bold]\\u001b", "yes"] in lines
    assert ["unknownKey:", "A,", "B"] in lines


def test_nested_members_are_named_by_their_place(capsys: pytest.CaptureFixture[str]) -> None:
    screen.show_members({"a": {"b": 1, "c": None}, "d": []}, skip=("d",))
    assert capsys.readouterr().out == "a.b: 1\na.c: \n"


def test_a_mapping_of_objects_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    screen.show_members({"keys": {"A": {"value": "1"}, "B": {"value": "2", "readonly": True}}})
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["value", "readonly"] in lines
    assert ["B", "2", "yes"] in lines
