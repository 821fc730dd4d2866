"""A certificate authority of the site's own: for a LAN, where no public authority can look.

It is made at ``init``, cannot make further authorities (path length 0), and by its name constraints (RFC 5280, 4.2.1.10) vouches only for
the names it was made for, for names that exist only inside a LAN, and for private addresses: whoever installs it trusts it for nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from consentry.platform.durable import write_atomically
from consentry.platform.errors import KeyStoreError, SettingsError
from consentry.platform.keys.key_file import OWN_ONLY, read_guarded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = ["AUTHORITY_FILE", "Authority", "create_authority", "fingerprint", "issue", "open_authority", "permits_name"]

AUTHORITY_FILE = "authority.pem"
"""The authority's private key and certificate, in the folder ``tls`` of the keys."""

AUTHORITY_LIFE = timedelta(days=3650)
LEAF_LIFE = timedelta(days=90)

_BACKDATED = timedelta(hours=1)
"""Devices whose clock is a little slow accept a new certificate too."""

_LAN_SUFFIXES = ("localhost", "local", "lan", "internal", "home.arpa")
_PRIVATE_NETWORKS = tuple(
    ip_network(network)
    for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10")
)
_NAME_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority's certificate and, hidden, its key."""

    certificate: x509.Certificate
    key: EllipticCurvePrivateKey

    def __repr__(self) -> str:
        """Return whom it is, without its key."""
        return f"Authority({self.certificate.subject.rfc4514_string()})"


def create_authority(folder: Path, name: str, hosts: Sequence[str], now: datetime) -> Authority:
    """Make an authority for ``hosts`` (names and addresses) and write its key and certificate into ``folder``.

    ``name``: the site's, as people see it in their list of authorities.

    Raises:
        KeyStoreError: ``tls.authority-exists`` where there is one: devices that installed it would no longer trust the pages.
    """
    path = folder / AUTHORITY_FILE
    if path.exists():
        mend = "Keep it; to begin anew, move it away and install the new one on every device."
        raise KeyStoreError("tls.authority-exists", str(path), "there is an authority already", mend)
    key = generate_private_key(SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Consentry {name}"[:_NAME_LENGTH])])
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        _builder(subject, subject, key, now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints(_permitted(hosts), None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    write_atomically(path, _pem(key, certificate), mode=OWN_ONLY)
    return Authority(certificate, key)


def open_authority(folder: Path) -> Authority:
    """Return the authority whose key and certificate lie in ``folder``.

    Raises:
        KeyStoreError: Where the file is missing, exposed to others or damaged.
    """
    path = folder / AUTHORITY_FILE
    content = read_guarded(path)
    try:
        key = load_pem_private_key(content, password=None)
        certificate = x509.load_pem_x509_certificate(content)
    except ValueError:
        raise _damaged(path) from None
    if not isinstance(key, EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise _damaged(path)
    return Authority(certificate, key)


def issue(authority: Authority, hosts: Sequence[str], now: datetime) -> bytes:
    """Return a new key and a server certificate of the authority for ``hosts``, as one PEM text.

    Raises:
        SettingsError: ``tls.outside-authority`` where the authority may not vouch for one of them.
    """
    for host in hosts:
        if not permits_name(authority, host):
            mend = f"Take it out of [web] names, or move {AUTHORITY_FILE} away, run `consentry keys init` and install the new authority on every device."
            raise SettingsError("tls.outside-authority", host, "the local authority was not made for this name", mend)
    key = generate_private_key(SECP256R1())
    # No common name: clients take one for a host name, and then an address in it breaks the constraints.
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Consentry")])
    certificate = (
        _builder(subject, authority.certificate.subject, key, now, LEAF_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .sign(authority.key, SHA256())
    )
    return _pem(key, certificate) + authority.certificate.public_bytes(Encoding.PEM)


def permits_name(authority: Authority, host: str) -> bool:
    """Tell whether the authority's name constraints let it vouch for ``host``."""
    permitted = authority.certificate.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    name = _general_name(host)
    if isinstance(name, x509.IPAddress):
        address = ip_address(host)
        return any(isinstance(subtree, x509.IPAddress) and address in ip_network(str(subtree.value)) for subtree in permitted)
    return any(isinstance(subtree, x509.DNSName) and f".{host.lower()}".endswith(f".{subtree.value.lower()}") for subtree in permitted)


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate as devices show it: pairs of hexadecimal digits, with spaces between."""
    return certificate.fingerprint(SHA256()).hex(" ").upper()


def _builder(subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, now: datetime, life: timedelta) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return builder.serial_number(x509.random_serial_number()).not_valid_before(now - _BACKDATED).not_valid_after(now + life)


def _permitted(hosts: Iterable[str]) -> list[x509.GeneralName]:
    names = [_general_name(host) for host in hosts]
    own = [x509.IPAddress(ip_network(name.value)) if isinstance(name, x509.IPAddress) else name for name in names]
    return [*own, *(x509.DNSName(suffix) for suffix in _LAN_SUFFIXES), *(x509.IPAddress(network) for network in _PRIVATE_NETWORKS)]


def _general_name(host: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: EllipticCurvePrivateKey, certificate: x509.Certificate) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)


def _damaged(path: Path) -> KeyStoreError:
    return KeyStoreError("tls.authority-damaged", str(path), "it holds no key with its certificate", "Restore it from its copy, or make a new authority.")
