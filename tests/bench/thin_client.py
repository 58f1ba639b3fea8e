"""A charge point with next to nothing between the socket and the clock.

The thinner the client, the more of a measured time belongs to the server. Sockets block; text
frames are masked with zeros, which costs the server what any other mask costs.
"""

import socket
import time
from typing import Final

TEXT: Final = 0x81
PING: Final = 0x89
PONG: Final = 0x8A
CLOSE: Final = 0x88
NO_MASK: Final = b"\0\0\0\0"


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A whole masked client frame (RFC 6455 §5.2) of less than 64 KiB."""
    length = len(payload)
    if length < 126:
        return bytes((opcode, 0x80 | length)) + NO_MASK + payload
    return bytes((opcode, 0xFE)) + length.to_bytes(2, "big") + NO_MASK + payload


class ThinClient:
    """One connection to ``ws://127.0.0.1:port/ocpp/identity``."""

    def __init__(self, port: int, identity: str) -> None:
        self.identity = identity
        self._buffer = b""
        self._number = 0
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30.0)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._shake_hands(port)

    def prepare(self, action: str, payload: str) -> tuple[bytes, bytes]:
        """A CALL with the next id: that id, and the frame to send."""
        self._number += 1
        unique_id = f"{self.identity}-{self._number}"
        return unique_id.encode(), frame(f'[2,"{unique_id}","{action}",{payload}]'.encode())

    def call(self, action: str, payload: str) -> tuple[float, bytes]:
        """One CALL: the seconds until its CALLRESULT was here, and that CALLRESULT.

        Raises:
            ConnectionError: It was answered with a CALLERROR, or not within the socket's time-out.
        """
        unique_id, ready = self.prepare(action, payload)
        result, error = b'[3,"' + unique_id + b'"', b'[4,"' + unique_id + b'"'
        began_s = time.perf_counter()
        self.socket.sendall(ready)
        while True:
            messages = self.receive()
            took_s = time.perf_counter() - began_s
            for message in messages:
                if message.startswith(result):
                    return took_s, message
                if message.startswith(error):
                    raise ConnectionError(f"{action} was refused: {message!r}")

    def receive(self) -> list[bytes]:
        """What has come in, at least one chunk; pings are answered here."""
        chunk = self.socket.recv(65536)
        if not chunk:
            raise ConnectionError(f"{self.identity} was disconnected")
        self._buffer += chunk
        messages = []
        while (found := self._cut()) is not None:
            opcode, payload = found
            if opcode == TEXT:
                messages.append(payload)
            elif opcode == PING:
                self.socket.sendall(frame(payload, PONG))
            elif opcode == CLOSE:
                raise ConnectionError(f"{self.identity} was closed: {payload!r}")
        return messages

    def close(self) -> None:
        """Say goodbye and close."""
        self.socket.sendall(frame((1000).to_bytes(2, "big"), CLOSE))
        self.socket.close()

    def _cut(self) -> tuple[int, bytes] | None:
        data = self._buffer
        if len(data) < 2:
            return None
        head, length = 2, data[1]
        if length == 126:
            head, length = 4, int.from_bytes(data[2:4], "big")
        if len(data) < head + length:
            return None
        self._buffer = data[head + length :]
        return data[0], data[head : head + length]

    def _shake_hands(self, port: int) -> None:
        self.socket.sendall(
            f"GET /ocpp/{self.identity} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            "Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n".encode()
        )
        answer = b""
        while b"\r\n\r\n" not in answer:
            chunk = self.socket.recv(4096)
            if not chunk:
                break
            answer += chunk
        status, _, self._buffer = answer.partition(b"\r\n\r\n")
        if not status.startswith(b"HTTP/1.1 101 "):
            raise ConnectionError(f"{self.identity} was refused: {status!r}")
