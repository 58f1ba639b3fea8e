"""``[files]``: where charge points fetch firmware and leave diagnostics, and how much of it."""

from typing import Final

from gateway.config.meters import HIGHEST_PORT, host_fault
from gateway.config.network import WILDCARDS, is_loopback
from gateway.config.table import Table
from gateway.site.depot import FileListener, OcppListener, WebListener

MB: Final = 1024 * 1024
MOST_MB: Final = 1024 * 1024
LONGEST_KEPT_DAYS: Final = 3650


def read_files(root: Table, ocpp: OcppListener, web: WebListener) -> FileListener | None:
    """Where files are served; None without the table. Notes clashes of ports."""
    table = root.table("files")
    if "files" not in root:
        return None
    usual = FileListener()
    host = table.text("host", "the address to listen on", usual.host)
    public_host = table.text("public_host", "the name or address of this box", "") or None
    for key, value in (("host", host), ("public_host", public_host)):
        if value and (fault := host_fault(value)):
            table.problem(key, fault)
    listener = FileListener(
        host,
        table.whole("port", "a TCP port", 0, HIGHEST_PORT, usual.port),
        _ftp_port(table),
        public_host,
        table.whole("max_file_mb", "a size in MB", 1, MOST_MB, usual.max_file_bytes // MB) * MB,
        table.whole("quota_mb", "a size in MB", 1, MOST_MB, usual.quota_bytes // MB) * MB,
        table.whole("keep_days", "a number of days", 1, LONGEST_KEPT_DAYS, usual.keep_days),
    )
    if listener.max_file_bytes > listener.quota_bytes:
        table.problem("max_file_mb", "is more than all files together may have (quota_mb)")
    _note_clashes(table, listener, ocpp, web)
    table.close()
    return listener


def _ftp_port(table: Table) -> int | None:
    if "ftp_port" not in table:
        table.raw("ftp_port")
        return None
    return table.whole("ftp_port", "a TCP port", 0, HIGHEST_PORT, 0)


def _note_clashes(table: Table, files: FileListener, ocpp: OcppListener, web: WebListener) -> None:
    taken = [("ocpp.port", ocpp.host, ocpp.port), ("web.port", web.host, web.port)]
    for key, port in (("port", files.port), ("ftp_port", files.ftp_port)):
        for owner, host, number in taken:
            if port and port == number and _overlap(files.host, host):
                table.problem(key, f"{port} is taken already ({owner}); choose another")
        taken.append(("files.port", files.host, files.port))


def _overlap(host: str, other: str) -> bool:
    if host == other or host in WILDCARDS or other in WILDCARDS:
        return True
    return is_loopback(host) and is_loopback(other)
