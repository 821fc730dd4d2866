"""What may enter the log, and what an entry looks like."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.ledger.model import Act, Entry
from consentry.ledger.rules.canonical import parse
from consentry.ledger.rules.clear_text import clear_text_in
from consentry.ledger.rules.entries import MAX_ENTRY_BYTES, check_act, entry_body, entry_document, milliseconds, read_entry
from consentry.platform.clock import SystemClock
from consentry.platform.errors import InputError, ProofError
from consentry.platform.ids import new_id

ACT = Act("staff:0190a136-8712-7123-8123-000000000000", "camera.started", "camera:door", "people-counting", "换了镜头", {"lines": 2})
ENTRY = Entry(7, datetime(2026, 3, 1, 12, 0, 0, 123_000, tzinfo=UTC), ACT)
PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(60)).decode()

PERSONAL = [
    ("13812345678", "a telephone number"),
    ("请打电话138 1234 5678谢谢", "a telephone number"),
    ("+86 138-1234-5678", "a telephone number"),
    ("0086 13812345678", "a telephone number"),
    ("call 010-62345678", "a telephone number"),
    ("+44 20 7946 0958", "a telephone number"),
    ("+1 (415) 555-0132", "a telephone number"),
    ("someone@example.org", "an e-mail address"),
    ("李雷@example.cn asked", "an e-mail address"),
    ("rtsp://user@camera.example.org/", "an e-mail address"),
    ("110101199003077758", "an identity number"),
    ("11010119900307775X", "an identity number"),
    ("data:image/png;base64,AAAA", "a picture"),
    (PICTURE, "a picture"),
    ("/9j/" + "4AAQSkZJRgABAQAAAQABAAD/2wBD", "a picture"),
    ("A" * 129, "an opaque block"),
]


@pytest.mark.parametrize(("text", "what"), PERSONAL)
def test_personal_data_in_clear_is_recognised(text: str, what: str) -> None:
    assert clear_text_in(text) in (what, "a picture")


@pytest.mark.parametrize(
    "text",
    [
        "camera:front-door-12",
        "2026-03-01T12:00:00.000Z",
        "a" * 64,
        "0f" * 64,
        "192.168.100.200",
        "shop/1a2b3c4d",
        "1772366400",
        "1772366400000",
        "换了镜头，重新校准",
        "rtsp://{secret}@10.0.0.7/stream".replace("{secret}@", ""),
        "settings 3f1c… applied, 12 cameras",
    ],
)
def test_what_the_log_is_for_is_let_in(text: str) -> None:
    assert clear_text_in(text) is None


def test_identifiers_never_look_like_telephone_numbers() -> None:
    now = SystemClock().now()
    assert [found for found in (new_id(now) for _ in range(20_000)) if clear_text_in(found)] == []
    assert clear_text_in("0190a136-8712-7123-8123-000000000000") is None


@pytest.mark.parametrize(
    ("details", "found"),
    [
        ({"contact": 13812345678}, True),
        ({"contacts": [8613812345678]}, True),
        ({"free_bytes": 13812345678}, False),
        ({"13812345678": 1}, True),
        ({"a": [{"b": "someone@example.org"}]}, True),
        ({"a": [None, True, 12, "x"]}, False),
    ],
)
def test_details_are_searched_to_the_bottom(details: Any, found: bool) -> None:  # noqa: ANN401 - JSON
    assert (clear_text_in(details) is not None) == found


@pytest.mark.parametrize(
    ("act", "field"), [(replace(ACT, reason="someone@example.org"), "reason"), (replace(ACT, object="someone@example.org"), "object")], ids=["reason", "object"]
)
def test_an_act_with_personal_data_is_refused_and_the_field_named(act: Act, field: str) -> None:
    with pytest.raises(InputError, match=field) as caught:
        check_act(act)
    assert caught.value.code == "ledger.clear-text"
    assert "someone" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"action": "started"},
        {"action": "Camera.Started"},
        {"action": "camera." + "x" * 64},
        {"actor": "root"},
        {"actor": "staff:li lei"},
        {"actor": "visitor:1"},
        {"object": ""},
        {"purpose": ""},
        {"object": "x" * 201},
        {"reason": "两行\n文字"},
        {"reason": "长" * 501},
    ],
    ids=str,
)
def test_a_malformed_or_oversized_act_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        check_act(replace(ACT, **change))
    assert caught.value.code == "ledger.entry"


def test_a_fraction_in_details_is_refused() -> None:
    act = replace(ACT, details={"coverage": 0.5})  # type: ignore[dict-item]
    check_act(act)
    with pytest.raises(InputError) as caught:
        entry_body(replace(ENTRY, act=act))
    assert caught.value.code == "ledger.not-json"


@pytest.mark.parametrize(("words", "refused"), [(1450, False), (1700, True)])
def test_an_entry_is_small(words: int, refused: bool) -> None:
    large = replace(ENTRY, act=replace(ACT, details={"words": ["word "] * words}))
    check_act(large.act)
    if refused:
        with pytest.raises(InputError) as caught:
            entry_body(large)
        assert caught.value.code == "ledger.entry"
    else:
        assert len(entry_body(large)) <= MAX_ENTRY_BYTES


def test_an_entry_is_read_back_as_it_was_written() -> None:
    check_act(ACT)
    assert read_entry(parse(entry_body(ENTRY))) == ENTRY


@given(st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1)), st.integers(-14, 14))  # noqa: DTZ001 - the zone is drawn apart
def test_an_instant_keeps_its_milliseconds_and_loses_its_zone(local: datetime, hours: int) -> None:
    at = milliseconds(local.replace(tzinfo=timezone(timedelta(hours=hours))))
    assert read_entry(entry_document(replace(ENTRY, at=at))).at == at
    assert timedelta(0) <= local.replace(tzinfo=timezone(timedelta(hours=hours))) - at < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "change",
    [
        {"index": -1},
        {"index": True},
        {"index": "7"},
        {"details": []},
        {"reason": None},
        {"at": "2026-03-01T12:00:00Z"},
        {"at": "2026-02-30T12:00:00.000Z"},
        {"at": "2026-03-01T12:00:60.000Z"},
        {"at": "\uff12026-03-01T12:00:00.000Z"},
        {"at": 5},
        {"extra": 1},
    ],
    ids=str,
)
def test_what_is_not_an_entry_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ProofError) as caught:
        read_entry({**entry_document(ENTRY), **change})
    assert caught.value.code == "proof.entry"


def test_a_missing_field_is_refused() -> None:
    document = dict(entry_document(ENTRY))
    del document["purpose"]
    with pytest.raises(ProofError, match="exactly the fields"):
        read_entry(document)
