"""Real receivers of alarms on this machine: a mail server with STARTTLS and a web server, each with a certificate that tests trust."""

from __future__ import annotations

import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "127.0.0.1"


def certificate(folder: Path) -> Path:
    """Write a certificate for this machine with its key into one file and return it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
    made = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    plain = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "receiver.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + plain)
    return path


def server_context(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@dataclass
class MailBox:
    """What a mail server received, and how it answers."""

    port: int
    mails: list[bytes] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    accounts: list[tuple[str, str]] = field(default_factory=list)
    answer: str = "250 OK"

    async def handle_DATA(self, _: Any, session: Any, envelope: Any) -> str:  # noqa: ANN401, N802 - aiosmtpd's names and types
        self.mails.append(envelope.content)
        self.encrypted.append(session.ssl is not None)
        return self.answer

    def authenticate(self, _: Any, __: Any, ___: Any, ____: Any, login: Any) -> AuthResult:  # noqa: ANN401 - as above
        self.accounts.append((login.login.decode(), login.password.decode()))
        return AuthResult(success=login.password == b"mail secret")


@contextmanager
def mail_server(pem: Path | None, *, account: bool = False) -> Iterator[MailBox]:
    """Run a mail server; with a certificate it takes mail after STARTTLS only."""
    box = MailBox(free_port())
    protected: dict[str, Any] = {} if pem is None else {"tls_context": server_context(pem), "require_starttls": True}
    if account:
        protected |= {"authenticator": box.authenticate, "auth_required": True}
    controller = Controller(box, hostname=HOST, port=box.port, ready_timeout=60, **protected)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@dataclass
class Hook:
    """What a web server received, and how it answers: with each status in turn, the last one for ever."""

    port: int = 0
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=lambda: [204])
    location: str | None = None


@contextmanager
def web_server(pem: Path) -> Iterator[Hook]:
    """Run a web server over TLS that remembers what was posted to it."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.requests.append((self.path, dict(self.headers.items()), body))
            self.send_response(hook.answers.pop(0) if len(hook.answers) > 1 else hook.answers[0])
            if hook.location:
                self.send_header("Location", hook.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - as above

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer((HOST, 0), Handler) as server:
        server.socket = server_context(pem).wrap_socket(server.socket, server_side=True)
        hook.port = server.server_address[1]
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        try:
            yield hook
        finally:
            server.shutdown()
            serving.join()
