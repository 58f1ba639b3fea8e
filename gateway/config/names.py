"""Names and identities: what they may be made of, and that no two can be taken for each other."""

from collections.abc import Iterable
from typing import Final

from gateway.config.table import CONTROL, Table
from gateway.config.wording import quoted

LONGEST_NAME: Final = 48
NOT_IN_NAMES: Final = ":/"
NOT_IN_IDENTITIES: Final = ':/?#%\\"<>^`{|} '


def name_fault(name: str) -> str:
    """Why ``name`` cannot name a circuit or a meter; empty when it can."""
    if not name.strip():
        return "the name is empty"
    if len(name) > LONGEST_NAME:
        return f"the name has {len(name)} characters; at most {LONGEST_NAME} are allowed"
    if CONTROL.search(name) or name != name.strip():
        return f"{quoted(name)} holds a control character, or a space at an end"
    wrong = [character for character in NOT_IN_NAMES if character in name]
    return f"a name cannot hold {quoted(wrong[0])}" if wrong else ""


def identity_fault(identity: str) -> str:
    """Why ``identity`` cannot be an OCPP-J identity; empty when it can.

    It is a URL path segment and a Basic user name (OCPP-J 1.6 §3.1.1, RFC 7617), typed by hand into
    charge points: letters, digits and the plainest punctuation of ASCII.
    """
    if fault := name_fault(identity):
        return fault
    wrong = [c for c in identity if c in NOT_IN_IDENTITIES or not c.isascii()]
    if wrong:
        return f"an identity cannot hold {quoted(wrong[0])}"
    return "an identity cannot be dots only" if not identity.strip(".") else ""


def look_for_twins(table: Table, names: Iterable[str], what: str) -> None:
    """Note names that differ in case only: people and charge points mix them up."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            table.problem(name, f"{what} {quoted(other)} differs from it in case only")
