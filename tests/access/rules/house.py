"""A small house for tests of doors: what most need, each part to be replaced."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from consentry.access.model import Attempt, Credential, CredentialKind, Door, Evidence, Person, Policy, ReaderKind, Rule, Schedule, Snapshot, Span
from consentry.access.rules.deciding import Compiled, State, compile_snapshot, decide

if TYPE_CHECKING:
    from consentry.access.model import Decision

START = datetime(2026, 3, 4, 8, tzinfo=UTC)
"""A Wednesday; the office hours of the house are 09:00 to 18:00, in UTC."""
SECOND = timedelta(seconds=1)
PEOPLE = ("ann", "ben", "eve")
HOURS = Schedule("hours", ((Span(540, 1080),),) * 7)
DOOR = Door("door", (ReaderKind.CARD, ReaderKind.PIN, ReaderKind.FACE))


def snapshot(door: Door = DOOR, **parts: Any) -> Snapshot:  # noqa: ANN401 - parts of a snapshot by name
    return replace(
        Snapshot(
            number=1,
            site="site",
            controller="main",
            issued=START - timedelta(days=1),
            expires=START + timedelta(days=20),
            policy=Policy(1, "UTC", (door,), (HOURS,), rules=(Rule("r", "all", ("door",)),)),
            people=tuple(Person(name, ("all", "staff") if name == "ann" else ("all",)) for name in PEOPLE),
            credentials=tuple(Credential(f"{name} {kind}", name, kind, f"{name} {kind}", number=f"unit {name}") for name in PEOPLE for kind in CredentialKind),
            issuers=(),
        ),
        **parts,
    )


def house(door: Door = DOOR, **parts: Any) -> Compiled:  # noqa: ANN401 - parts of a snapshot by name
    return compile_snapshot(snapshot(door, **parts))


def shows(
    known: Compiled,
    state: State,
    who: str,
    at: datetime,
    reader: ReaderKind = ReaderKind.CARD,
    **evidence: Any,  # noqa: ANN401 - parts of it by name
) -> tuple[Decision, State]:
    return decide(known, state, Attempt("door", at, Evidence(reader, f"{who} {reader}", **evidence)))
