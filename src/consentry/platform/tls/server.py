"""TLS as the web process uses it: one context that is never replaced, whose certificate is."""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from consentry.platform.errors import SettingsError
from consentry.platform.settings.model import TlsMode
from consentry.platform.settings.rules import is_loopback
from consentry.platform.tls.certificates import GivenFiles, LocalAuthority

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.platform.settings.model import Settings
    from consentry.platform.settings.store import Places
    from consentry.platform.tls.certificates import CertificateSource, ServerCertificate

__all__ = ["ServerTls", "certificate_source", "open_tls", "server_context"]


def server_context() -> ssl.SSLContext:
    """Return a context that speaks TLS 1.3 and nothing older; it has no certificate yet."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["http/1.1"])
    return context


@dataclass(slots=True)
class ServerTls:
    """The server's side of TLS. New connections get the newest certificate; open ones go on with theirs."""

    source: CertificateSource
    context: ssl.SSLContext = field(default_factory=server_context)
    _loaded: bytes = field(default=b"", repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def refresh(self, now: datetime) -> bool:
        """Renew the certificate where that is due and tell whether another one is in force. A job calls this every hour.

        Raises:
            ConsentryError: Where there is no certificate that can be used; the one in force stays.
        """
        with self._lock:
            certificate = self.source.current(now)
            if certificate.digest == self._loaded:
                return False
            _load(self.context, certificate)
            self._loaded = certificate.digest
            return True


def open_tls(settings: Settings, places: Places, now: datetime) -> ServerTls | None:
    """Return TLS as the settings want it, with a certificate in force, or None for plain HTTP on loopback.

    Raises:
        SettingsError: ``settings.plain-http`` for plain HTTP elsewhere, or what is wrong with a certificate.
        KeyStoreError: What is wrong with a key.
    """
    source = certificate_source(settings, places)
    if source is None:
        return None
    tls = ServerTls(source)
    tls.refresh(now)
    return tls


def certificate_source(settings: Settings, places: Places) -> CertificateSource | None:
    """Return where the certificate comes from, or None for plain HTTP on loopback.

    Raises:
        SettingsError: ``settings.plain-http`` for plain HTTP elsewhere.
        MissingPartError: For ACME without its package.
    """
    web = settings.web
    if web.tls.mode is TlsMode.LOCAL_AUTHORITY:
        return LocalAuthority(places.tls, web.names)
    if web.tls.mode is TlsMode.FILES and web.tls.files is not None:
        return GivenFiles(places.file(web.tls.files.certificate), places.file(web.tls.files.key))
    if web.tls.mode is TlsMode.ACME and web.tls.acme is not None:
        from consentry.platform.tls.acme_order import AcmeCertificate  # noqa: PLC0415 - an optional part

        return AcmeCertificate.of(web, web.tls.acme, places)
    if not is_loopback(web.host):
        mend = 'Choose a mode in [web.tls], such as "local-authority", or listen on 127.0.0.1.'
        raise SettingsError("settings.plain-http", web.host, "plain HTTP could be read by others in the network", mend)
    return None


def _load(context: ssl.SSLContext, certificate: ServerCertificate) -> None:
    try:
        context.load_cert_chain(certificate.chain, certificate.key)
    except (OSError, ssl.SSLError) as error:
        problem = f"it cannot be used with its key: {error.strerror or error}"
        raise SettingsError("tls.certificate", str(certificate.chain), problem, "Give a certificate and the key that belongs to it.") from error
