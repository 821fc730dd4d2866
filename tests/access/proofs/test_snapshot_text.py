"""A snapshot as text: what is written is read again, whole; what the server did not sign for this controller is not read at all."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as some

from consentry.access.model import (
    AntiPassback,
    Credential,
    CredentialKind,
    CredentialState,
    Door,
    DoorMode,
    EntryDigits,
    Holiday,
    PassbackMode,
    Person,
    Policy,
    ReaderKind,
    Schedule,
    Snapshot,
    Span,
)
from consentry.access.pass_text import base64url
from consentry.access.snapshot_text import read_snapshot, write_snapshot
from consentry.platform.errors import ProofError
from tests.access.proofs.house import NOW, SITE, house

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
PLAIN = house().compiled.snapshot
Document = dict[str, Any]

times = some.none() | some.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=some.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
names = some.text(some.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
people_of = some.lists(
    some.builds(
        Person,
        id=names,
        groups=some.lists(names, max_size=2).map(tuple),
        valid_from=times,
        valid_until=times,
        suspended=some.booleans(),
        host=some.none() | names,
        passback_exempt=some.booleans(),
        longer_release=some.booleans(),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda person: person.id,
)


@some.composite
def snapshots(draw: some.DrawFn) -> Snapshot:
    """Draw a snapshot with any people and credentials."""
    people = tuple(draw(people_of))
    optional = some.none() | names
    held = some.builds(
        Credential,
        id=names,
        person=some.sampled_from([person.id for person in people]),
        kind=some.sampled_from(CredentialKind),
        mark=names,
        state=some.sampled_from(CredentialState),
        valid_from=times,
        valid_until=times,
        number=optional,
        salt=optional,
        duress=optional,
        doors=some.none() | some.lists(names, max_size=2).map(tuple),
        uses=some.none() | some.integers(0, 99),
        needs_host=some.booleans(),
    )
    credentials = tuple(draw(some.lists(held, max_size=5, unique_by=lambda one: one.id)))
    revoked = tuple(draw(some.lists(names, max_size=2)))
    entry = draw(some.builds(EntryDigits, some.none() | some.integers(1, 12), some.none() | some.integers(6, 12)))
    return replace(PLAIN, number=draw(some.integers(0, 2**40)), people=people, credentials=credentials, revoked=revoked, entry=entry)


def read(text: str, public_key: bytes = PUBLIC) -> Snapshot:
    return read_snapshot(text, public_key, site=SITE, controller="main")


def changed(change: Callable[[Document], object]) -> str:
    """Return a snapshot that the server signed after something in it was changed."""
    document = json.loads(write_snapshot(PLAIN, KEY).partition("\n")[2])
    change(document)
    body = json.dumps(document).encode()
    return f"CS1.{base64url(KEY.sign(b'consentry/snapshot/v1' + bytes([10]) + body))}\n{body.decode()}"


@given(snapshots())
def test_what_is_written_is_read_again(snapshot: Snapshot) -> None:
    assert read(write_snapshot(snapshot, KEY)) == snapshot


def test_a_whole_policy_is_written_and_read_again() -> None:
    week = ((Span(480, 1080),),) * 5 + ((), ())
    door = Door("gate", (ReaderKind.CARD, ReaderKind.FACE), delay_s={ReaderKind.FACE: 1.5}, first_card="day", first_card_groups=("staff",), two_people_s=8)
    policy = Policy(
        4,
        "Asia/Shanghai",
        (door,),
        (Schedule("day", week, {"feast": (Span(0, 60),)}),),
        (Holiday(date(2026, 10, 1), "feast"),),
        PLAIN.policy.rules[:1],
        {"inside": PassbackMode(AntiPassback.TIMED, timedelta(minutes=10))},
    )
    snapshot = replace(PLAIN, policy=policy, modes={"gate": DoorMode.LOCKDOWN})
    assert read(write_snapshot(snapshot, KEY)) == snapshot


def test_one_snapshot_has_one_text() -> None:
    assert write_snapshot(PLAIN, KEY) == write_snapshot(replace(PLAIN), KEY)


@given(some.data())
def test_a_text_in_which_anything_was_changed_is_not_read(data: some.DataObject) -> None:
    text = write_snapshot(PLAIN, KEY)
    place = data.draw(some.integers(0, len(text) - 1))
    sign = data.draw(some.characters().filter(lambda sign: sign != text[place]))
    with pytest.raises(ProofError) as refused:
        read(text[:place] + sign + text[place + 1 :])
    assert refused.value.code == "snapshot.signature"


@pytest.mark.parametrize("text", ["", "\n", "CS1.", "CS1.\n{}", "CS1.é\n{}", "{}", "CS1." + "A" * 86 + "\n{}", write_snapshot(PLAIN, KEY)[:-1], "\ud800"])
def test_what_is_no_signed_snapshot_is_not_read(text: str) -> None:
    with pytest.raises(ProofError) as refused:
        read(text)
    assert refused.value.code == "snapshot.signature"


@pytest.mark.parametrize("key", [b"", bytes(31), Ed25519PrivateKey.from_private_bytes(b"o" * 32).public_key().public_bytes_raw()])
def test_a_snapshot_of_another_server_is_not_read(key: bytes) -> None:
    with pytest.raises(ProofError) as refused:
        read(write_snapshot(PLAIN, KEY), key)
    assert refused.value.code == "snapshot.signature"


@pytest.mark.parametrize(("site", "controller"), [("other", "main"), (SITE, "north")])
def test_a_snapshot_for_another_controller_or_site_is_not_read(site: str, controller: str) -> None:
    with pytest.raises(ProofError) as refused:
        read_snapshot(write_snapshot(PLAIN, KEY), PUBLIC, site=site, controller=controller)
    assert refused.value.code == "snapshot.other"


def test_an_expired_snapshot_is_read_for_the_rules_to_refuse() -> None:
    old = replace(PLAIN, expires=NOW - timedelta(days=99))
    assert read(write_snapshot(old, KEY)).expires == old.expires


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(v=2),
        lambda document: document.pop("people"),
        lambda document: document.update(number="7"),
        lambda document: document.update(number=True),
        lambda document: document.update(issued=None),
        lambda document: document.update(expires=10**30),
        lambda document: document.update(policy={}),
        lambda document: document.update(issuers=[[1]]),
        lambda document: document.update(issuers=[["1", "AA=="]]),
        lambda document: document.update(issuers=[[1, None]]),
        lambda document: document.update(modes={"gate": "open"}),
        lambda document: document.update(modes=[]),
        lambda document: document.update(revoked="card"),
        lambda document: document.update(revoked=[1]),
        lambda document: document.pop("entry"),
        lambda document: document.update(entry=[5]),
        lambda document: document.update(entry=["5", 6]),
        lambda document: document["people"].update(id=["a", "a"]),
        lambda document: document["people"].update(id=[1, 2]),
        lambda document: document["people"].update(suspended=[0, 0]),
        lambda document: document["people"].update(groups=[0, 99]),
        lambda document: document["people"].update(groups=[0, -1]),
        lambda document: document["people"].update(sets=[[1], [2]]),
        lambda document: document["people"].update(sets=[None, []]),
        lambda document: document["people"].pop("host"),
        lambda document: document["credentials"]["kind"].pop(),
        lambda document: document["credentials"].update(kind=["key"] * 6),
        lambda document: document["credentials"].update(state=["open"] * 6),
        lambda document: document["credentials"].update(person=[7] * 6),
        lambda document: document["credentials"].update(mark=[None] * 6),
        lambda document: document["credentials"].update(uses=[True] * 6),
        lambda document: document["credentials"].update(host=[None] * 6),
        lambda document: document["credentials"].update(until=["never"] * 6),
        lambda document: document["credentials"].update(sets=[[None], [None]]),
    ],
)
def test_what_was_signed_and_cannot_be_read_is_refused(change: Callable[[Document], object]) -> None:
    with pytest.raises(ProofError) as refused:
        read(changed(change))
    assert refused.value.code == "snapshot.text"
