"""Modbus TCP answers as bytes: whether the library may see them.

The one rule: what an honest meter cannot have sent is not handed on, because the library's decoder
raises out of the event loop on some of it, and takes transaction id 0 for an answer to anything.
"""

from typing import Final

HEADER_BYTES: Final = 7
"""Transaction id (2), protocol id (2), length (2), unit (1): Modbus Messaging on TCP/IP §3.1.3."""

LENGTH_OFFSET: Final = 6
"""The length field counts the bytes after itself."""

EXCEPTION_BIT: Final = 0x80
READ_FUNCTIONS: Final = (3, 4)


def plausible(data: bytes) -> bool:
    """True when ``data`` is whole answers to register reads, or the beginning of one."""
    at = 0
    while at < len(data):
        length = _answer_length(data[at:])
        if length < 0:
            return False
        if length == 0:
            return True
        at += length
    return True


def _answer_length(data: bytes) -> int:
    """Bytes of the first answer; 0 when it is not whole yet, -1 when it cannot become one."""
    if len(data) < HEADER_BYTES + 2:
        return 0
    transaction_id = int.from_bytes(data[0:2], "big")
    protocol_id = int.from_bytes(data[2:4], "big")
    length = LENGTH_OFFSET + int.from_bytes(data[4:6], "big")
    function, size = data[HEADER_BYTES], data[HEADER_BYTES + 1]
    if transaction_id == 0 or protocol_id != 0:
        return -1
    if function & ~EXCEPTION_BIT not in READ_FUNCTIONS:
        return -1
    expected = HEADER_BYTES + 2 + (0 if function & EXCEPTION_BIT else size)
    if length != expected or (not function & EXCEPTION_BIT and (size % 2 or size == 0)):
        return -1
    return length if len(data) >= length else 0
