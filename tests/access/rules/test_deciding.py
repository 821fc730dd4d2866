"""The engine against the words, over every combination of a small world and at random over all of it, and what must hold in any world."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.access.model import AccessEvent, AntiPassback, Attempt, Credential, CredentialKind, CredentialState, DoorMode, Evidence, PassbackMode, ReaderKind
from consentry.access.rules.deciding import State, compile_snapshot, decide
from consentry.access.rules.modes import stands_open
from tests.access.rules.cases import NOW, READERS, Case, grounds, is_live, world
from tests.access.rules.house import snapshot
from tests.access.rules.policies import FEAST, PEOPLE, POLICIES, groups_of, may

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consentry.access.model import Person, Policy

FIRST_MOMENT, LAST_MOMENT = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
MODES = (DoorMode.NORMAL, DoorMode.LOCKDOWN, DoorMode.FREE)
FAULTS = (None, AccessEvent.DENIED_REPLAY, AccessEvent.DENIED_OTHER)
LIFE = {
    "mode": MODES,
    "fire": (False, True),
    "policy": ("in force", "expired"),
    "state": tuple(CredentialState),
    "credential_time": ("now", "later", "over"),
    "person": ("well", "suspended", "later", "over"),
    "host": (None, "well", "suspended", "over", "gone", "in a circle"),
    "revoked": (False, True),
}
RIGHTS = {
    "kind": (CredentialKind.CARD, CredentialKind.FACE),
    "mode": MODES,
    "fire": (False, True),
    "allow": (None, "always", "hours", "night", "unknown"),
    "deny": (None, "always", "hours", "night", "unknown"),
    "doors": ("this", "another"),
    "beside": ("card", "lost card"),
    "others": ("work", "broken"),
    "host_word": (None, "awaited", "given"),
}
AROUND = {
    "kind": tuple(CredentialKind),
    "shown_at": (None, *(reader for reader in ReaderKind if reader is not ReaderKind.CONCIERGE)),
    "mode": MODES,
    "fire": (False, True),
    "fault": FAULTS,
    "uses": (None, "one left", "none left"),
    "beside": (None, "card", "lost card", "face", "card that waits for its host"),
}
PLACES = {
    "mode": MODES,
    "fire": (False, True),
    "passback": tuple(AntiPassback),
    "place": (None, "inside", "inside just now", "outside"),
    "exempt": (False, True),
    "deny": (None, "hours"),
    "state": (CredentialState.ACTIVE, CredentialState.LOST),
    "leads": ("in", "out"),
}
ALL: dict[str, tuple[Any, ...]] = {
    **LIFE,
    **RIGHTS,
    **AROUND,
    **PLACES,
    "doors": (None, "this", "another"),
    "state": tuple(CredentialState),
    "deny": RIGHTS["deny"],
}
CASES = st.builds(Case, **{name: st.sampled_from(words) for name, words in ALL.items()})


def every(words: dict[str, tuple[Any, ...]]) -> Iterator[Case]:
    return (Case(**dict(zip(words, values, strict=True))) for values in product(*words.values()))


def check(case: Case) -> None:
    compiled, state, attempt = world(case)
    decision, _ = decide(compiled, state, attempt)
    refused = grounds(case)
    assert decision.granted is not refused, case
    assert decision.reason in (refused or {AccessEvent.GRANTED}), case
    _check_invariants(case, granted=decision.granted, stands=stands_open(compiled, state, "door", NOW))


def _check_invariants(case: Case, *, granted: bool, stands: bool) -> None:
    if granted:
        assert is_live(case), "no path grants without a live credential"
        assert case.policy == "in force", "expiry wins"
        assert case.deny not in ("always", "hours") or case.fire or case.mode is DoorMode.FREE or case.leads == "out", "deny wins, and keeps nobody in"
        assert case.mode is not DoorMode.LOCKDOWN or case.fire or case.leads == "out", "lockdown keeps everybody out, and nobody in"
    if case.fire:
        assert stands, "fire wins"
    else:
        assert stands is (case.mode is DoorMode.FREE and case.policy == "in force"), "nothing else unlocks"


@pytest.mark.parametrize("words", [LIFE, RIGHTS, AROUND, PLACES], ids=["life", "rights", "around", "places"])
def test_every_combination_is_decided_as_the_words_say(words: dict[str, tuple[Any, ...]]) -> None:
    for case in every(words):
        check(case)


@given(case=CASES)
def test_any_mixture_is_decided_as_the_words_say(case: Case) -> None:
    check(case)


@given(case=CASES)
def test_a_refusal_moves_nobody_and_uses_nothing_up(case: Case) -> None:
    compiled, state, attempt = world(case)
    decision, after = decide(compiled, state, attempt)
    if not decision.granted:
        assert (after.places, after.uses, after.door("door").pending) == (state.places, state.uses, ())


@given(
    case=CASES, door=st.sampled_from(("door", "elsewhere")), shown=st.sampled_from((None, "shown", "beside", "unheard of")), reader=st.sampled_from(ReaderKind)
)
def test_no_evidence_makes_the_engine_fail(case: Case, door: str, shown: str | None, reader: ReaderKind) -> None:
    compiled, state, attempt = world(case)
    decision, _ = decide(compiled, state, replace(attempt, door=door, evidence=Evidence(reader, shown)))
    assert not (decision.granted and (door == "elsewhere" or shown in (None, "unheard of")))


@given(policy=POLICIES, people=PEOPLE, day=st.integers(0, 6), minute=st.sampled_from((0, 1, 539, 540, 719, 1080, 1438, 1439)), door=st.sampled_from("ab"))
def test_by_many_rules_somebody_passes_exactly_when_one_allows_and_none_denies(policy: Policy, people: list[Person], day: int, minute: int, door: str) -> None:
    # The week around the feast of these policies.
    at = datetime.combine(FEAST, time(), UTC) + timedelta(days=day - 3, minutes=minute)
    cards = tuple(Credential(one.id, one.id, CredentialKind.CARD, one.id) for one in people)
    known = compile_snapshot(snapshot(policy=policy, people=tuple(people), credentials=cards, issued=at, expires=at + timedelta(seconds=1)))
    for person in ("x", "y"):
        decision, _ = decide(known, State(), Attempt(door, at, Evidence(ReaderKind.CARD, person)))
        assert decision.granted is may(policy, groups_of(people, person), door, at.date(), minute)


# What is wrong at once, the most telling first; each row is refused for its first word.
ORDER = [
    ({"policy": "expired", "mode": DoorMode.LOCKDOWN}, AccessEvent.DENIED_OTHER),
    ({"mode": DoorMode.LOCKDOWN, "fault": AccessEvent.DENIED_REPLAY}, AccessEvent.DENIED_DENY_ALL),
    ({"fault": AccessEvent.DENIED_REPLAY, "state": CredentialState.LOST}, AccessEvent.DENIED_REPLAY),
    ({"state": CredentialState.STOLEN, "credential_time": "over", "deny": "always"}, AccessEvent.DENIED_AUTHENTICATION_FACTOR_STOLEN),
    ({"credential_time": "over", "deny": "always"}, AccessEvent.DENIED_CREDENTIAL_EXPIRED),
    ({"deny": "always", "allow": "night"}, AccessEvent.DENIED_POINT_NO_ACCESS_RIGHTS),
    ({"allow": "night", "passback": AntiPassback.HARD, "place": "inside"}, AccessEvent.DENIED_OUT_OF_TIME_RANGE),
    ({"passback": AntiPassback.HARD, "place": "inside", "host_word": "awaited"}, AccessEvent.DENIED_PASSBACK),
]


@pytest.mark.parametrize(("words", "reason"), ORDER)
def test_of_several_grounds_the_first_in_order_is_told(words: dict[str, Any], reason: AccessEvent) -> None:
    assert decide(*world(Case(**words)))[0].reason is reason


@pytest.mark.parametrize("revoked", ["shown", "mark"])
def test_a_credential_is_revoked_by_its_id_or_by_that_of_its_pass(revoked: str) -> None:
    compiled, state, attempt = world(Case())
    assert decide(replace(compiled, revoked=frozenset({revoked})), state, attempt)[0].reason is AccessEvent.DENIED_CREDENTIAL_MANUAL_DISABLE


NO_RIGHT, WRONG_HOUR = AccessEvent.DENIED_POINT_NO_ACCESS_RIGHTS, AccessEvent.DENIED_OUT_OF_TIME_RANGE
LEAVING: list[tuple[dict[str, Any], tuple[AccessEvent, ...]]] = [
    ({}, ()),
    ({"deny": "always"}, (NO_RIGHT,)),
    ({"allow": None}, (NO_RIGHT,)),
    ({"allow": "night"}, (WRONG_HOUR,)),
    ({"doors": "another"}, (NO_RIGHT,)),
    ({"host_word": "awaited"}, ()),
    ({"deny": "always", "mode": DoorMode.LOCKDOWN}, (NO_RIGHT,)),
    ({"deny": "always", "mode": DoorMode.FREE}, ()),
    ({"deny": "always", "fire": True}, ()),
]


@pytest.mark.parametrize(("words", "told"), LEAVING)
def test_no_rule_keeps_anybody_from_leaving_but_it_is_told(words: dict[str, Any], told: tuple[AccessEvent, ...]) -> None:
    decision, _ = decide(*world(Case(leads="out", **words)))
    assert (decision.granted, decision.reports) == (True, told)


@pytest.mark.parametrize("words", [{"state": CredentialState.LOST}, {"credential_time": "over"}, {"revoked": True}, {"fault": AccessEvent.DENIED_REPLAY}])
def test_what_is_not_live_opens_no_way_out_either(words: dict[str, Any]) -> None:
    assert not decide(*world(Case(leads="out", **words)))[0].granted


@pytest.mark.parametrize("mode", [AntiPassback.HARD, AntiPassback.SOFT])
def test_whoever_is_taken_to_be_outside_already_leaves_all_the_same(mode: AntiPassback) -> None:
    compiled, state, attempt = world(Case(leads="out", place="outside"))
    policy = replace(compiled.snapshot.policy, passback={"outside": PassbackMode(mode)})
    decision, _ = decide(replace(compiled, snapshot=replace(compiled.snapshot, policy=policy)), state, attempt)
    assert (decision.granted, decision.reports) == (True, (AccessEvent.PASSBACK_DETECTED,))


def test_nobody_waits_for_a_second_person_to_leave() -> None:
    compiled, state, attempt = world(Case(leads="out"))
    door = replace(compiled.doors["door"], two_people_s=20.0)
    assert decide(replace(compiled, doors={"door": door}), state, attempt)[0].granted


def test_soft_passback_lets_in_and_tells() -> None:
    decision, _ = decide(*world(Case(passback=AntiPassback.SOFT, place="inside")))
    assert (decision.granted, decision.reports) == (True, (AccessEvent.PASSBACK_DETECTED,))


@pytest.mark.parametrize("words", [{}, {"deny": "always"}, {"mode": DoorMode.LOCKDOWN}, {"policy": "expired"}])
def test_duress_is_told_whatever_is_decided_and_changes_nothing_else(words: dict[str, Any]) -> None:
    compiled, state, attempt = world(Case(kind=CredentialKind.PIN, **words))
    plain, _ = decide(compiled, state, attempt)
    forced, _ = decide(compiled, state, replace(attempt, evidence=replace(attempt.evidence, duress=True)))
    assert forced == replace(plain, reports=(AccessEvent.DURESS,))


def test_a_snapshot_of_the_future_is_no_snapshot_of_now() -> None:
    compiled, state, attempt = world(Case())
    early = replace(attempt, at=compiled.snapshot.issued.replace(year=2020))
    assert decide(compiled, state, early)[0].reason is AccessEvent.DENIED_OTHER


@pytest.mark.parametrize(("issued", "reason"), [(FIRST_MOMENT, AccessEvent.GRANTED), (LAST_MOMENT, AccessEvent.DENIED_OTHER)])
def test_dates_at_the_ends_of_the_calendar_stop_no_door(issued: datetime, reason: AccessEvent) -> None:
    compiled, state, attempt = world(Case())
    odd = replace(compiled, snapshot=replace(compiled.snapshot, issued=issued, expires=LAST_MOMENT))
    assert decide(odd, state, attempt)[0].reason is reason


def test_uses_are_counted_until_none_is_left() -> None:
    compiled, state, attempt = world(Case(kind=CredentialKind.GUEST, uses="one left"))
    first, state = decide(compiled, state, attempt)
    second, _ = decide(compiled, state, attempt)
    assert (first.granted, second.reason) == (True, AccessEvent.DENIED_CREDENTIAL_MAX_USES)


@pytest.mark.parametrize("kind", list(CredentialKind))
def test_no_way_waits_longer_than_the_face(kind: CredentialKind) -> None:
    compiled, state, attempt = world(Case(kind=kind))
    delays = {ReaderKind.CARD: 9.0, ReaderKind.PIN: 0.5, ReaderKind.QR: 3.0, ReaderKind.FACE: 2.0}
    door = replace(compiled.doors["door"], delay_s=delays)
    decision, _ = decide(replace(compiled, doors={"door": door}), state, attempt)
    assert decision.delay_s == min(delays[READERS[kind]], 2.0)


@pytest.mark.parametrize(("longer", "unlock_s", "seconds"), [(False, 5.0, 5.0), (True, 5.0, 15.0), (True, 20.0, 20.0), (False, 20.0, 20.0)])
def test_whoever_needs_longer_has_the_door_unlocked_for_longer_and_never_for_less(longer: bool, unlock_s: float, seconds: float) -> None:
    compiled, state, attempt = world(Case())
    people = {**compiled.people, "p": replace(compiled.people["p"], longer_release=longer)}
    compiled = replace(compiled, doors={**compiled.doors, attempt.door: replace(compiled.doors[attempt.door], unlock_s=unlock_s)})
    assert decide(replace(compiled, people=people), state, attempt)[0].release_s == seconds
