"""Where messages end in the tests: a mail server and a gateway for texts, on this machine, by the real protocols."""

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


class MailSink:
    """Takes mail as its script says, and keeps what it has taken.

    `script` answers the next recipients and mails: each is taken off and used once; where none is left, all is taken.
    `hang_up` closes the connection behind the next mail instead of answering.
    """

    def __init__(self) -> None:
        self.recipients, self.mails = list[str](), list[str]()
        self.taken: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.sessions = set[int]()
        self.hang_up = False
        self.logins = list[str]()

    def clear(self) -> None:
        """Forget all."""
        self.__dict__.update(type(self)().__dict__)

    async def recipient(self, server: SMTP, session: Session, envelope: Envelope, address: str, _o: Any) -> str:
        """An answer to RCPT TO."""
        said = self.recipients.pop(0) if self.recipients else "250 OK"
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def mail(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """The answer to a whole mail."""
        if self.hang_up:
            self.hang_up = False
            server.transport.close()
            return "250 nobody hears this"
        said = self.mails.pop(0) if self.mails else "250 OK"
        if said.startswith("250"):
            self.taken.append(message_from_bytes(bytes(envelope.content or b""), policy=default))
            self.envelopes.append(envelope)
            self.sessions.add(id(session))
        return said

    def authenticate(self, *arguments: Any) -> AuthResult:
        """Any password but one."""
        given: LoginPassword = arguments[-1]
        self.logins.append(given.login.decode())
        return AuthResult(success=given.password != b"wrong", handled=False)


class _OnAnyPort(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(sink: MailSink, **options: Any) -> Iterator[int]:
    """The sink at work; its port."""
    handler = SimpleNamespace(handle_RCPT=sink.recipient, handle_DATA=sink.mail)
    running = _OnAnyPort(handler, hostname=HOST, port=0, **options)
    running.start()
    try:
        yield running.port
    finally:
        running.stop()


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for this machine alone, which is to be trusted, and a context that shows it."""
    key, moment = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*paths)
    return paths[0], context


class Gateway:
    """Takes texts; one that comes again under a key that it knows is not sent again.

    `script` holds what the next requests are answered, `(status, headers)`, or a function that is called instead.
    """

    def __init__(self) -> None:
        self.asked = list[tuple[str, dict[str, Any]]]()
        self.headers = list[dict[str, str]]()
        self.sent: dict[str, dict[str, Any]] = {}
        self.script: list[tuple[int, dict[str, str]] | Callable[[BaseHTTPRequestHandler], None]] = []

    def clear(self) -> None:
        """Forget all."""
        self.__dict__.update(type(self)().__dict__)

    def texts(self) -> list[str]:
        """What has been sent, in its order."""
        return [str(said["text"]) for said in self.sent.values()]


@contextmanager
def gateway_server(gateway: Gateway) -> Iterator[int]:
    """The gateway at work; its port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = self.headers["Idempotency-Key"]
            gateway.asked.append((key, body))
            gateway.headers.append(dict(self.headers))
            said = gateway.script.pop(0) if gateway.script else (202, {})
            if callable(said):
                said(self)
                return
            status, headers = said
            if status < 300:
                gateway.sent.setdefault(key, body)
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


Asked = tuple[str, dict[str, str], bytes]


class Sink:
    """Takes whatever is posted, and answers by its script: `(status, headers, body)`, or a function that answers."""

    def __init__(self) -> None:
        self.asked = list[Asked]()
        self.script: list[tuple[int, dict[str, str], bytes] | Callable[[BaseHTTPRequestHandler], None]] = []
        self.usual: Callable[[Asked], tuple[int, bytes]] = lambda _asked: (200, b"")

    def clear(self) -> None:
        """Forget all."""
        self.__dict__.update(type(self)().__dict__)

    def answer(self, *statuses: int, **headers: str) -> None:
        """Give these answers next."""
        self.script += [(status, headers, b"") for status in statuses]


@contextmanager
def http_sink(sink: Sink, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The sink at work; its port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            asked = (self.path, dict(self.headers), self.rfile.read(int(self.headers.get("Content-Length", 0))))
            sink.asked.append(asked)
            said = sink.script.pop(0) if sink.script else None
            if callable(said):
                said(self)
                return
            if said is None:
                usual = sink.usual(asked)
                said = usual[0], {}, usual[1]
            status, headers, body = said
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
