"""Two verifiers, the package's and the single file's: both accept every honest file, both refuse every mutant."""

from __future__ import annotations

import importlib.util
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from consentry.ledger import service
from consentry.ledger.checkpoints import KEY_PURPOSE
from consentry.ledger.model import SignedNote, VerifierKey
from consentry.ledger.offline import Trust, check_agreement, verify_file
from consentry.ledger.rules.bundles import key_change_details
from consentry.ledger.rules.canonical import canonical
from consentry.ledger.rules.notes import COSIGNATURE, SIGNATURE, key_id, note_text, read_checkpoint, read_note, to_base64, verifier_key_text
from consentry.ledger.rules.receipt_code import from_code, to_code
from consentry.ledger.signatures import change_key, cosign_text, public_bytes, sign_text
from consentry.platform.actors import operator
from consentry.platform.errors import ProofError
from consentry.platform.keys import SiteKeys
from tests.ledger.logs import NOON, ROOT, fill_and_sign, sign_and_lose, site_on, with_keys
from tests.ledger.mutations import bit_flips, edited, rewritten, truncated, with_more_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from consentry.platform.database import Database
    from consentry.platform.site import Site

ME = operator("one")
SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "verify_receipt.py"
WITNESS = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
WITNESS_KEY = VerifierKey("auditor.example/shop", COSIGNATURE, public_bytes(WITNESS))
MUTANTS = 1000


def load_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_receipt", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["verify_receipt"] = module
    spec.loader.exec_module(module)
    return module


script = load_script()


def refused_by_package(data: bytes, trust: Trust) -> bool:
    try:
        verify_file(data, trust)
    except ProofError:
        return True
    return False


def refused_by_script(data: bytes, trust: Trust) -> bool:
    keys = [[script.Key(key.name, key.kind, key.public) for key in group] for group in (trust.logs, trust.witnesses)]
    try:
        script.verify(data, script.Trust(*keys, trust.quorum))
    except script.RefusedError:
        return True
    return False


def verdicts(data: bytes, trust: Trust) -> tuple[bool, bool]:
    """Return whether the package and the script refuse a file."""
    return refused_by_package(data, trust), refused_by_script(data, trust)


HONEST, REFUSED = (False, False), (True, True)


@pytest.fixture
def site(sqlite_database: Database) -> Site:
    """Return a site whose log has a changed key, a restore, and a co-signed newest checkpoint."""
    first = site_on(sqlite_database)
    fill_and_sign(first, 5, 8)
    renewed = with_keys(first, SiteKeys(bytes(32), "shop", 2, {1: ROOT}))
    fill_and_sign(renewed, 3)
    service.reopen(renewed, sign_and_lose(renewed, 4), "disk lost")
    fill_and_sign(renewed, 6)
    note = service.latest_checkpoint(renewed)
    assert note
    line = cosign_text(note.text, WITNESS_KEY.name, WITNESS, int(NOON.timestamp()))
    assert service.accept_cosignatures(renewed, ME, SignedNote(note.text, (*note.signatures, line)), [WITNESS_KEY]) == 1
    return renewed


@pytest.fixture
def trust(site: Site) -> Trust:
    """Return whom a reader relies on who pinned the first key, before it changed."""
    first = VerifierKey("shop", SIGNATURE, public_bytes(site.keys.signing_key(KEY_PURPOSE, epoch=1)))
    return Trust((first,), (WITNESS_KEY,), 1)


def honest_files(site: Site) -> list[bytes]:
    receipt = service.receipt(site, ME, 3).data
    bundle = service.receipts(site, ME, [0, 2, 9, 17, 22], since=[7]).data
    followed = service.consistency(site, ME, 0).data
    return [receipt, bundle, followed, to_code(receipt).encode(), to_code(receipt).encode() + b"\n"]


def test_both_verifiers_accept_every_honest_file(site: Site, trust: Trust) -> None:
    assert [verdicts(data, trust) for data in honest_files(site)] == [HONEST] * 5


