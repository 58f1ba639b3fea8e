"""The URLs that charge points get, and by which protocol.

The one rule: a URL is short, plain ASCII without escapes, and ends with the file's own name:
charge points keep it in small buffers, and some look at the extension.
"""

from collections.abc import Collection
from ipaddress import IPv6Address, ip_address
from typing import Final

from gateway.files.grants import Grant
from gateway.files.kinds import FIRMWARE, FTP, HTTP

FETCH: Final = "f"
LEAVE: Final = "u"
"""First segments of the paths, HTTP and FTP."""


def choose_protocol(supported: Collection[str] | None, *, has_ftp: bool) -> str:
    """HTTP, or FTP where it is on and the charge point says that it knows nothing else.

    Args:
        supported: SupportedFileTransferProtocols in lower case; None when it is not known.
    """
    if has_ftp and supported is not None and HTTP not in supported and FTP in supported:
        return FTP
    return HTTP


def url_of(grant: Grant, host: str, http_port: int, ftp_port: int | None) -> str:
    """What a charge point gets that is to use ``grant``. FTP carries the secret as password."""
    if grant.protocol == FTP and ftp_port is not None:
        who, path = f"{grant.user}:{grant.token}@", ftp_path(grant.kind, grant.name)
        return f"ftp://{who}{_in_url(host)}:{ftp_port}{path}"
    path = http_path(grant.kind, grant.token, grant.name)
    return f"http://{_in_url(host)}:{http_port}{path}"


def http_path(kind: str, token: str, name: str) -> str:
    """The path of the file, or the one that a file may be left at or below."""
    return f"/{FETCH}/{token}/{name}" if kind == FIRMWARE else f"/{LEAVE}/{token}"


def ftp_path(kind: str, name: str) -> str:
    """As `http_path`, for somebody who logged in."""
    return f"/{FETCH}/{name}" if kind == FIRMWARE else f"/{LEAVE}"


def _in_url(host: str) -> str:
    """``host`` as URLs write it: IPv6 in brackets, without a zone; IPv4 never as IPv6."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped) if address.ipv4_mapped else f"[{address}]"
    return str(address)
