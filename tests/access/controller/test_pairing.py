"""A device becomes a controller: what the server answers is for it alone, and what it keeps is for nobody else."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from consentry.access.controller.identity import load_identity
from consentry.access.controller.pairing import begin_pairing, complete_pairing, pairing_request, waiting_keys
from consentry.access.controller.sealing import open_secret, seal_secret
from consentry.platform.errors import ConsentryError

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.access.controller.pairing import PairingKeys

SECRET = bytes(range(32))
SERVER = Ed25519PrivateKey.generate().public_key().public_bytes_raw()


def answer(keys: PairingKeys, **changed: object) -> dict[str, Any]:
    """Answer as the server does."""
    request = pairing_request(keys, "CODE")
    sealed = seal_secret(base64.b64decode(request["exchange_key"]), "main", SECRET)
    told = {"controller": "main", "site": "tower", "snapshot_key": base64.b64encode(SERVER).decode(), "secret": {"point": sealed.point, "box": sealed.box}}
    return told | changed


def test_a_device_keeps_what_its_pairing_made_of_it_and_signs_with_the_key_it_showed(tmp_path: Path) -> None:
    keys = begin_pairing(tmp_path / "door")
    complete_pairing(tmp_path / "door", keys, answer(keys))
    kept = load_identity(tmp_path / "door")
    assert (kept.controller, kept.site, kept.snapshot_key, kept.secrets.secret) == ("main", "tower", SERVER, SECRET)
    assert base64.b64encode(kept.signing.public_key().public_bytes_raw()).decode() == pairing_request(keys, "CODE")["signing_key"]


def test_what_it_keeps_is_for_nobody_else_to_read(tmp_path: Path) -> None:
    data = tmp_path / "door"
    complete_pairing(data, begin_pairing(data), answer(waiting_keys(data)))
    assert {file.name: file.stat().st_mode & 0o077 for file in data.iterdir()} == {"identity.json": 0}
    assert data.stat().st_mode & 0o077 == 0


def test_without_a_network_the_answer_may_come_days_later(tmp_path: Path) -> None:
    begun = begin_pairing(tmp_path)
    assert complete_pairing(tmp_path, waiting_keys(tmp_path), answer(begun)).secrets.secret == SECRET


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"controller": "other"}, "access.secret"),
        ({"snapshot_key": "AAAA"}, "door.pairing-answer"),
        ({"secret": {"point": "", "box": "AAAA"}}, "door.pairing-answer"),
        ({"secret": {"point": "AAAA", "box": "AAAA"}}, "access.secret"),
        ({"site": None}, "door.pairing-answer"),
        ({"secret": "none"}, "door.pairing-answer"),
    ],
)
def test_an_answer_that_is_none_makes_nothing_of_a_device(tmp_path: Path, changed: dict[str, object], code: str) -> None:
    keys = begin_pairing(tmp_path)
    with pytest.raises(ConsentryError) as refused:
        complete_pairing(tmp_path, keys, answer(keys, **changed))
    assert refused.value.code == code
    with pytest.raises(ConsentryError, match="no paired controller"):
        load_identity(tmp_path)


def test_an_answer_to_another_device_is_refused(tmp_path: Path) -> None:
    keys = begin_pairing(tmp_path)
    with pytest.raises(ConsentryError) as refused:
        complete_pairing(tmp_path, keys, answer(begin_pairing(tmp_path / "other")))
    assert refused.value.code == "access.secret"


def test_a_controller_is_not_made_another_one(tmp_path: Path) -> None:
    complete_pairing(tmp_path, begin_pairing(tmp_path), answer(waiting_keys(tmp_path)))
    with pytest.raises(ConsentryError) as refused:
        complete_pairing(tmp_path, begin_pairing(tmp_path), answer(waiting_keys(tmp_path)))
    assert refused.value.code == "door.paired"


@pytest.mark.parametrize(("harm", "problem"), [("open", "others may read it"), ("cut", "cannot be read"), ("empty", "cannot be read")])
def test_an_identity_that_others_saw_or_that_is_damaged_is_refused(tmp_path: Path, harm: str, problem: str) -> None:
    complete_pairing(tmp_path, begin_pairing(tmp_path), answer(waiting_keys(tmp_path)))
    file = tmp_path / "identity.json"
    if harm == "open":
        file.chmod(0o640)
    elif harm == "cut":
        file.write_bytes(file.read_bytes()[:-20])
    else:
        file.write_text(json.dumps({"controller": "main"}))
    with pytest.raises(ConsentryError, match=problem):
        load_identity(tmp_path)


def test_no_pairing_waits_where_none_was_begun(tmp_path: Path) -> None:
    with pytest.raises(ConsentryError) as refused:
        waiting_keys(tmp_path)
    assert refused.value.code == "door.no-pairing"


def test_a_secret_opens_only_with_the_key_and_for_the_controller_that_it_was_sealed_to() -> None:
    private = X25519PrivateKey.generate()
    sealed = seal_secret(private.public_key().public_bytes_raw(), "main", SECRET)
    assert open_secret(private, "main", sealed) == SECRET
    for key, controller in [(X25519PrivateKey.generate(), "main"), (private, "side")]:
        with pytest.raises(ConsentryError) as refused:
            open_secret(key, controller, sealed)
        assert refused.value.code == "access.secret"


def test_a_key_that_agrees_on_nothing_is_refused() -> None:
    with pytest.raises(ConsentryError) as refused:
        seal_secret(bytes(32), "main", SECRET)
    assert refused.value.code == "access.exchange-key"
