"""``[upstream]``, ``[ocpp]`` and ``[web]``: whom we dial, and where we listen."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from gateway.config.configuration import read_configuration, read_models
from gateway.config.meters import HIGHEST_PORT, host_fault
from gateway.config.table import Table
from gateway.config.wording import quoted
from gateway.site.depot import OcppListener, UpstreamSite, WebListener

LONGEST_BACKOFF_S: Final = 3600.0
LONGEST_HEARTBEAT_S: Final = 86400
LONGEST_METER_VALUES_S: Final = 3600
LONGEST_BOOT_RETRY_S: Final = 86400
WILDCARDS: Final = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on
NOT_IN_PATHS: Final = '?#%\\"<>^`{|} '


def read_upstream(root: Table) -> UpstreamSite | None:
    """The cloud, or None when the file names none."""
    table = root.table("upstream")
    if "upstream" not in root:
        return None
    url = table.text("url", "the cloud's address, such as wss://cloud.example/ocpp")
    if url and (fault := url_fault(url)):
        table.problem("url", fault)
    backoff_max_s = table.number("backoff_max_s", "seconds", 1.0, LONGEST_BACKOFF_S, 60.0)
    table.close()
    return UpstreamSite(url.rstrip("/"), backoff_max_s)


def read_ocpp(root: Table) -> OcppListener:
    """Where charge points dial in, and what is wanted of all of them."""
    table = root.table("ocpp")
    usual = OcppListener()
    host = table.text("host", "the address to listen on", usual.host)
    if host and (fault := host_fault(host)):
        table.problem("host", fault)
    listener = OcppListener(
        host,
        table.whole("port", "a TCP port", 0, HIGHEST_PORT, usual.port),
        _path(table, usual.path),
        table.whole(
            "heartbeat_interval_s",
            "an interval",
            1,
            LONGEST_HEARTBEAT_S,
            usual.heartbeat_interval_s,
        ),
        table.flag("quiet", default=usual.quiet),
        table.whole(
            "meter_values_interval_s",
            "an interval",
            0,
            LONGEST_METER_VALUES_S,
            usual.meter_values_interval_s,
        ),
        table.flag("strict", default=usual.strict),
        table.choice("boot", usual.boot),
        table.whole("boot_retry_s", "an interval", 1, LONGEST_BOOT_RETRY_S, usual.boot_retry_s),
        read_configuration(root),
        read_models(root),
    )
    table.close()
    return listener


def read_web(root: Table, ocpp: OcppListener) -> WebListener:
    """Where the page listens. Notes a clash with ``ocpp``."""
    table = root.table("web")
    usual = WebListener()
    host = table.text("host", "the address to listen on", usual.host)
    if host and not is_loopback(host):
        table.problem(
            "host",
            f"{quoted(host)} can be reached from the network, and the page has no access control "
            'yet; write "127.0.0.1"',
        )
    port = table.whole("port", "a TCP port", 0, HIGHEST_PORT, usual.port)
    if port and port == ocpp.port and _overlap(host, ocpp.host):
        table.problem("port", f"{port} is taken by the charge points (ocpp.port); choose another")
    table.close()
    return WebListener(host, port)


def url_fault(url: str) -> str:
    """Why ``url`` cannot be the cloud's; empty when it can."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return f"{quoted(url)} is not an address"
    if parts.scheme not in ("ws", "wss"):
        return f"{quoted(url)} must begin with wss:// (or ws:// inside a private network)"
    if not host or host_fault(host):
        return f"{quoted(url)} names no host"
    if parts.username is not None or parts.password is not None:
        return "a password does not belong here; write it under the charge point's upstream"
    if parts.query or parts.fragment or url.endswith(("?", "#")) or " " in url:
        return f"{quoted(url)} must end with its path; the identity is added to it"
    return ""


def is_loopback(host: str) -> bool:
    """True when only this machine can reach ``host``."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _path(table: Table, usual: str) -> str:
    path = table.text("path", 'the path before the identity, such as "/ocpp"', usual)
    if not path:
        return usual
    wrong = [c for c in path if c in NOT_IN_PATHS or not c.isascii()]
    if wrong:
        table.problem("path", f"a path cannot hold {quoted(wrong[0])}")
    elif not path.startswith("/") or "//" in path or {".", ".."} & set(path.split("/")):
        table.problem("path", f'{quoted(path)} is not a path; write it as "/ocpp"')
    return path.rstrip("/")


def _overlap(host: str, other: str) -> bool:
    if host == other or other in WILDCARDS:
        return True
    return is_loopback(host) and other == "localhost"
