"""Passwords of charge points, ours to check and ours to show the cloud. They are never quoted."""

import re
from typing import Final

from gateway.config.table import Table

HEX_KEY: Final = re.compile(r"(?:[0-9A-Fa-f]{2}){16,20}")
SHORTEST_BYTES: Final = 16
LONGEST_BYTES: Final = 20
LONGEST_UPSTREAM_BYTES: Final = 64


def read_password(table: Table, key: str) -> bytes | None:
    """A charge point's Basic password: 16 to 20 bytes, or 32 to 40 hexadecimal digits for them.

    OCPP 1.6 security whitepaper, AuthorizationKey. None when absent or wrong.
    """
    return _password(table, key, SHORTEST_BYTES, LONGEST_BYTES)


def read_upstream_password(table: Table, key: str) -> bytes | None:
    """The password that a cloud gave: as above, or any text up to 64 bytes."""
    return _password(table, key, 1, LONGEST_UPSTREAM_BYTES)


def _password(table: Table, key: str, shortest: int, longest: int) -> bytes | None:
    value = table.raw(key)
    if value is None:
        return None
    if not isinstance(value, str):
        table.problem(key, "is not text; put the password in quotes")
        return None
    if HEX_KEY.fullmatch(value):
        return bytes.fromhex(value)
    secret = value.encode()
    if shortest <= len(secret) <= longest:
        return secret
    table.problem(
        key,
        f"has {len(secret)} bytes; write {shortest} to {longest} bytes, or the key as "
        f"{2 * SHORTEST_BYTES} to {2 * LONGEST_BYTES} hexadecimal digits",
    )
    return None
