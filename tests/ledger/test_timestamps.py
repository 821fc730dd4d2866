"""Time stamps, from an authority that OpenSSL plays."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from consentry.ledger import service
from consentry.ledger.timestamps import stamp, verify_stamp
from consentry.platform.actors import operator
from consentry.platform.clock import SystemClock
from consentry.platform.errors import InputError, MissingPartError, ProofError
from tests.ledger.logs import fill_and_sign

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from consentry.platform.site import Site

ME = operator("one")
ADDRESS = "http://authority.example/tsa"
CONFIGURATION = """
[tsa]
default_tsa = stamp
[stamp]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[extensions]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


class Authority:
    """A time-stamping authority with a root of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "openssl.cnf").write_text(CONFIGURATION.format(folder=folder), encoding="ascii")
        (folder / "serial").write_text("01\n", encoding="ascii")
        new = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        usage = ("-addext", "keyUsage=critical,keyCertSign", "-addext", "basicConstraints=critical,CA:TRUE")
        self._openssl(*new, "-x509", "-days", "30", "-subj", "/CN=Test root", "-keyout", "root.key", "-out", "root.pem", *usage)
        self._openssl(*new, "-subj", "/CN=Test authority", "-keyout", "tsa.key", "-out", "tsa.csr")
        signed = ("-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "30")
        self._openssl("x509", "-req", "-in", "tsa.csr", *signed, "-extfile", "openssl.cnf", "-extensions", "extensions", "-out", "tsa.pem")

    @property
    def roots(self) -> bytes:
        """Return its root certificate."""
        return (self._folder / "root.pem").read_bytes()

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Stamp what a request asks for."""
        (self._folder / "query").write_bytes(request.content)
        self._openssl("ts", "-reply", "-config", "openssl.cnf", "-queryfile", "query", "-out", "reply")
        return httpx.Response(200, content=(self._folder / "reply").read_bytes())

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self._folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if not shutil.which("openssl"):
        pytest.fail("openssl is not installed (make system)")
    return Authority(tmp_path_factory.mktemp("authority"))


def client(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(answer))


def test_a_stamp_proves_when_a_checkpoint_existed(sqlite_site: Site, authority: Authority) -> None:
    fill_and_sign(sqlite_site, 3)
    before = SystemClock().now()
    text, token = stamp(sqlite_site, ME, ADDRESS, authority.roots, client(authority.answer))
    assert abs((verify_stamp(text, token, authority.roots) - before).total_seconds()) < 300
    report = service.audit(sqlite_site, ME)
    assert report.clean
    assert service.browse(sqlite_site, ME, action="ledger.attested").entries[0].entry


def test_a_stamp_of_another_checkpoint_is_refused(sqlite_site: Site, authority: Authority) -> None:
    text, token = stamp(sqlite_site, ME, ADDRESS, authority.roots, client(authority.answer))
    with pytest.raises(ProofError) as caught:
        verify_stamp(text.replace("shop", "mall"), token, authority.roots)
    assert caught.value.code == "timestamp.refused"


def test_a_stamp_of_an_unknown_authority_is_refused(sqlite_site: Site, authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path)
    with pytest.raises(ProofError):
        stamp(sqlite_site, ME, ADDRESS, other.roots, client(authority.answer))
    assert service.browse(sqlite_site, ME, action="ledger.attested").entries == ()


def test_a_replayed_answer_is_refused(sqlite_site: Site, authority: Authority) -> None:
    answers: list[httpx.Response] = []

    def replay(request: httpx.Request) -> httpx.Response:
        answers.append(authority.answer(request))
        return answers[0]

    stamp(sqlite_site, ME, ADDRESS, authority.roots, client(replay))
    with pytest.raises(ProofError):
        stamp(sqlite_site, ME, ADDRESS, authority.roots, client(replay))


def test_an_answer_to_another_request_is_refused(sqlite_site: Site, authority: Authority) -> None:
    text, token = stamp(sqlite_site, ME, ADDRESS, authority.roots, client(authority.answer))
    with pytest.raises(ProofError, match="Nonce"):
        verify_stamp(text, token, authority.roots, nonce=1)


def test_the_answer_is_checked_against_its_own_request(sqlite_site: Site, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr("consentry.ledger.timestamps.verify_stamp", lambda *_, nonce: asked.append(nonce))
    stamp(sqlite_site, ME, ADDRESS, authority.roots, client(authority.answer))
    assert isinstance(asked[0], int)


@pytest.mark.parametrize("answer", [httpx.Response(500), httpx.Response(200, content=b"no token"), httpx.Response(200, content=b"")])
def test_an_authority_that_answers_nonsense_is_named(sqlite_site: Site, authority: Authority, answer: httpx.Response) -> None:
    with pytest.raises(ProofError) as caught:
        stamp(sqlite_site, ME, ADDRESS, authority.roots, client(lambda _: answer))
    assert caught.value.code == "timestamp.refused"


def test_roots_must_be_certificates(sqlite_site: Site, authority: Authority) -> None:
    text, token = stamp(sqlite_site, ME, ADDRESS, authority.roots, client(authority.answer))
    with pytest.raises(InputError):
        verify_stamp(text, token, b"no certificate")


def test_without_the_optional_package_the_mend_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    with pytest.raises(MissingPartError, match="timestamp"):
        verify_stamp("", b"", b"")
