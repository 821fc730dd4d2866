"""Passes: what is issued verifies at its place and moment, at their edges, and what must not be issued is refused."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as some

from consentry.access.model import AccessEvent, CredentialKind, Issuer
from consentry.access.passes import (
    STEP,
    FacePass,
    GuestPass,
    PhonePass,
    Place,
    Verified,
    issue_face_pass,
    issue_guest_pass,
    issue_phone_pass,
    phone_code,
    step_at,
    verify,
)
from consentry.platform.errors import InputError
from tests.access.proofs.house import DAY, NOW, SITE, holder_point, house, issuer, public_key
from tests.access.proofs.vectors import PATH, vectors

SECOND = timedelta(seconds=1)
HOME = house()
KEY = HOME.issuer
GATE = Place(SITE, "gate", (public_key(issuer(1, 6)), public_key(KEY)))
LATE, EARLY = AccessEvent.DENIED_CREDENTIAL_EXPIRED, AccessEvent.DENIED_CREDENTIAL_NOT_YET_ACTIVE


def test_a_telephone_proves_its_pass_once_a_step() -> None:
    step = step_at(NOW)
    until = datetime.fromtimestamp(30 * (step + 2), NOW.tzinfo)
    assert verify(HOME.phone_shown(), GATE, NOW) == Verified(CredentialKind.PHONE, "phone-1", f"phone/phone-1/gate/{step}", until)


def test_a_guest_pass_proves_itself_and_says_how_often_and_whether_the_host_is_asked() -> None:
    assert verify(HOME.guest_shown(), GATE, NOW) == Verified(CredentialKind.GUEST, "guest-1", uses=3)
    asked = issue_guest_pass(KEY, replace(HOME.guest, doors=("gate", "lobby"), uses=None, needs_host=True))
    assert verify(asked, GATE, NOW) == Verified(CredentialKind.GUEST, "guest-1", needs_host=True)


def test_an_admitted_face_proves_its_consent_once() -> None:
    expires = NOW + timedelta(seconds=10)
    at_once = datetime.fromtimestamp(int(expires.timestamp()), NOW.tzinfo)
    assert verify(HOME.face_shown("n1", expires), GATE, NOW) == Verified(CredentialKind.FACE, "consent-1", "face/n1", at_once, took=4 * SECOND)


@pytest.mark.parametrize(("steps", "fault"), [(-2, LATE), (-1, None), (0, None), (1, None), (2, EARLY)])
def test_the_step_of_now_and_its_neighbours_are_taken(steps: int, fault: AccessEvent | None) -> None:
    found = verify(HOME.phone_shown(step=step_at(NOW) + steps), GATE, NOW)
    assert (None if isinstance(found, Verified) else found) is fault


@pytest.mark.parametrize(("seconds", "fault"), [(-1, EARLY), (0, None), (59, None), (60, LATE)])
def test_a_pass_holds_from_its_first_second_until_before_its_last(seconds: int, fault: AccessEvent | None) -> None:
    guest = issue_guest_pass(KEY, replace(HOME.guest, valid_from=NOW, valid_until=NOW + timedelta(seconds=60)))
    found = verify(guest, GATE, NOW + timedelta(seconds=seconds))
    assert (None if isinstance(found, Verified) else found) is fault


@pytest.mark.parametrize(("seconds", "fault"), [(-31, EARLY), (-30, None), (9, None), (10, LATE)])
def test_a_face_holds_ten_seconds_and_the_clocks_may_differ_by_thirty(seconds: int, fault: AccessEvent | None) -> None:
    found = verify(HOME.face_shown(), GATE, NOW + timedelta(seconds=seconds))
    assert (None if isinstance(found, Verified) else found) is fault


def test_a_telephone_whose_pass_names_doors_opens_only_those() -> None:
    narrow = replace(HOME, phone=replace(HOME.phone, doors=("lobby",)))
    assert isinstance(verify(narrow.phone_shown("lobby"), replace(GATE, door="lobby"), NOW), Verified)
    assert verify(narrow.phone_shown("gate"), GATE, NOW) is AccessEvent.DENIED_POINT_NO_ACCESS_RIGHTS


@pytest.mark.parametrize("broken", ["", "AA==", "é", base64.b64encode(bytes(32)).decode(), "A" * 44])
def test_a_key_that_cannot_be_read_verifies_nothing(broken: str) -> None:
    found = verify(HOME.guest_shown(), Place(SITE, "gate", (Issuer(KEY.kid, broken),)), NOW)
    assert found is AccessEvent.DENIED_INCORRECT_AUTHENTICATION_FACTOR


def test_a_guest_pass_for_several_doors_is_issued_only_where_the_host_is_asked() -> None:
    with pytest.raises(InputError) as refused:
        issue_guest_pass(KEY, replace(HOME.guest, doors=("gate", "lobby")))
    assert refused.value.code == "pass.doors"


@pytest.mark.parametrize(
    "guest",
    [
        replace(HOME.guest, site="Home"),
        replace(HOME.guest, id=""),
        replace(HOME.guest, id="a.b"),
        replace(HOME.guest, doors=("ga te",)),
        replace(HOME.guest, doors=(), needs_host=True),
        replace(HOME.guest, doors=tuple(f"d{n}" for n in range(17)), needs_host=True),
        replace(HOME.guest, uses=0),
        replace(HOME.guest, valid_until=HOME.guest.valid_from),
    ],
)
def test_a_pass_that_no_door_could_read_is_not_issued(guest: GuestPass) -> None:
    with pytest.raises(InputError) as refused:
        issue_guest_pass(KEY, guest)
    assert refused.value.code == "pass.field"


@pytest.mark.parametrize(
    "face",
    [
        FacePass(SITE, "", "c", "n", SECOND, NOW),
        FacePass(SITE, "gate", "c", "", SECOND, NOW),
        FacePass(SITE, "gate", "c\n", "n", SECOND, NOW),
        FacePass(SITE, "gate", "c", "n", -SECOND, NOW),
        FacePass(SITE, "gate", "c", "n", 31 * SECOND, NOW),
    ],
)
def test_an_admission_that_no_door_could_read_is_not_issued(face: FacePass) -> None:
    with pytest.raises(InputError) as refused:
        issue_face_pass(KEY, face)
    assert refused.value.code == "pass.field"


@pytest.mark.parametrize("holder", [b"", bytes(65), b"\x04" + bytes(64), b"\x02" + holder_point(HOME.holder)[1:33]])
def test_a_telephone_gets_no_pass_for_what_is_no_point_of_its_curve(holder: bytes) -> None:
    with pytest.raises(InputError) as refused:
        issue_phone_pass(KEY, replace(HOME.phone, holder=holder))
    assert refused.value.code == "pass.holder"


@given(number=some.integers(1, 2**255), door=some.from_regex(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", fullmatch=True), ahead=some.integers(0, 10**9))
def test_whatever_telephone_door_and_moment_a_code_verifies_there_and_then(number: int, door: str, ahead: int) -> None:
    holder, now = derive_private_key(number, SECP256R1()), NOW + timedelta(seconds=ahead)
    phone = PhonePass(SITE, "p", holder_point(holder), now, now + DAY)
    code = phone_code(issue_phone_pass(KEY, phone), "p", holder, door, step_at(now))
    assert isinstance(verify(code, replace(GATE, door=door), now), Verified)
    assert not isinstance(verify(code, replace(GATE, door=door), now + 2 * STEP), Verified)


@given(some.text(max_size=120) | some.from_regex(r"C[PGF]1(\.[A-Za-z0-9_-]{0,90}){0,6}", fullmatch=True))
def test_no_text_makes_the_reader_of_codes_fail(text: str) -> None:
    assert isinstance(verify(text, GATE, NOW), AccessEvent)


def test_the_vectors_for_the_page_of_the_telephone_are_those_of_the_door() -> None:
    kept, made = json.loads(PATH.read_text(encoding="utf-8")), vectors()
    for document in (kept, made):
        for one in document["codes"]:
            place = Place(SITE, one["door"], (Issuer(**document["issuer"]),))
            assert isinstance(verify(one["code"], place, datetime.fromtimestamp(one["unix_ms"] / 1000, NOW.tzinfo)), Verified)
            del one["code"]
    assert kept == made


def test_the_signature_of_a_code_is_the_holders_over_pass_door_and_step() -> None:
    for one in json.loads(PATH.read_text(encoding="utf-8"))["codes"]:
        raw = base64.urlsafe_b64decode(one["code"].rsplit(".", 1)[1] + "==")
        secret = int.from_bytes(base64.urlsafe_b64decode(one["holder"]["d"] + "="), "big")
        pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        derive_private_key(secret, SECP256R1()).public_key().verify(pair, one["signed_text"].encode(), ECDSA(SHA256()))
        assert one["code"].split(".")[:3] == one["issued"].split(".")