def test_both_verifiers_accept_a_checkpoint_signed_by_a_pinned_key(site: Site, trust: Trust) -> None:
    note = service.latest_checkpoint(site)
    assert note
    data = note_text(note).encode()
    assert verdicts(data, Trust((service.log_key(site),), trust.witnesses, 1)) == HONEST
    assert verdicts(data, trust) == REFUSED, "a checkpoint alone does not carry the change of key"


def test_every_entry_of_the_log_can_be_proven_to_both(site: Site, trust: Trust) -> None:
    assert {verdicts(service.receipt(site, ME, index).data, trust) for index in range(28)} == {HONEST}


def test_the_newest_key_may_be_pinned_as_well_as_the_first(site: Site) -> None:
    data = service.receipt(site, ME, 3).data
    assert verdicts(data, Trust((service.log_key(site),))) == HONEST


def re_sealed(document: dict[str, Any], site: Site) -> bytes:
    """Return a changed document with a right seal: what only the log's own key could make, so that the claims inside are put to the test."""
    body = {name: value for name, value in document.items() if name != "seal"}
    seal = site.keys.signing_key(KEY_PURPOSE).sign(b"consentry-evidence/1\x00" + canonical(body))
    return canonical({**body, "seal": to_base64(seal)})


def foreign(data: bytes, chance: random.Random, site: Site) -> Iterator[bytes]:
    """Yield bundles of other origins, and of other signers."""
    text = data.decode()
    origin = json.loads(data)["checkpoint"].split("\n", 1)[0]
    for other in ("shop/00000000", "mall/" + origin[-8:], "shop", "/" + origin[-8:], origin + "0"):
        yield text.replace(origin, other).encode()
        yield re_sealed(json.loads(text.replace(origin, other)), site)
    stranger = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
    body = {name: value for name, value in json.loads(data).items() if name != "seal"}
    yield canonical({**body, "seal": to_base64(stranger.sign(b"consentry-evidence/1\x00" + canonical(body)))})


def mutants(site: Site) -> Iterator[bytes]:
    chance = random.Random(20260301)  # noqa: S311 - chance of a test
    for data in (service.receipts(site, ME, [3, 9, 17], since=[7]).data, service.receipt(site, ME, 3).data, service.consistency(site, ME, 0).data):
        yield from bit_flips(data, chance, 150)
        yield from truncated(data, chance, 20)
        yield from with_more_bytes(data, chance, 30)
        yield from rewritten(data, chance)
        yield from (canonical(document) for document in edited(data, chance, 200))
        yield from foreign(data, chance, site)


@pytest.mark.slow
def test_both_verifiers_refuse_a_thousand_mutants(site: Site, trust: Trust) -> None:
    found = list(mutants(site))
    assert len(set(found)) >= MUTANTS
    assert [data for data in found if verdicts(data, trust) != REFUSED] == []


def _means_nothing(document: dict[str, Any], original: dict[str, Any]) -> bool:
    """Say whether a re-sealed document still claims only what is true: something was left out, or put in another order."""
    if document["checkpoint"] != original["checkpoint"] or document["format"] != original["format"]:
        return False
    return all(item in original[name] for name in ("entries", "earlier", "key_changes") for item in document[name])


@pytest.mark.slow
def test_what_the_log_itself_seals_must_still_be_true(site: Site, trust: Trust) -> None:
    original = service.receipts(site, ME, [3, 9, 17], since=[7]).data
    chance = random.Random(7)  # noqa: S311 - chance of a test
    wrong = [document for document in edited(original, chance, 300) if "checkpoint" not in document or not _all_listed(document, original)]
    assert len(wrong) > 150
    assert [document for document in wrong if verdicts(re_sealed(document, site), trust) != REFUSED] == []


def _all_listed(document: dict[str, Any], original: bytes) -> bool:
    whole = set(document) == set(json.loads(original)) and all(isinstance(document[name], list) for name in ("entries", "earlier", "key_changes"))
    return whole and _means_nothing(document, json.loads(original))


