"""Certificates by ACME (RFC 8555) with the HTTP-01 challenge: the authority fetches a token from this machine over plain HTTP.

For that alone a small server answers on the challenge port while an order is open, and knows nothing but the tokens.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, cast

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from consentry import __version__
from consentry.platform.durable import write_atomically
from consentry.platform.errors import KeyStoreError, MissingPartError, SettingsError
from consentry.platform.keys.key_file import OWN_ONLY, read_guarded
from consentry.platform.tls.certificates import SERVER_FILE, ServerCertificate, kept_certificate

try:
    import requests.exceptions
    from acme import challenges, client, crypto_util, errors, messages
    from josepy.jwa import ES256
    from josepy.jwk import JWKEC
except ImportError as error:
    raise MissingPartError("tls.acme-missing", "[web.tls] mode", "ACME needs a package that is not installed", "pip install 'consentry[acme]'") from error

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from consentry.platform.settings.model import Acme, Web
    from consentry.platform.settings.store import Places

__all__ = ["AcmeCertificate"]

log = logging.getLogger(__name__)

_PATIENCE = timedelta(seconds=120)
_ACCOUNT_FILE = "acme-account.pem"
_RETRY = "It is tried again at the next start or within the hour."


@dataclass(frozen=True, slots=True)
class AcmeCertificate:
    """Certificates of the authority at ``acme.directory`` for ``hosts``; account key and certificate lie in ``folder``."""

    acme: Acme
    hosts: tuple[str, ...]
    folder: Path
    roots: Path | None

    @classmethod
    def of(cls, web: Web, acme: Acme, places: Places) -> AcmeCertificate:
        """Return the source that the settings describe."""
        return cls(acme, web.names, places.tls, places.file(acme.roots) if acme.roots else None)

    def current(self, now: datetime) -> ServerCertificate:
        """Return the certificate kept, or a new one where it is to be renewed or is for other names.

        Where no new one comes, the one kept serves until its end.

        Raises:
            SettingsError: ``tls.acme-refused`` where the authority gives none, ``tls.acme-port`` where its challenge cannot be answered.
            KeyStoreError: Where the account's key is exposed to others or damaged.
        """
        path = self.folder / SERVER_FILE
        kept = kept_certificate(path, self.hosts)
        if kept is not None and now < kept.renewal:
            return kept
        try:
            write_atomically(path, self._ordered(), mode=OWN_ONLY)
        except SettingsError as error:
            if kept is None or kept.ends <= now:
                raise
            log.warning("the certificate stays until %s: %s", kept.ends, error)
            return kept
        renewed = kept_certificate(path, self.hosts)
        if renewed is None:
            raise SettingsError("tls.acme-refused", self.acme.directory, "the certificate that came is for other names", _RETRY)
        return renewed

    def _ordered(self) -> bytes:
        try:
            return self._order()
        except (errors.Error, requests.exceptions.RequestException, ValueError) as error:
            raise SettingsError("tls.acme-refused", self.acme.directory, f"no certificate came: {_said(error)}", _RETRY) from error

    def _order(self) -> bytes:
        acme = self._client()
        key = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        order = acme.new_order(crypto_util.make_csr(key, list(self.hosts)))
        answers = {}
        pending = []
        for authorization in order.authorizations:
            if authorization.body.status != messages.STATUS_PENDING:
                continue  # the authority remembers that this name was proven lately
            challenge = _http_challenge(authorization.body)
            response, validation = challenge.response_and_validation(acme.net.key)
            answers[challenge.chall.path] = validation.encode()
            pending.append((challenge, response))
        with _answering(self.acme.challenge_port, answers):
            for challenge, response in pending:
                acme.answer_challenge(challenge, response)
            deadline = datetime.now() + _PATIENCE  # noqa: DTZ005 - the package compares with the local time
            finished = acme.poll_and_finalize(order, deadline)
        return key + finished.fullchain_pem.encode()

    def _client(self) -> client.ClientV2:
        # requests takes the path of the roots in the place of True.
        verified = cast("bool", str(self.roots)) if self.roots else True
        network = client.ClientNetwork(self._account_key(), alg=ES256, user_agent=f"consentry/{__version__}", verify_ssl=verified)
        acme = client.ClientV2(client.ClientV2.get_directory(self.acme.directory, network), network)
        registration = messages.NewRegistration.from_data(email=self.acme.contact, terms_of_service_agreed=self.acme.terms_agreed)
        try:
            acme.new_account(registration)
        except errors.ConflictError as known:
            acme.query_registration(messages.RegistrationResource(uri=known.location, body=messages.Registration()))
        return acme

    def _account_key(self) -> JWKEC:
        path = self.folder / _ACCOUNT_FILE
        if not path.exists():
            made = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            write_atomically(path, made, mode=OWN_ONLY)
        try:
            return JWKEC(key=load_pem_private_key(read_guarded(path), password=None))
        except ValueError:
            raise KeyStoreError("tls.acme-account", str(path), "it holds no private key", "Remove it; a new account is made.") from None


def _http_challenge(authorization: messages.Authorization) -> messages.ChallengeBody:
    for challenge in authorization.challenges:
        if isinstance(challenge.chall, challenges.HTTP01):
            return challenge
    raise errors.Error(f"the authority offers no HTTP-01 challenge for {authorization.identifier.value}")


def _said(error: Exception) -> str:
    """Return what an authority says about each name, or the error itself."""
    if isinstance(error, errors.ValidationError):
        failed = [f"{found.body.identifier.value}: {chall.error}" for found in error.failed_authzrs for chall in found.body.challenges if chall.error]
        return "; ".join(failed)
    return str(error)


@contextmanager
def _answering(port: int, answers: Mapping[str, bytes]) -> Iterator[None]:
    """Answer the paths in ``answers`` over plain HTTP for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            body = answers.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the standard library's signature
            """Log nothing: anyone may ask here."""

    try:
        server = ThreadingHTTPServer(("", port), Handler)
    except OSError as error:
        mend = "Free the port, let the web process open it (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE), or forward it to challenge_port."
        raise SettingsError("tls.acme-port", f"port {port}", f"the authority's challenge cannot be answered: {error.strerror}", mend) from error
    with server:
        thread = threading.Thread(target=server.serve_forever, name="acme-challenge", daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
