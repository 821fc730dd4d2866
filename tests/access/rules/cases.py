"""One door, one person, one attempt, told in words: a world for the engine to decide in, and what the words alone say of it.

The oracle collects every ground on which the words refuse, in no order, and knows nothing of the engine. The engine must let in exactly where there is
none, and give one of them where there is one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from consentry.access.model import (
    AccessEvent,
    AntiPassback,
    Attempt,
    Credential,
    CredentialKind,
    CredentialState,
    Door,
    DoorMode,
    Evidence,
    PassbackMode,
    Person,
    Policy,
    ReaderKind,
    Rule,
    Schedule,
    Snapshot,
    Span,
)
from consentry.access.rules.deciding import Compiled, State, compile_snapshot
from consentry.access.rules.state import DoorState, Place

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
"""A Wednesday, noon in UTC, which is the clock on the wall here."""
HOUR = timedelta(hours=1)
SCHEDULES = {"hours": (Span(600, 840),), "night": (Span(0, 300), Span(1320, 1440))}
READERS = {
    CredentialKind.CARD: ReaderKind.CARD,
    CredentialKind.PIN: ReaderKind.PIN,
    CredentialKind.PHONE: ReaderKind.QR,
    CredentialKind.GUEST: ReaderKind.QR,
    CredentialKind.FACE: ReaderKind.FACE,
}
E = AccessEvent


@dataclass(frozen=True)
class Case:
    """What holds. Each field is a word or None; ``always``, ``hours`` (it is within them) and ``night`` (it is not) are when a rule holds."""

    kind: CredentialKind = CredentialKind.CARD
    shown_at: ReaderKind | None = None
    mode: DoorMode = DoorMode.NORMAL
    fire: bool = False
    policy: str = "in force"
    state: CredentialState = CredentialState.ACTIVE
    revoked: bool = False
    credential_time: str = "now"
    person: str = "well"
    host: str | None = None
    uses: str | None = None
    fault: AccessEvent | None = None
    allow: str | None = "always"
    deny: str | None = None
    doors: str | None = None
    passback: AntiPassback = AntiPassback.OFF
    place: str | None = None
    exempt: bool = False
    host_word: str | None = None
    beside: str | None = "card"
    others: str = "work"
    leads: str = "in"


def grounds(case: Case) -> set[AccessEvent]:
    """Return every ground on which this is refused, by the words of the guide."""
    found = _dead(case) | ({case.fault} if case.fault else set())
    if case.policy == "expired":
        found.add(E.DENIED_OTHER)
    if case.mode is DoorMode.LOCKDOWN and not case.fire and case.leads == "in":
        found.add(E.DENIED_DENY_ALL)
    if case.shown_at is not None and case.shown_at is not READERS[case.kind]:
        found.add(E.DENIED_INCORRECT_AUTHENTICATION_FACTOR)
    if case.fire:
        return found
    if (case.shown_at or READERS[case.kind]) is ReaderKind.FACE and case.others == "broken":
        found.add(E.DENIED_AUTHENTICATION_UNAVAILABLE)
    return found if case.mode is DoorMode.FREE else found | _not_entitled(case)


def _dead(case: Case) -> set[AccessEvent]:
    by_state = {
        CredentialState.SUSPENDED: E.DENIED_CREDENTIAL_MANUAL_DISABLE,
        CredentialState.LOST: E.DENIED_AUTHENTICATION_FACTOR_LOST,
        CredentialState.STOLEN: E.DENIED_AUTHENTICATION_FACTOR_STOLEN,
        CredentialState.ENDED: E.DENIED_CREDENTIAL_EXPIRED,
    }
    found = {by_state[case.state]} if case.state in by_state else set()
    if case.revoked or "suspended" in (case.person, case.host) or case.host in ("gone", "in a circle"):
        found.add(E.DENIED_CREDENTIAL_MANUAL_DISABLE)
    if "later" in (case.credential_time, case.person):
        found.add(E.DENIED_CREDENTIAL_NOT_YET_ACTIVE)
    if "over" in (case.credential_time, case.person, case.host):
        found.add(E.DENIED_CREDENTIAL_EXPIRED)
    if case.uses == "none left":
        found.add(E.DENIED_CREDENTIAL_MAX_USES)
    return found


def _not_entitled(case: Case) -> set[AccessEvent]:
    found = set()
    if case.kind is CredentialKind.FACE and case.beside in (None, "lost card", "face", "card that waits for its host"):
        found.add(E.DENIED_AUTHENTICATION_UNAVAILABLE)
    if case.leads == "out":
        return found
    if case.doors == "another" or case.deny in ("always", "hours", "unknown") or case.allow is None:
        found.add(E.DENIED_POINT_NO_ACCESS_RIGHTS)
    if case.allow in ("night", "unknown"):
        found.add(E.DENIED_OUT_OF_TIME_RANGE)
    denying = case.passback is AntiPassback.HARD or (case.passback is AntiPassback.TIMED and case.place == "inside just now")
    if denying and case.place in ("inside", "inside just now") and not case.exempt:
        found.add(E.DENIED_PASSBACK)
    if case.host_word == "awaited":
        found.add(E.VERIFICATION_REQUIRED)
    return found


def is_live(case: Case) -> bool:
    """Tell whether what was shown is a live credential, proved at a reader that takes it."""
    proved = case.fault is None and case.shown_at in (None, READERS[case.kind])
    return proved and not _dead(case)


def world(case: Case) -> tuple[Compiled, State, Attempt]:
    """Return the snapshot, the state and the attempt that the words describe."""
    reader = case.shown_at or READERS[case.kind]
    evidence = Evidence(reader, "shown", case.fault, host_agreed=case.host_word == "given")
    place = {"p": Place("inside" if case.place != "outside" else "outside", NOW - (HOUR if case.place != "inside just now" else timedelta(seconds=5)))}
    faulty = frozenset(set(ReaderKind) - {ReaderKind.FACE}) if case.others == "broken" else frozenset[ReaderKind]()
    state = State(
        doors={"door": DoorState(fire=case.fire, faulty=faulty)},
        places=place if case.place else {},
        uses={"shown": 2 if case.uses == "none left" else 1} if case.uses else {},
    )
    return compile_snapshot(_snapshot(case)), state, Attempt("door", NOW, evidence)


def _snapshot(case: Case) -> Snapshot:
    issued = NOW - 50 * HOUR
    return Snapshot(
        number=1,
        site="site",
        controller="main",
        issued=issued,
        expires=NOW if case.policy == "expired" else NOW + HOUR,
        policy=_policy(case),
        people=_people(case),
        credentials=_credentials(case),
        issuers=(),
        modes={"door": case.mode},
        revoked=("shown",) if case.revoked else (),
    )


def _policy(case: Case) -> Policy:
    allow = [Rule("allow", "residents", ("door",), _schedule(case.allow))] if case.allow else []
    deny = [Rule("deny", "late", ("door",), _schedule(case.deny), deny=True)] if case.deny else []
    areas = ("outside", "inside") if case.leads == "in" else ("inside", "outside")
    return Policy(
        version=1,
        zone="UTC",
        doors=(Door("door", (ReaderKind.CARD, ReaderKind.PIN, ReaderKind.QR, ReaderKind.FACE), *areas),),
        schedules=tuple(Schedule(name, (spans,) * 7) for name, spans in SCHEDULES.items()),
        rules=(*deny, *allow),
        passback={"inside": PassbackMode(case.passback, timedelta(minutes=10) if case.passback is AntiPassback.TIMED else None)},
    )


def _schedule(when: str | None) -> str | None:
    return None if when == "always" else when


def _people(case: Case) -> tuple[Person, ...]:
    hosted = {"well": "h", "suspended": "h", "over": "h", "gone": "nobody", "in a circle": "h"}
    person = Person("p", ("residents", "late"), host=hosted[case.host] if case.host else None, passback_exempt=case.exempt)
    host = Person("h", ("residents",), host="p" if case.host == "in a circle" else None)
    return (_in(person, case.person), _in(host, case.host or "well"))


def _in(person: Person, condition: str) -> Person:
    if condition == "suspended":
        return replace(person, suspended=True)
    if condition == "later":
        return replace(person, valid_from=NOW + timedelta(seconds=1))
    return replace(person, valid_until=NOW) if condition == "over" else person


def _credentials(case: Case) -> tuple[Credential, ...]:
    shown = Credential("shown", "p", case.kind, "mark", case.state, uses=2 if case.uses else None, needs_host=case.host_word is not None)
    if case.credential_time != "now":
        later = case.credential_time == "later"
        shown = replace(shown, valid_from=NOW + timedelta(seconds=1) if later else None, valid_until=None if later else NOW)
    if case.doors:
        shown = replace(shown, doors=("door",) if case.doors == "this" else ("elsewhere",))
    beside = {
        "card": Credential("beside", "p", CredentialKind.CARD, "other mark"),
        "lost card": Credential("beside", "p", CredentialKind.CARD, "other mark", CredentialState.LOST),
        "face": Credential("beside", "p", CredentialKind.FACE, "other mark"),
        "card that waits for its host": Credential("beside", "p", CredentialKind.CARD, "other mark", needs_host=True),
    }
    return (shown, beside[case.beside]) if case.beside else (shown,)
