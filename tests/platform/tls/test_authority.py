"""The local authority: what it vouches for, checked by real handshakes of an independent client."""

from __future__ import annotations

import socket
import ssl
import stat
import subprocess
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from consentry.platform.errors import KeyStoreError, SettingsError
from consentry.platform.tls.authority import AUTHORITY_FILE, LEAF_LIFE, create_authority, issue, open_authority, permits_name
from consentry.platform.tls.certificates import GivenFiles, LocalAuthority, leaf_of, local_hosts
from consentry.platform.tls.server import ServerTls, server_context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from consentry.platform.tls.authority import Authority

NOW = datetime.now(UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "tls"
    found.mkdir(mode=0o700)
    return found


@pytest.fixture
def authority(folder: Path) -> Authority:
    return create_authority(folder, "Shop 1", ["counter.example.org", "203.0.113.7"], NOW)


@contextmanager
def serving(context: ssl.SSLContext) -> Iterator[int]:
    """Accept connections on loopback, shake hands and say hello, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True) as secure:
                    secure.sendall(b"hello")
            except OSError:
                connection.close()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(60)


def client(authority: Authority) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=authority.certificate.public_bytes(Encoding.PEM).decode())
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def greeting(context: ssl.SSLContext, port: int, host: str) -> tuple[bytes, str | None]:
    with socket.create_connection(("127.0.0.1", port), 60) as plain, context.wrap_socket(plain, server_hostname=host) as secure:
        return secure.recv(5), secure.version()


def foreign_leaf(authority: Authority, host: str) -> bytes:
    """Sign a certificate for ``host`` with the authority's stolen key, past its own check."""
    key = generate_private_key(SECP256R1())
    builder = x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(authority.certificate.subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(NOW - timedelta(hours=1)).not_valid_after(NOW + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=True)
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
    pem = builder.sign(authority.key, SHA256()).public_bytes(Encoding.PEM)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + pem


@pytest.mark.parametrize("host", ["counter.example.org", "203.0.113.7", "kiosk.local", "192.168.1.20", "fd00::5", "localhost"])
def test_a_browser_that_installed_the_authority_reaches_the_server(authority: Authority, folder: Path, host: str) -> None:
    tls = ServerTls(LocalAuthority(folder, (host,), tuple))
    tls.refresh(NOW)
    with serving(tls.context) as port:
        assert greeting(client(authority), port, host) == (b"hello", "TLSv1.3")


def test_a_browser_without_the_authority_refuses_the_server(authority: Authority, folder: Path) -> None:
    assert authority.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value == x509.BasicConstraints(ca=True, path_length=0)
    tls = ServerTls(LocalAuthority(folder, ("localhost",), tuple))
    tls.refresh(NOW)
    with serving(tls.context) as port, pytest.raises(ssl.SSLCertVerificationError):
        greeting(ssl.create_default_context(), port, "localhost")


def test_a_client_of_tls_1_2_is_refused(authority: Authority, folder: Path) -> None:
    tls = ServerTls(LocalAuthority(folder, ("localhost",), tuple))
    tls.refresh(NOW)
    old = client(authority)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with serving(tls.context) as port:
        with pytest.raises(ssl.SSLError, match=r"(?i)version|handshake"):
            greeting(old, port, "localhost")
        assert greeting(client(authority), port, "localhost")[1] == "TLSv1.3"


@pytest.mark.parametrize("host", ["example.com", "counter.example.com", "bank.example", "8.8.8.8", "local.example"])
def test_the_authority_vouches_for_nothing_outside_the_lan(authority: Authority, host: str) -> None:
    assert not permits_name(authority, host)
    with pytest.raises(SettingsError) as caught:
        issue(authority, [host], NOW)
    assert caught.value.code == "tls.outside-authority"


def test_clients_refuse_a_foreign_name_even_where_the_key_was_stolen(authority: Authority, tmp_path: Path) -> None:
    results = {}
    for host in ("bank.example", "kiosk.local"):
        context = server_context()
        file = tmp_path / f"{host}.pem"
        file.write_bytes(foreign_leaf(authority, host))
        context.load_cert_chain(file)
        with serving(context) as port:
            try:
                results[host] = greeting(client(authority), port, host)[0].decode()
            except ssl.SSLCertVerificationError as error:
                results[host] = error.verify_message
    assert results == {"bank.example": "permitted subtree violation", "kiosk.local": "hello"}


def test_openssl_agrees_with_the_chain_and_its_limits(authority: Authority, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "leaf.pem").write_bytes(issue(authority, ["counter.example.org"], NOW))
    (tmp_path / "root.pem").write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    verify = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", str(tmp_path / "root.pem"), str(tmp_path / "leaf.pem")]
    assert subprocess.run(verify, capture_output=True, text=True, check=True).stdout.endswith("OK\n")
    assert stat.S_IMODE((folder / AUTHORITY_FILE).stat().st_mode) == 0o600


def test_there_is_only_ever_one_authority(authority: Authority, folder: Path) -> None:
    with pytest.raises(KeyStoreError) as caught:
        create_authority(folder, "Other", [], NOW)
    assert caught.value.code == "tls.authority-exists"
    assert open_authority(folder).certificate == authority.certificate


def test_an_authority_shows_no_key(authority: Authority) -> None:
    assert repr(authority) == "Authority(CN=Consentry Shop 1)"


@pytest.mark.parametrize(
    ("content", "code"),
    [(None, "keys.missing"), (b"", "tls.authority-damaged"), (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "tls.authority-damaged")],
)
def test_a_damaged_authority_is_refused(folder: Path, content: bytes | None, code: str) -> None:
    if content is not None:
        (folder / AUTHORITY_FILE).touch(mode=0o600)
        (folder / AUTHORITY_FILE).write_bytes(content)
    with pytest.raises(KeyStoreError) as caught:
        open_authority(folder)
    assert caught.value.code == code


def test_the_certificate_is_renewed_a_month_before_its_end_and_served_to_new_connections(authority: Authority, folder: Path) -> None:
    tls = ServerTls(LocalAuthority(folder, ("localhost",), tuple))
    assert [tls.refresh(NOW), tls.refresh(NOW)] == [True, False]
    certificate = tls.source.current(NOW)
    last_good = certificate.renewal - timedelta(seconds=1)
    assert LEAF_LIFE / 3 - timedelta(hours=1) < certificate.ends - last_good < LEAF_LIFE / 3 + timedelta(hours=1)
    assert not tls.refresh(last_good)
    trusting = client(authority)
    with serving(tls.context) as port:
        serials = [served_serial(trusting, port)]
        assert tls.refresh(last_good + timedelta(seconds=2))
        serials.append(served_serial(trusting, port))
    assert serials[0] != serials[1] == leaf_of((folder / "server.pem").read_bytes()).serial_number


def served_serial(context: ssl.SSLContext, port: int) -> int:
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the renewed one is not valid yet by this machine's clock
    with socket.create_connection(("127.0.0.1", port), 60) as plain, context.wrap_socket(plain) as secure:
        return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True) or b"").serial_number


