"""Where the server's certificate comes from. Each source says in which files it lies, and makes it anew when it is time."""

from __future__ import annotations

import hashlib
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cryptography import x509

from consentry.platform.durable import write_atomically
from consentry.platform.errors import KeyStoreError, SettingsError
from consentry.platform.keys.key_file import OWN_ONLY, read_guarded
from consentry.platform.tls.authority import issue, open_authority, permits_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = ["SERVER_FILE", "CertificateSource", "GivenFiles", "LocalAuthority", "ServerCertificate", "kept_certificate", "leaf_of", "local_hosts"]

SERVER_FILE = "server.pem"
"""Key and certificate that this program obtained, in the folder ``tls`` of the keys."""


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """The files of a certificate: ``chain`` and private ``key``, both PEM and maybe one file, and a SHA-256 over what is in them.

    It is to be made anew from ``renewal`` on and no longer good at ``ends``.
    """

    chain: Path
    key: Path
    digest: bytes
    renewal: datetime
    ends: datetime


class CertificateSource(Protocol):
    """Keeps a certificate good."""

    def current(self, now: datetime) -> ServerCertificate:
        """Return the certificate, renewed first where that is due.

        Raises:
            ConsentryError: Where there is none that can be used.
        """
        ...


@dataclass(frozen=True, slots=True)
class GivenFiles:
    """A certificate and a key that someone else renews; both are read again each time."""

    certificate: Path
    key: Path

    def current(self, now: datetime) -> ServerCertificate:
        """Return the files as they are now.

        Raises:
            KeyStoreError: Where the key is exposed to others or cannot be read.
            SettingsError: ``tls.certificate`` where the certificate cannot be read or is no longer valid.
        """
        try:
            chain = self.certificate.read_bytes()
            leaf = leaf_of(chain)
        except (OSError, ValueError) as error:
            raise SettingsError("tls.certificate", str(self.certificate), f"no certificate can be read: {error}", "Give a PEM file.") from error
        if leaf.not_valid_after_utc <= now:
            problem = f"the certificate ended on {leaf.not_valid_after_utc:%Y-%m-%d}"
            raise SettingsError("tls.certificate", str(self.certificate), problem, "Put a new one in its place.")
        return _described(self.certificate, self.key, leaf, chain + read_guarded(self.key))


def local_hosts() -> tuple[str, ...]:
    """Return what browsers may call this machine by without anybody having named it: its addresses, and itself."""
    return tuple(dict.fromkeys([*_addresses(), "localhost", "127.0.0.1", "::1"]))


@dataclass(frozen=True, slots=True)
class LocalAuthority:
    """Certificates of the site's own authority in ``folder``, kept in a file there.

    They are for ``names``, and for whatever ``machine`` returns that the authority may vouch for: an address that changed makes another.
    """

    folder: Path
    names: tuple[str, ...]
    machine: Callable[[], Sequence[str]] = local_hosts

    def current(self, now: datetime) -> ServerCertificate:
        """Return the certificate kept, or a new one where it is to be renewed or is for other names.

        Raises:
            KeyStoreError: Where the authority's key is missing, exposed to others or damaged.
            SettingsError: ``tls.outside-authority`` where the authority may not vouch for one of the names.
        """
        path = self.folder / SERVER_FILE
        authority = open_authority(self.folder)
        hosts = tuple(dict.fromkeys([*self.names, *(host for host in self.machine() if permits_name(authority, host))]))
        kept = kept_certificate(path, hosts)
        if kept is not None and now < kept.renewal:
            return kept
        made = issue(authority, hosts, now)
        write_atomically(path, made, mode=OWN_ONLY)
        return _described(path, path, leaf_of(made), made)


def kept_certificate(path: Path, hosts: Sequence[str]) -> ServerCertificate | None:
    """Return the key and certificate in one file where they are for exactly these hosts, otherwise None."""
    try:
        content = read_guarded(path)
        leaf = leaf_of(content)
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (KeyStoreError, ValueError, x509.ExtensionNotFound):
        return None
    return _described(path, path, leaf, content) if {str(name.value) for name in names} == set(hosts) else None


def _described(chain: Path, key: Path, leaf: x509.Certificate, content: bytes) -> ServerCertificate:
    ends = leaf.not_valid_after_utc
    # A third of its life before its end, as authorities advise: there is time for one that is away for days.
    renewal = ends - (ends - leaf.not_valid_before_utc) / 3
    return ServerCertificate(chain, key, hashlib.sha256(content).digest(), renewal, ends)


def leaf_of(pem: bytes) -> x509.Certificate:
    """Return the first certificate of a PEM text; raise ``ValueError`` where there is none."""
    return x509.load_pem_x509_certificates(pem)[0]


def _addresses() -> list[str]:
    """Return the addresses of this machine that others in its networks reach, without asking anyone."""
    try:
        found = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
    except OSError:
        found = []
    return [str(address[0]) for *_, address in found if "%" not in str(address[0])] + _outgoing_address()


def _outgoing_address() -> list[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Connecting a datagram socket sends nothing; it makes the system choose the address that it would send from.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return []
        return [probe.getsockname()[0]]
