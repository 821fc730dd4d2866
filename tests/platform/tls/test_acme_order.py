"""Certificates by ACME, from a real authority on this machine that validates for real."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from consentry.platform.errors import SettingsError
from consentry.platform.settings.model import Acme
from consentry.platform.tls.acme_order import AcmeCertificate
from consentry.platform.tls.certificates import leaf_of
from consentry.platform.tls.server import ServerTls
from tests.platform.tls.pebble import pebble
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.platform.tls.pebble import Pebble

NOW = datetime.now(UTC)
needs_pebble = pytest.mark.skipif(shutil.which("pebble") is None, reason="pebble is not installed (see requirements/debian.txt)")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pebble]:
    with pebble(tmp_path_factory.mktemp("acme") / "pebble") as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "tls"
    found.mkdir(mode=0o700)
    return found


def source(authority: Pebble, folder: Path, **changed: object) -> AcmeCertificate:
    given = {"directory": authority.directory, "contact": "it@example.org", "terms_agreed": True, "challenge_port": authority.challenge_port}
    return AcmeCertificate(Acme.model_validate({**given, **changed}), ("counter.example.org", "www.example.org"), folder, authority.roots)


@needs_pebble
def test_a_certificate_comes_for_every_name_and_serves(authority: Pebble, folder: Path) -> None:
    tls = ServerTls(source(authority, folder))
    assert tls.refresh(NOW)
    leaf = leaf_of(tls.source.current(NOW).chain.read_bytes())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    assert set(names) == {"counter.example.org", "www.example.org"}
    assert not tls.refresh(NOW)
    assert {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()} == {"server.pem": 0o600, "acme-account.pem": 0o600}


@needs_pebble
def test_an_account_that_is_known_orders_again(authority: Pebble, folder: Path) -> None:
    ordering = source(authority, folder)
    first = ordering.current(NOW)
    renewed = ordering.current(first.renewal)
    assert first.digest != renewed.digest
    assert leaf_of(renewed.chain.read_bytes()).serial_number


@needs_pebble
def test_while_the_authority_is_away_the_certificate_serves_until_its_end(authority: Pebble, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    first = source(authority, folder).current(NOW)
    away = source(authority, folder, directory=f"https://127.0.0.1:{free_port()}/dir")
    assert away.current(first.ends - timedelta(seconds=1)) == first
    assert "no certificate came" in caplog.text
    with pytest.raises(SettingsError, match="no certificate came"):
        away.current(first.ends)


@needs_pebble
def test_terms_not_agreed_to_give_no_certificate(authority: Pebble, folder: Path) -> None:
    with pytest.raises(SettingsError, match="terms") as caught:
        source(authority, folder, terms_agreed=False).current(NOW)
    assert caught.value.code == "tls.acme-refused"


@needs_pebble
def test_a_challenge_that_goes_elsewhere_is_reported_by_name(authority: Pebble, folder: Path) -> None:
    with pytest.raises(SettingsError, match=r"counter\.example\.org") as caught:
        source(authority, folder, challenge_port=free_port()).current(NOW)
    assert caught.value.code == "tls.acme-refused"
    assert [file.name for file in folder.iterdir()] == ["acme-account.pem"]


def test_an_authority_that_cannot_be_reached_is_reported(folder: Path) -> None:
    nobody = Acme(directory=f"https://127.0.0.1:{free_port()}/dir", contact="it@example.org", terms_agreed=True)
    with pytest.raises(SettingsError) as caught:
        AcmeCertificate(nobody, ("counter.example.org",), folder, None).current(NOW)
    assert caught.value.code == "tls.acme-refused"


def test_without_its_package_acme_says_what_to_install() -> None:
    code = "import sys\nsys.modules['acme'] = None\nimport consentry.platform.tls.acme_order"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MissingPartError" in ended.stderr
    assert "pip install 'consentry[acme]'" in ended.stderr