@pytest.mark.usefixtures("authority")
def test_the_addresses_of_the_machine_are_vouched_for_where_they_may_be(folder: Path) -> None:
    addresses = ["192.168.1.7", "198.51.100.9"]
    first = LocalAuthority(folder, ("a.local",), lambda: addresses).current(NOW)
    names = leaf_of(first.chain.read_bytes()).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in names] == ["a.local", "192.168.1.7"]
    addresses[0] = "192.168.1.8"
    assert LocalAuthority(folder, ("a.local",), lambda: addresses).current(NOW).digest != first.digest


def test_this_machine_can_always_be_called_by_itself() -> None:
    assert {"localhost", "127.0.0.1", "::1"} <= set(local_hosts())
    assert len(set(local_hosts())) == len(local_hosts())


@pytest.mark.usefixtures("authority")
def test_other_names_make_another_certificate(folder: Path) -> None:
    first, same, other = (LocalAuthority(folder, hosts, tuple).current(NOW).digest for hosts in (("a.local",), ("a.local",), ("a.local", "b.local")))
    assert first == same != other


def test_a_certificate_in_files_is_read_again_when_it_changes(authority: Authority, folder: Path) -> None:
    source = GivenFiles(folder / "chain.pem", folder / "key.pem")

    def put() -> None:
        key, mark, chain = issue(authority, ["localhost"], NOW).partition(b"-----BEGIN CERTIFICATE-----")
        source.certificate.write_bytes(mark + chain)
        source.key.touch(mode=0o600)
        source.key.write_bytes(key)

    put()
    tls = ServerTls(source)
    assert [tls.refresh(NOW), tls.refresh(NOW)] == [True, False]
    put()
    assert tls.refresh(NOW)
