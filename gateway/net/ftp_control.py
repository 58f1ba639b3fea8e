"""The FTP commands that there are (RFC 959, 2428, 3659).

The one rule: a login is one grant. Who has none gets no further than the password.
"""

import asyncio
import logging
import os
from collections.abc import Coroutine
from pathlib import PurePosixPath
from typing import Any, BinaryIO, Final

import aioftp
from aioftp.common import Connection

from gateway.errors import FileRefused, FileTooLarge, NoRoomForFile, StorageFailed
from gateway.files.kinds import FIRMWARE, FTP, UPLOAD
from gateway.net.ftp_data import (
    CHUNK_BYTES,
    PEER_LEFT,
    chunks,
    connect_back,
    opened,
)
from gateway.net.ftp_paths import (
    ROOT,
    Address,
    folder_of,
    is_in_reach,
    path_of,
    read_eprt,
    read_port,
)
from gateway.net.ftp_patience import LOGIN_S, PatientServer
from gateway.ports import FileDoor, FileOffer, FileTicket
from gateway.runtime.log import facts

log = logging.getLogger(__name__)

MOST_LOGINS: Final = 3


class FtpControl(PatientServer):
    """What a client may say."""

    def __init__(self, door: FileDoor, login_s: float = LOGIN_S) -> None:
        super().__init__(login_s)
        self._door = door
        self.commands_mapping = {
            "user": self.user,
            "pass": self.pass_,
            "quit": self.quit,
            "syst": self.syst,
            "feat": self.feat,
            "opts": self.nothing,
            "noop": self.nothing,
            "allo": self.nothing,
            "stru": self.nothing,
            "mode": self.nothing,
            "type": self.type,
            "pwd": self.pwd,
            "cwd": self.cwd,
            "cdup": self.cdup,
            "pasv": self.pasv,
            "epsv": self.epsv,
            "port": self.port,
            "eprt": self.eprt,
            "rest": self.rest,
            "size": self.size,
            "retr": self.retr,
            "stor": self.stor,
            "appe": self.stor,
        }

    async def user(self, connection: Connection, rest: str) -> bool:
        """Any name is fine until the password comes."""
        del connection.logged
        connection.user = aioftp.User(rest)
        connection.current_directory = ROOT
        connection.response("331", "password required")
        return True

    async def pass_(self, connection: Connection, rest: str) -> bool:
        """The secret of a grant."""
        if not connection.future.user.done():
            connection.response("503", "no user")
            return True
        login = str(connection.user.login)
        ticket = self._door.admit(FTP, rest, connection.client_host, login)
        if ticket is None:
            tries = connection.tries + 1 if connection.future.tries.done() else 1
            connection.tries = tries
            connection.response("530", "not logged in")
            return tries < MOST_LOGINS
        connection.ticket = ticket
        connection.logged = True
        self.logged_in(connection)
        connection.response("230", "logged in")
        return True

    async def nothing(self, connection: Connection, rest: str) -> bool:
        """Commands that change nothing here."""
        connection.response("200", "ok")
        return True

    async def feat(self, connection: Connection, rest: str) -> bool:
        """RFC 2389."""
        connection.response("211", ["features", "EPRT", "EPSV", "REST STREAM", "SIZE", "end"], True)
        return True

    async def cwd(self, connection: Connection, rest: str | PurePosixPath) -> bool:
        """There are two folders: the root, and the one in the URL."""
        ticket = _ticket(connection)
        path = path_of(connection.current_directory, str(rest)) if ticket is not None else ROOT
        if ticket is None or path not in (ROOT, folder_of(ticket)):
            connection.response("550", "no such folder")
        else:
            connection.current_directory = path
            connection.response("250", "ok")
        return True

    async def cdup(self, connection: Connection, rest: str | PurePosixPath) -> bool:
        """To the root."""
        return await self.cwd(connection, "/")

    async def port(self, connection: Connection, rest: str) -> bool:
        """Active mode, IPv4."""
        return await self._connect_back(connection, read_port(rest))

    async def eprt(self, connection: Connection, rest: str) -> bool:
        """Active mode, any address family (RFC 2428)."""
        return await self._connect_back(connection, read_eprt(rest))

    async def size(self, connection: Connection, rest: str) -> bool:
        """RFC 3659 §4."""
        offer = self._offer(connection, rest)
        if offer is None:
            connection.response("550", "no such file")
        else:
            connection.response("213", str(offer.size_bytes))
        return True

    async def retr(self, connection: Connection, rest: str | PurePosixPath) -> bool:
        """Send the granted file."""
        offer = self._offer(connection, str(rest))
        begin = connection.restart_offset
        file = await asyncio.to_thread(_open, offer, begin) if offer is not None else None
        if offer is None or file is None:
            connection.response("550", "no such file")
            return True
        connection.response("150", "here it comes")
        self._work(connection, self._send(connection, offer, file, begin))
        return True

    async def stor(
        self, connection: Connection, rest: str | PurePosixPath, mode: str = "wb"
    ) -> bool:
        """Take a file, under any name."""
        ticket = _ticket(connection)
        path = path_of(connection.current_directory, str(rest)) if ticket is not None else ROOT
        if ticket is None or ticket.kind != UPLOAD or not is_in_reach(ticket, path):
            connection.response("550", "no such folder")
        elif connection.restart_offset:
            connection.response("554", "begin anew")
        else:
            connection.response("150", "let it come")
            self._work(connection, self._receive(connection, ticket, path.name))
        return True

    def _work(self, connection: Connection, work: Coroutine[Any, Any, None]) -> None:
        del connection.moving
        connection.extra_workers.add(asyncio.create_task(work))

    async def _send(
        self, connection: Connection, offer: FileOffer, file: BinaryIO, begin: int
    ) -> None:
        try:
            async with opened(connection) as stream:
                while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                    await stream.write(chunk)
        except PEER_LEFT:
            connection.response("426", "the data connection broke")
            return
        finally:
            await asyncio.to_thread(file.close)
        self._door.sent(offer, begin, offer.size_bytes)
        connection.response("226", "done")

    async def _receive(self, connection: Connection, ticket: FileTicket, name: str) -> None:
        try:
            async with opened(connection) as stream:
                await self._door.take(ticket, lambda: name, chunks(stream))
        except (FileRefused, StorageFailed) as exc:
            is_full = isinstance(exc, FileTooLarge | NoRoomForFile)
            told = facts(address=connection.client_host, reason=str(exc))
            log.warning("upload.refused", extra=told)
            connection.response("552" if is_full else "550", "not taken")
        except PEER_LEFT:
            log.info("upload.ended_early", extra=facts(address=connection.client_host))
            connection.response("426", "the data connection broke")
        else:
            connection.response("226", "done")

    def _offer(self, connection: Connection, rest: str) -> FileOffer | None:
        ticket = _ticket(connection)
        if ticket is None or ticket.kind != FIRMWARE:
            return None
        path = path_of(connection.current_directory, rest)
        return self._door.offer(ticket) if is_in_reach(ticket, path) else None

    async def _connect_back(self, connection: Connection, address: Address | None) -> bool:
        if _ticket(connection) is None:
            connection.response("530", "not logged in")
        else:
            connection.response(*await connect_back(connection, address))
        return True


def _ticket(connection: Connection) -> FileTicket | None:
    """Whose connection this is; None before the password."""
    if not connection.future.logged.done():
        return None
    ticket: FileTicket = connection.ticket
    return ticket


def _open(offer: FileOffer, begin: int) -> BinaryIO | None:
    """The file at ``begin``; None when it is gone, or no longer the one that was offered."""
    try:
        file = offer.path.open("rb")
    except OSError:
        return None
    if file.seek(0, os.SEEK_END) != offer.size_bytes or begin > offer.size_bytes:
        file.close()
        return None
    file.seek(begin)
    return file
