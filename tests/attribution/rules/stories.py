"""Short ways to tell a history: days and hours of one month, one client ``z`` unless another is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from consentry.attribution.model import (
    AgencyContract,
    Case,
    Edit,
    Event,
    Grade,
    Link,
    Mode,
    Outage,
    Refusal,
    Report,
    Rulebook,
    RulebookVersion,
    Signing,
    Statement,
    StatementKind,
    Visit,
)
from consentry.attribution.rules import judge

Lines = dict[str, tuple[Case, str]]
"""By what a line says: the case, and verdict, agencies and flags as :func:`said` writes them."""

CHINA = timezone(timedelta(hours=8))
RULES = RulebookVersion()
REPORT_FIRST = replace(RULES, mode=Mode.REPORT_FIRST)
NO_LEAD = replace(RULES, lead=timedelta(0))
SHORT = replace(RULES, visit_protection=timedelta(days=5))


def at(text: str) -> datetime:
    """Return the instant of ``"day hh:mm[:ss]"``, where day 1 is 1 March 2026 in China and day 32 is 1 April."""
    day, clock = text.split()
    hours, minutes, seconds = (int(part) for part in (clock + ":00").split(":")[:3])
    return (datetime(2026, 3, 1, tzinfo=CHINA) + timedelta(days=int(day) - 1, hours=hours, minutes=minutes, seconds=seconds)).astimezone(UTC)


def report(name: str, agency: str, when: str, client: str = "z") -> Report:
    """Return a report."""
    return Report(name, agency, client, at(when))


def visit(name: str, when: str, of: str | None = None, person: str = "z", claimed: str | None = None) -> Visit:
    """Return a visit, bound where it names a report."""
    return Visit(name, person, at(when), of, bound=of is not None, claimed_at=at(claimed) if claimed else None)


def unbound(one: Visit) -> Visit:
    """Return the visit without code or confirmation."""
    return replace(one, bound=False)


def graded(one: Visit, grade: Grade) -> Visit:
    """Return the visit with a grade."""
    return replace(one, grade=grade)


def link(kind: str, a: str, b: str, grade: str = "B", when: str | None = None) -> Link:
    """Return a link."""
    return Link(a, b, kind, Grade(grade), at(when) if when else None)


def refusal(of: str, when: str) -> Refusal:
    """Return a refusal."""
    return Refusal(of, at(when))


def contract(agency: str, start: str, until: str) -> AgencyContract:
    """Return an agency's contract."""
    return AgencyContract(agency, at(start), at(until))


def outage(start: str, until: str) -> Outage:
    """Return an outage of the log."""
    return Outage(at(start), at(until))


def edit(of: str, when: str, field: str = "at", to: object = "2026-03-01T00:00:00Z") -> Edit:
    """Return an edit."""
    return Edit(of, field, to, at(when))


def statement(person: str, when: str, *, credible: bool = True) -> Statement:
    """Return a statement of an earlier visit."""
    return Statement(person, StatementKind.EARLIER_VISIT, at(when), credible)


def case(*events: Event, signed: str = "11 00:00", buyers: tuple[str, ...] = ("z",), rules: RulebookVersion | Rulebook = RULES) -> Case:
    """Return a case that ``buyers`` signed on the eleventh, unless told otherwise."""
    book = rules if isinstance(rules, Rulebook) else Rulebook((rules,))
    return Case(Signing(at(signed), buyers), events, book, offset=CHINA)


def since(when: str, version: RulebookVersion) -> RulebookVersion:
    """Return the version in force from ``when`` on."""
    return replace(version, start=at(when))


def said(judged: Case) -> str:
    """Return the verdict, its agencies and its flags in one line."""
    verdict = judge(judged)
    return " ".join((verdict.kind, *verdict.agencies, *verdict.flags))


A = report("r1", "A", "1 09:00")
A_VISIT = visit("v1", "1 10:00", "r1")
B = report("r2", "B", "4 09:00")
B_VISIT = visit("v2", "4 10:00", "r2")
WALK_IN = visit("v0", "1 08:00")