def forged_with(document: dict[str, Any], key: Ed25519PrivateKey, **changes: object) -> bytes:
    """Return a document with changes, its checkpoint signed and the whole sealed by ``key``."""
    text = str(changes.pop("text", read_note(document["checkpoint"]).text))
    note = SignedNote(text, (sign_text(text, text.split("\n", 1)[0], key),))
    body: Any = {name: value for name, value in {**document, "checkpoint": note_text(note), **changes}.items() if name != "seal"}
    return canonical({**body, "seal": to_base64(key.sign(b"consentry-evidence/1\x00" + canonical(body)))})


@pytest.mark.parametrize("signer", ["new key alone", "nobody"])
def test_a_key_that_the_old_one_did_not_introduce_signs_for_nobody(site: Site, trust: Trust, signer: str) -> None:
    thief = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
    document = json.loads(service.receipt(site, ME, 3).data)
    change = change_key("shop", thief, thief)
    forged = {**key_change_details(change), "old": to_base64(trust.logs[0].public)}
    if signer == "nobody":
        forged["signed_by_new"] = to_base64(bytes(64))
    assert verdicts(forged_with(document, thief, key_changes=[forged]), trust) == REFUSED
    assert verdicts(forged_with(document, thief, key_changes=[]), trust) == REFUSED
    own = site.keys.signing_key(KEY_PURPOSE)
    assert verdicts(forged_with(document, own), Trust(trust.logs)) == HONEST, "the forger's tools themselves are right"


def test_one_damaged_line_of_a_pinned_key_spoils_a_checkpoint(site: Site, trust: Trust) -> None:
    document = json.loads(service.receipt(site, ME, 3).data)
    origin = document["checkpoint"].split("\n", 1)[0]
    older = VerifierKey(origin, SIGNATURE, trust.logs[0].public)
    spoiled = document["checkpoint"] + f"— {origin} {to_base64(key_id(older) + bytes(64))}\n"
    assert verdicts(re_sealed({**document, "checkpoint": spoiled}, site), trust) == REFUSED


@pytest.mark.parametrize("origin", ["shop/00000000", "shop/ffffffff"])
def test_a_log_does_not_continue_another_one_without_a_restore_that_says_so(site: Site, trust: Trust, origin: str) -> None:
    document = json.loads(service.receipts(site, ME, [3], since=[7]).data)
    past = document["earlier"][0]
    _, size, root, *_ = past["checkpoint"].split("\n")
    text = f"{origin}\n{size}\n{root}\n"
    other = SignedNote(text, (sign_text(text, origin, site.keys.signing_key(KEY_PURPOSE)),))
    moved = {**document, "earlier": [{**past, "checkpoint": note_text(other)}]}
    assert verdicts(re_sealed(moved, site), trust) == REFUSED
    assert verdicts(re_sealed(document, site), trust) == HONEST


@pytest.mark.parametrize("count", [300])
def test_a_damaged_code_is_refused_or_still_the_same_receipt(site: Site, trust: Trust, count: int) -> None:
    receipt = service.receipt(site, ME, 3).data
    code = to_code(receipt).encode()
    chance = random.Random(5)  # noqa: S311 - chance of a test
    for data in (*bit_flips(code, chance, count), *truncated(code, chance, 50), *with_more_bytes(code, chance, 50)):
        outcome = verdicts(data, trust)
        assert outcome == REFUSED or (outcome == HONEST and from_code(data.decode().rstrip("\r\n")) == receipt)


@given(st.binary(max_size=300))
def test_a_code_holds_any_bytes(data: bytes) -> None:
    assert from_code(to_code(data)) == data


def test_a_checkpoint_with_a_damaged_line_is_refused(site: Site, trust: Trust) -> None:
    note = service.latest_checkpoint(site)
    assert note
    data = note_text(note).encode()
    chance = random.Random(3)  # noqa: S311 - chance of a test
    found = {verdicts(mutant, Trust((*trust.logs, service.log_key(site)), trust.witnesses, 1)) for mutant in bit_flips(data, chance, 200)}
    assert found == {REFUSED}


