"""What the pages say of events, of differences, of who is inside, and which events their filters mean."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from consentry.access.happenings import EventFilter, Unknown, UnknownKind
from consentry.access.model import AccessEvent, AntiPassback, CredentialKind, CredentialState, DoorEvent, PassbackMode, Schedule, Span
from consentry.access.page.events import KINDS, before_of, wanted_events
from consentry.access.page.held import next_states
from consentry.access.page.inside import unknown_words
from consentry.access.page.people import person_standing
from consentry.access.page.policy_diff import Alike, alike, door_change_words, stretch_words
from consentry.access.page.policy_times import week_words
from consentry.access.page.terms import terms_of, validity_of, validity_words
from consentry.access.page.words import event_meaning, event_tone, event_words
from consentry.access.register import PersonKind, PersonTerms, PersonView
from consentry.access.rules.compare import Change, DoorChange, DoorTerms, Stretch
from consentry.console.answers import Answers
from consentry.platform.errors import InputError
from tests.access.pages.conftest import speaking

if TYPE_CHECKING:
    from consentry.access.register import CredentialView
    from consentry.console.screen import Screen

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
DAY = timedelta(days=1)
OFFICE, ALL_DAY = Span(480, 1080), Span(0, 1440)
REFUSALS = [kind for kind in AccessEvent if kind.startswith("denied-")]


@pytest.mark.parametrize("kind", REFUSALS)
def test_every_refusal_is_said_and_explained_in_both_languages(kind: AccessEvent, english: Screen, chinese: Screen) -> None:
    assert event_words(english, kind).startswith("refused")
    assert event_words(chinese, kind).startswith("拒绝")
    assert min(len(event_meaning(english, kind)), 3 * len(event_meaning(chinese, kind))) > 20
    assert event_tone(kind) == "warn"


@pytest.mark.parametrize(
    ("kind", "tone"),
    [
        (AccessEvent.GRANTED, "good"),
        (AccessEvent.DURESS, "bad"),
        (DoorEvent.FORCED_OPEN, "bad"),
        (DoorEvent.FIRE, "bad"),
        (DoorEvent.OPEN_TOO_LONG, "warn"),
        (AccessEvent.PASSBACK_DETECTED, "warn"),
        (DoorEvent.CLOSED, "plain"),
    ],
)
def test_a_tone_says_whether_somebody_has_to_look(kind: str, tone: str) -> None:
    assert event_tone(kind) == tone


def test_what_is_asked_for_is_read_from_the_address() -> None:
    since = datetime(2026, 3, 1, 16, tzinfo=UTC)
    asked = wanted_events(speaking(door="front", what="refused", day="2026-03-02", person="p-1"))
    assert asked == EventFilter(("front",), tuple(REFUSALS), "p-1", since, since + DAY)
    assert wanted_events(speaking(door="", what="nothing-known", day="")) == EventFilter()


@pytest.mark.parametrize("given", ["-1", "x", "9" * 19, "٣", "1.0"])
def test_what_is_no_page_of_this_list_is_refused(given: str) -> None:
    with pytest.raises(InputError, match="does not come from this list"):
        before_of(speaking(before=given))
    assert (before_of(speaking(before="17")), before_of(speaking())) == (17, None)


def test_alarming_events_are_of_people_and_of_doors() -> None:
    assert {AccessEvent.DURESS, DoorEvent.FORCED_OPEN, DoorEvent.TAMPER} <= set(KINDS["alarming"])
    assert not set(KINDS["alarming"]) & {*KINDS["granted"], *KINDS["refused"]}


def test_people_for_whom_a_draft_changes_the_same_are_counted_together() -> None:
    gain = (Stretch(0, OFFICE),)
    changes = [Change("a", "lift", gain, ()), Change("b", "front", (), gain), Change("c", "lift", gain, ()), Change("d", "lift", (), gain)]
    assert alike(changes) == [Alike("front", (), gain, ("b",)), Alike("lift", gain, (), ("a", "c")), Alike("lift", (), gain, ("d",))]


def test_days_with_the_same_hours_are_one_line_and_dates_stand_alone(english: Screen, chinese: Screen) -> None:
    week = tuple(Stretch(day, OFFICE) for day in range(5))
    holiday = Stretch(date(2027, 1, 1), ALL_DAY)
    assert list(stretch_words(english, (*week, holiday))) == ["Mon–Fri: 08:00-18:00", "2027-01-01: the whole day"]
    assert list(stretch_words(chinese, week)) == ["周一–周五：08:00-18:00"]
    assert list(stretch_words(english, (Stretch(0, OFFICE), Stretch(0, Span(1200, 1440)), Stretch(2, OFFICE)))) == [
        "Mon: 08:00-18:00, 20:00-24:00",
        "Wed: 08:00-18:00",
    ]
    assert list(stretch_words(english, ())) == []


PLAIN, PAIRED = DoorTerms(), DoorTerms(two_people_s=20.0)
FIRST = DoorTerms(("staff",))
WEEK = tuple(Stretch(day, ALL_DAY) for day in range(7))


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (
            DoorChange("lift", PLAIN, FIRST, WEEK),
            ["after a first card it stands unlocked for everybody: Mon–Sun: the whole day", "the first card may be that of: Crew"],
        ),
        (DoorChange("lift", FIRST, PLAIN, (), WEEK), ["a first card unlocks it no longer: Mon–Sun: the whole day"]),
        (DoorChange("lift", FIRST, DoorTerms(("guests", "staff"))), ["the first card may be that of: guests, Crew"]),
        (DoorChange("lift", PLAIN, PAIRED), ["two people within 20 seconds"]),
        (DoorChange("lift", PAIRED, PLAIN), ["one person is enough"]),
        (
            DoorChange("lift", PLAIN, DoorTerms(passback=PassbackMode(AntiPassback.TIMED, timedelta(minutes=10)))),
            ["who enters twice is refused for a while: 10 minutes"],
        ),
    ],
)
def test_what_a_door_asks_of_everybody_is_said(change: DoorChange, lines: list[str], english: Screen, chinese: Screen) -> None:
    assert list(door_change_words(english, change, {"staff": "Crew"})) == lines
    said = list(door_change_words(chinese, change, {"staff": "员工"}))
    assert len(said) == len(lines)
    assert not set(said) & set(lines)


def test_a_schedule_is_told_by_the_week_and_by_kinds_of_holidays(english: Screen) -> None:
    schedule = Schedule("office", ((OFFICE,),) * 5 + ((), ()), {"short": (Span(480, 720),)})
    assert list(week_words(english, schedule)) == ["Mon–Fri: 08:00-18:00", "Sat–Sun: never", "holiday short: 08:00-12:00"]


@pytest.mark.parametrize("kind", UnknownKind)
def test_what_a_roll_does_not_know_is_said_with_its_door_and_its_number(kind: UnknownKind, english: Screen, chinese: Screen) -> None:
    for screen in (english, chinese):
        words = unknown_words(screen, Unknown(kind, "gate", 3, NOON))
        assert ("gate" in words) or ("3" in words)


def test_days_of_validity_are_whole_days_of_the_site(english: Screen) -> None:
    start, until = validity_of(english, Answers.of({}, {"from": ["2026-03-02"], "until": ["2026-03-02"]}))
    assert (start, until) == (NOON - DAY / 2, NOON + DAY / 2)
    assert validity_of(english, Answers.of({}, {})) == (None, None)
    assert validity_words(english, start, until) == "2026-03-02 00:00:00 – 2026-03-03 00:00:00"
    assert validity_words(english, None, None) == "without end"


def test_what_somebody_may_is_read_from_the_form(english: Screen) -> None:
    given = {"group": ["residents", "staff"], "door": ["front"], "longer-release": ["on"]}
    assert terms_of(english, Answers.of({}, given), "h-1") == PersonTerms(("residents", "staff"), host="h-1", doors=("front",), longer_release=True)
    assert terms_of(english, Answers.of({}, {})) == PersonTerms()


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, ("may pass", "good")),
        ({"suspended": True}, ("suspended", "warn")),
        ({"left": NOON, "suspended": True}, ("gone", "plain")),
        ({"terms": PersonTerms(valid_until=NOON)}, ("expired", "plain")),
        ({"terms": PersonTerms(valid_from=NOON + DAY)}, ("to come", "warn")),
    ],
)
def test_how_somebody_stands_is_said(changes: dict[str, object], shown: tuple[str, str], english: Screen) -> None:
    values = {"terms": PersonTerms(), "suspended": False, "left": None, **changes}
    person = PersonView("p-1", PersonKind.MEMBER, values["terms"], bool(values["suspended"]), NOON - DAY, values["left"], erased=False)  # type: ignore[arg-type]
    screen = cast("Screen", SimpleNamespace(say=english.say, now=NOON))
    assert person_standing(screen, person) == shown


@pytest.mark.parametrize(
    ("kind", "state", "offered"),
    [
        (CredentialKind.CARD, CredentialState.ACTIVE, ["suspended", "lost", "stolen", "ended"]),
        (CredentialKind.CARD, CredentialState.LOST, ["active", "stolen", "ended"]),
        (CredentialKind.PIN, CredentialState.ACTIVE, ["suspended", "ended"]),
        (CredentialKind.FACE, CredentialState.SUSPENDED, ["active", "ended"]),
        (CredentialKind.CARD, CredentialState.ENDED, []),
    ],
)
def test_what_can_become_of_a_credential_depends_on_what_it_is(kind: CredentialKind, state: CredentialState, offered: list[str]) -> None:
    held = cast("CredentialView", SimpleNamespace(kind=kind, state=state))
    assert [one.value for one in next_states(held)] == offered
