"""What an FTP client's words mean: paths and addresses.

The one rule: no path of a client ever reaches the disk. There is the granted file, or any name in
the granted folder; nothing else exists.
"""

import ipaddress
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from gateway.files.kinds import FIRMWARE
from gateway.files.urls import ftp_path
from gateway.ports import FileTicket

ROOT: Final = PurePosixPath("/")
LOWEST_DATA_PORT: Final = 1024
HIGHEST_PORT: Final = 65535


class Address(NamedTuple):
    """Where a client wants its data."""

    host: str
    port: int


def path_of(folder: PurePosixPath, words: str) -> PurePosixPath:
    """The path that ``words`` mean in ``folder``, seen from the root, without ``..``."""
    path = ROOT
    for part in (folder / words).parts[1:]:
        path = path.parent if part == ".." else path / part
    return path


def folder_of(ticket: FileTicket) -> PurePosixPath:
    """The folder in the URL of the grant."""
    path = PurePosixPath(ftp_path(ticket.kind, ticket.name))
    return path.parent if ticket.kind == FIRMWARE else path


def is_in_reach(ticket: FileTicket, path: PurePosixPath) -> bool:
    """True for what the grant is for: the firmware file, or a new file in the folder."""
    if path == ROOT or path.parent not in (ROOT, folder_of(ticket)):
        return False
    return ticket.kind != FIRMWARE or path.name == ticket.name


def read_port(words: str) -> Address | None:
    """The argument of PORT (RFC 959 §4.1.2); None when it is none."""
    numbers = [int(n) if _is_number(n, 3) else 256 for n in words.strip().split(",")]
    if len(numbers) != 6 or max(numbers) > 255:
        return None
    return _usable(".".join(map(str, numbers[:4])), numbers[4] * 256 + numbers[5])


def read_eprt(words: str) -> Address | None:
    """The argument of EPRT (RFC 2428 §2); None when it is none."""
    parts = words.strip().split(words.strip()[:1] or "|")
    if len(parts) != 5 or not _is_number(parts[3], 5):
        return None
    return _usable(parts[2], int(parts[3]))


def is_same_host(host: str, other: str) -> bool:
    """True when both are the same IP address."""
    try:
        return ipaddress.ip_address(host) == ipaddress.ip_address(other)
    except ValueError:
        return False


def _usable(host: str, port: int) -> Address | None:
    return Address(host, port) if LOWEST_DATA_PORT <= port <= HIGHEST_PORT else None


def _is_number(text: str, digits: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= digits