@pytest.mark.parametrize(
    ("logs", "witnesses", "quorum"),
    [
        ((), (), 0),
        ((VerifierKey("mall", SIGNATURE, bytes(32)),), (), 0),
        ((VerifierKey("shop", SIGNATURE, public_bytes(WITNESS)),), (), 0),
        (None, (), 1),
        (None, (WITNESS_KEY,), 2),
        (None, (WITNESS_KEY, WITNESS_KEY), 2),
        (None, (VerifierKey(WITNESS_KEY.name, COSIGNATURE, bytes(32)),), 1),
    ],
)
def test_whom_the_reader_does_not_rely_on_proves_nothing(
    site: Site, trust: Trust, logs: tuple[VerifierKey, ...] | None, witnesses: tuple[VerifierKey, ...], quorum: int
) -> None:
    data = service.receipt(site, ME, 3).data
    assert verdicts(data, Trust(trust.logs if logs is None else logs, witnesses, quorum)) == REFUSED


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff\xfe", b"CONSENTRY1:", b"CONSENTRY1:AAA", b"hello\n", b"{" * 5000, b"\n\n\n"])
def test_what_is_no_evidence_is_refused(trust: Trust, data: bytes) -> None:
    assert verdicts(data, trust) == REFUSED


def test_two_checkpoints_of_one_size_and_different_roots_are_a_fork(site: Site) -> None:
    note = service.latest_checkpoint(site)
    assert note
    here = read_checkpoint(note.text)
    there = type(here)(here.origin, here.size, bytes(32))
    check_agreement([here, here])
    with pytest.raises(ProofError) as caught:
        check_agreement([here, there])
    assert caught.value.code == "proof.fork"


def test_the_script_verifies_with_nothing_but_python(site: Site, trust: Trust, tmp_path: Path) -> None:
    good, bad = tmp_path / "receipt.json", tmp_path / "altered.json"
    good.write_bytes(service.receipt(site, ME, 3).data)
    bad.write_bytes(good.read_bytes().replace(b"camera.started", b"camera.stopped"))
    keys = ["--key", verifier_key_text(trust.logs[0]), "--witness", verifier_key_text(WITNESS_KEY), "--quorum", "1"]
    command = [sys.executable, "-I", "-S", str(SCRIPT), *keys]
    run = subprocess.run([*command, str(good)], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert "proven: 3" in run.stdout
    run = subprocess.run([*command, str(good), str(bad)], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "REFUSED" in run.stdout.splitlines()[1]
    run = subprocess.run([*command, str(tmp_path / "none.json"), str(tmp_path)], capture_output=True, text=True, check=False)
    assert (run.returncode, [line.split()[0] for line in run.stdout.splitlines()]) == (1, ["UNREAD", "UNREAD"]), "nothing is said against what was not read"
    run = subprocess.run([*command[:4], "--key", "nonsense", str(good)], capture_output=True, text=True, check=False)
    assert (run.returncode, "give each key as the site published it" in run.stderr) == (2, True)


@pytest.mark.parametrize(
    ("public", "message", "signature"),
    [  # RFC 8032, 7.1
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ],
)
def test_the_scripts_signatures_are_those_of_the_rfc(public: str, message: str, signature: str) -> None:
    key, text, sealed = (bytes.fromhex(value) for value in (public, message, signature))
    assert script.is_signature(key, sealed, text)
    assert not script.is_signature(key, sealed, text + b"x")
    doubled = (int.from_bytes(sealed[32:], "little") + script.ORDER).to_bytes(32, "little")
    assert not script.is_signature(key, sealed[:32] + doubled, text), "the scalar must be below the order of the group"


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=64), st.integers(0, 511))
def test_the_scripts_signatures_agree_with_the_library(seed: bytes, message: bytes, bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    signature = key.sign(message)
    assert script.is_signature(public_bytes(key), signature, message)
    flipped = (int.from_bytes(signature, "big") ^ 1 << bit).to_bytes(64, "big")
    assert not script.is_signature(public_bytes(key), flipped, message)


def test_notes_are_read_back_as_they_were_written(site: Site) -> None:
    note = service.latest_checkpoint(site)
    assert note
    assert read_note(note_text(note)) == note
