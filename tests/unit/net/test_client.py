"""We dial the cloud as a charge point would, and every failure is a sentence."""

import asyncio
import base64
import contextlib
import datetime
import ipaddress
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from gateway.errors import ChannelClosed, UpstreamOffline
from gateway.net.client import WebSocketDialler, endpoint
from gateway.ports import Channel

BOUND_S = 10.0
OCPP_1_6 = Subprotocol("ocpp1.6")


class Cloud:
    """Answers each message with itself; keeps the handshakes."""

    def __init__(self, status: int | None = None) -> None:
        self.requests: list[Request] = []
        self._status = status

    def check(self, connection: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        return None if self._status is None else connection.respond(self._status, "no\n")

    async def handle(self, connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)


def with_cloud(
    story: Callable[[str], Awaitable[None]],
    cloud: Cloud,
    subprotocols: list[Subprotocol] | None = None,
    tls: ssl.SSLContext | None = None,
) -> None:
    async def run() -> None:
        async with serve(
            cloud.handle,
            "127.0.0.1",
            0,
            process_request=cloud.check,
            subprotocols=subprotocols,
            ssl=tls,
        ) as server:
            port = server.sockets[0].getsockname()[1]
            await story(f"{'ws' if tls is None else 'wss'}://127.0.0.1:{port}/ocpp")

    asyncio.run(asyncio.wait_for(run(), BOUND_S))


async def failure(url: str, dialler: WebSocketDialler | None = None) -> str:
    with pytest.raises(UpstreamOffline) as caught:
        await (dialler or WebSocketDialler()).dial(url, "CP-1", b"sesame")
    return str(caught.value)


def test_messages_go_both_ways_until_it_is_closed() -> None:
    async def story(url: str) -> None:
        channel: Channel = await WebSocketDialler().dial(url, "CP-1", None)
        await channel.send("ä" * 9000)
        assert await channel.receive() == "ä" * 9000
        await channel.close()
        with pytest.raises(ChannelClosed):
            await channel.receive()

    with_cloud(story, Cloud(), [OCPP_1_6])


def test_the_handshake_carries_identity_credentials_subprotocol_and_compression() -> None:
    cloud = Cloud()
    password = bytes(range(160, 180))

    async def story(url: str) -> None:
        channel = await WebSocketDialler().dial(url + "/", "Tor 1/ö", password)
        await channel.close()

    with_cloud(story, cloud, [OCPP_1_6])
    request = cloud.requests[0]
    assert request.path == "/ocpp/Tor%201%2F%C3%B6"
    scheme, token = request.headers["Authorization"].split()
    assert (scheme, base64.b64decode(token)) == ("Basic", "Tor 1/ö:".encode() + password)
    assert request.headers["Sec-WebSocket-Protocol"] == "ocpp1.6"
    assert "permessage-deflate" in request.headers["Sec-WebSocket-Extensions"]


def test_without_a_password_no_credentials_are_sent() -> None:
    cloud = Cloud()

    async def story(url: str) -> None:
        channel = await WebSocketDialler().dial(url, "CP-1", None)
        await channel.close()

    with_cloud(story, cloud, [OCPP_1_6])
    assert "Authorization" not in cloud.requests[0].headers


def test_the_identity_goes_before_a_query() -> None:
    assert endpoint("wss://cloud/ocpp/?t=a/b", "CP 1") == "wss://cloud/ocpp/CP%201?t=a/b"
    assert endpoint("ws://cloud", "CP-1") == "ws://cloud/CP-1"


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "refused our identity or password (HTTP 401)"),
        (403, "refused our identity or password (HTTP 403)"),
        (404, "does not know this identity (HTTP 404)"),
        (503, "refused the WebSocket (HTTP 503)"),
    ],
)
def test_a_refusal_by_http_is_a_sentence(status: int, sentence: str) -> None:
    async def story(url: str) -> None:
        said = await failure(url)
        assert said.endswith(sentence)
        assert said.startswith("127.0.0.1:")

    with_cloud(story, Cloud(status), [OCPP_1_6])


def test_a_cloud_that_chooses_no_subprotocol_is_offline() -> None:
    async def story(url: str) -> None:
        assert "did not choose the subprotocol ocpp1.6" in await failure(url)

    with_cloud(story, Cloud())


def test_a_cloud_that_wants_another_subprotocol_is_offline() -> None:
    async def story(url: str) -> None:
        assert "HTTP 400" in await failure(url)

    with_cloud(story, Cloud(), [Subprotocol("ocpp2.0.1")])


def test_a_port_without_a_listener_is_a_sentence() -> None:
    async def run() -> str:
        server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        return await failure(f"ws://127.0.0.1:{port}")

    assert asyncio.run(run()).startswith("nothing listens on 127.0.0.1:")


@pytest.mark.parametrize("greeting", [b"", b"SSH-2.0-OpenSSH_9.2\r\n"])
def test_a_listener_that_is_no_web_server_is_a_sentence(greeting: bytes) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(greeting)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def run() -> str:
        async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
            return await failure(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    assert "closed the connection, or does not speak HTTP" in asyncio.run(run())


def test_a_name_that_nobody_has_is_a_sentence() -> None:
    said = asyncio.run(failure("ws://no-such-host.invalid:80/ocpp"))
    assert said.startswith("no host is called no-such-host.invalid (")


@pytest.mark.parametrize("url", ["http://cloud/ocpp", "cloud/ocpp", "ws://" + "a" * 70 + "/ocpp"])
def test_what_is_no_websocket_address_is_a_sentence(url: str) -> None:
    said = asyncio.run(failure(url))
    assert "is not a WebSocket URL" in said
    assert "sesame" not in said


def certificate(folder: Path) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "cloud of a test")])
    day = datetime.timedelta(days=1)
    now = datetime.datetime.now(datetime.UTC)
    loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([loopback]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "cloud.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(built.public_bytes(serialization.Encoding.PEM) + private)
    return file


def test_a_certificate_that_is_not_trusted_is_a_sentence(tmp_path: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate(tmp_path))

    async def story(url: str) -> None:
        dialler = WebSocketDialler()
        for _ in range(2):
            assert "has a certificate that is not trusted: self-signed" in await failure(
                url, dialler
            )

    with_cloud(story, Cloud(), [OCPP_1_6], tls)


def test_a_plain_listener_fails_in_tls_with_a_sentence() -> None:
    async def story(url: str) -> None:
        said = await failure(url.replace("ws://", "wss://"))
        assert "TLS" in said or "cannot be reached" in said

    with_cloud(story, Cloud(), [OCPP_1_6])


def test_a_trusted_certificate_opens_the_link(tmp_path: Path) -> None:
    file = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    trust = ssl.create_default_context(cafile=file)

    async def story(url: str) -> None:
        channel = await WebSocketDialler(trust).dial(url, "CP-1", None)
        await channel.send("hello")
        assert await channel.receive() == "hello"
        await channel.close()

    with_cloud(story, Cloud(), [OCPP_1_6], tls)
