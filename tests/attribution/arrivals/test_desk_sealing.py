"""What waits on a desk's device: only the site opens it, whatever was changed is refused, and it is recorded like what was sent in clear."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consentry.attribution.desk_sealing import DeskSeal, SealedEntry, desk_seal, open_entry
from consentry.attribution.visiting import SignedEntry
from consentry.platform.errors import ProofError
from consentry.platform.keys import SiteKeys
from tests.attribution.arrivals.test_api import client, queue

if TYPE_CHECKING:
    from tests.attribution.arrivals.reception import Device, Reception

KEYS = SiteKeys(bytes(range(32)), "hall-1")
ENTRY = SignedEntry('{"counter":1,"phone":"+8613812345678"}', "c2lnbmF0dXJl")


def sealed(seal: DeskSeal, entry: SignedEntry = ENTRY) -> SealedEntry:
    """Encrypt an entry as the desk's page does, with HKDF (RFC 5869) written out."""
    site, own = base64.b64decode(seal.point), ec.generate_private_key(ec.SECP256R1())
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), site))
    extracted = hmac.digest(bytes(32), shared, hashlib.sha256)
    key = hmac.digest(extracted, b"consentry/desk-queue/v1" + point + site + b"\x01", hashlib.sha256)
    box = AESGCM(key).encrypt(bytes(12), json.dumps({"text": entry.text, "signature": entry.signature}).encode(), None)
    return SealedEntry(seal.epoch, base64.b64encode(point).decode(), base64.b64encode(box).decode())


def test_the_site_opens_what_was_encrypted_to_it_and_shows_none_of_it() -> None:
    made = sealed(desk_seal(KEYS))
    assert open_entry(KEYS, made) == ENTRY
    assert "13812345678" not in f"{made}{base64.b64decode(made.box)!r}"
    assert sealed(desk_seal(KEYS)).box != made.box


def test_what_was_encrypted_before_the_keys_were_rotated_still_opens() -> None:
    rotated = SiteKeys(bytes(32), "hall-1", 2, {1: bytes(range(32))})
    assert open_entry(rotated, sealed(desk_seal(KEYS))) == ENTRY
    assert desk_seal(rotated).point != desk_seal(KEYS).point


def changed(text: str) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[-1] ^= 1
    return base64.b64encode(raw).decode()


MADE = sealed(desk_seal(KEYS))


@pytest.mark.parametrize(
    "entry",
    [
        replace(MADE, box=changed(MADE.box)),
        replace(MADE, point=changed(MADE.point)),
        replace(MADE, point=sealed(desk_seal(KEYS)).point),
        replace(MADE, epoch=2),
        replace(MADE, box="no base64"),
        replace(MADE, point="AAAA"),
        replace(MADE, box=""),
        sealed(desk_seal(SiteKeys(bytes(range(32)), "hall-2"))),
        sealed(desk_seal(SiteKeys(bytes(32), "hall-1"))),
    ],
    ids=["box", "point", "another's point", "epoch", "text", "no point", "empty", "another site", "another root"],
)
def test_what_was_changed_or_is_for_another_site_is_refused(entry: SealedEntry) -> None:
    with pytest.raises(ProofError, match="not encrypted to this site"):
        open_entry(KEYS, entry)


def document(entry: SealedEntry) -> dict[str, object]:
    return {"epoch": entry.epoch, "point": entry.point, "box": entry.box}


def test_an_encrypted_queue_is_recorded_and_one_that_cannot_be_opened_keeps_no_other_back(reception: Reception, desk: Device) -> None:
    asks = client(reception)
    seal = DeskSeal(**asks.get(f"/public/desk/{desk.id}/seal").json())
    good = sealed(seal, desk.entry(phone="13812345678"))
    sent = {**queue(desk), "entries": [document(good), document(replace(good, box=changed(good.box)))]}
    outcomes = asks.post(f"/public/desk/{desk.id}/arrivals", json=sent).json()["outcomes"]
    assert [outcome["code"] for outcome in outcomes] == [None, "desk.signature"]
    again = asks.post(f"/public/desk/{desk.id}/arrivals", json={**sent, "entries": sent["entries"][:1]}).json()["outcomes"]
    assert [outcome["visit"] for outcome in again] == [outcomes[0]["visit"]]
    assert len(reception.visits()) == 1


def test_a_desk_that_is_none_gets_no_key(reception: Reception) -> None:
    assert client(reception).get("/public/desk/nowhere/seal").status_code == 404
