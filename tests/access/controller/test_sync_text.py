"""The text of a report means one thing, and only its controller can have written it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from consentry.access.controller.sync_text import (
    GENESIS,
    LONGEST_TOOK_MS,
    DoorReport,
    Happening,
    SignedSync,
    Sync,
    chained,
    is_signed,
    read_sync,
    signed,
    sync_text,
)
from consentry.access.model import AccessEvent, ContactState, DoorEvent, DoorMode, ReaderKind
from consentry.platform.errors import InputError

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
FIRST = chained(GENESIS, Happening(1, NOON, AccessEvent.GRANTED, "gate", ReaderKind.CARD, "p1", "c1", (AccessEvent.DURESS,), 512, "o1"))
SECOND = chained(FIRST.hash, Happening(2, NOON + timedelta(milliseconds=7), DoorEvent.STARTED))
DOORS = {"gate": DoorReport(ContactState.OPEN, DoorMode.LOCKDOWN, {ReaderKind.CARD: True, ReaderKind.FACE: False})}
SYNC = Sync("main", NOON, 9, 4, 1, (FIRST, SECOND), DOORS, clock_jumped=True)

events = st.builds(
    Happening,
    st.integers(1, 2**53 - 1),
    st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)).map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=UTC)),  # noqa: DTZ001 - the zone follows
    st.sampled_from([*AccessEvent, *DoorEvent]),
    st.none() | st.sampled_from(["gate", "门"]),
    st.none() | st.sampled_from(ReaderKind),
    st.none() | st.just("p1"),
    st.none() | st.just("c1"),
    st.lists(st.sampled_from(AccessEvent), max_size=3).map(tuple),
    st.none() | st.integers(0, 10**6),
    st.none() | st.just("o1"),
)


def test_a_report_is_read_as_it_was_written() -> None:
    assert read_sync(sync_text(SYNC)) == SYNC


@given(event=events)
def test_every_event_is_read_as_it_was_written(event: Happening) -> None:
    sync = replace(SYNC, events=(chained(GENESIS, event),))
    assert read_sync(sync_text(sync)) == sync


def test_the_hash_is_that_of_the_hash_before_and_the_canonical_text_of_the_event() -> None:
    text = f'{{"at":{1782907200007},"kind":"started","seq":2}}'
    assert sha256(bytes.fromhex(FIRST.hash) + text.encode()).hexdigest() == SECOND.hash


def test_what_seems_to_have_taken_longer_than_an_hour_is_told_as_an_hour_and_refused_where_it_is_told_longer() -> None:
    event = Happening(1, NOON, AccessEvent.GRANTED, took_ms=2**40)
    assert event.took_ms == LONGEST_TOOK_MS
    text = sync_text(replace(SYNC, events=(chained(GENESIS, event),)))
    assert read_sync(text).events[0].event == event
    with pytest.raises(InputError):
        read_sync(text.replace(f'"took_ms":{LONGEST_TOOK_MS}', f'"took_ms":{LONGEST_TOOK_MS + 1}'))


def test_a_report_is_signed_by_its_controller_alone() -> None:
    said = signed(KEY, SYNC)
    own, other = KEY.public_key().public_bytes_raw(), Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    assert is_signed(said, own)
    assert not is_signed(said, other)
    assert not is_signed(SignedSync(said.text.replace("gate", "rear"), said.signature), own)
    assert not is_signed(SignedSync(said.text, "no base64"), own)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"counter":9', '"counter":-1'),
        ('"counter":9', '"counter":true'),
        ('"counter":9', '"counter":9,"extra":1'),
        ('"counter":9', '"counter": 9'),
        ('"kind":"granted"', '"kind":"opened-by-magic"'),
        ('"reader":"card"', '"reader":"key"'),
        ('"contact":"open"', '"contact":"ajar"'),
        ('"card":"ok"', '"card":"fine"'),
        ('"clock_jumped":true', '"clock_jumped":1'),
        ('"at":1782907200000', '"at":999999999999999'),
        (GENESIS, GENESIS[:-2]),
        (GENESIS, "G" * 64),
        ('"reports":["duress"]', '"reports":[]'),
        ('"person":"p1"', f'"person":"{"p" * 65}"'),
    ],
)
def test_anything_else_is_refused(old: str, new: str) -> None:
    text = sync_text(SYNC)
    assert old in text
    with pytest.raises(InputError) as refused:
        read_sync(text.replace(old, new))
    assert refused.value.code == "controller.sync"


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", "\ud800", "x" * 1_000_001, sync_text(replace(SYNC, events=(FIRST,) * 501))])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_sync(text)
