"""Signs of 洗客, 飞单, 截客, 藏客 and 换号 at one contract. A sign is about what happened, never about a person; it holds payment and decides nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.attribution.deals import FraudKind
from consentry.attribution.model import Edit, Finding, Flag, Report, Visit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from consentry.attribution.model import Explanation
    from consentry.ledger.model import JSONValue

__all__ = ["Brought", "DoorHour", "Sign", "innocent_explanations", "signs_of"]

LATE_ENTRY = timedelta(hours=1)
"""An arrival that was entered so long after its own time is a late entry."""
CLOSE_CALL = timedelta(minutes=15)
"""A visit so shortly after its report's lead was kept is a close one."""
CLUSTER = 3
"""So many close visits of one agency in a day are a cluster."""
LEAST_EXCESS = 5
"""People whom the door counted beyond the recorded visits, in one hour, for it to be worth a look."""
RARE_PERCENT = 5
"""Only an hour whose like is at most so common stands out: people pass a door for many reasons."""
BEFORE_REPORT = timedelta(hours=24)

_RELABELLED = frozenset({"report", "at"})


@dataclass(frozen=True, slots=True)
class Brought:
    """A visit of that day that named a report: whose, and how long after the report it was."""

    agency: str
    after: timedelta


@dataclass(frozen=True, slots=True)
class DoorHour:
    """An hour that was watched: people in by the door, and people whom the desk recorded."""

    start: datetime
    entered: int
    recorded: int

    @property
    def excess(self) -> int:
        """How many more came in than were recorded."""
        return self.entered - self.recorded


@dataclass(frozen=True, slots=True)
class Sign:
    """What was seen. ``common``: how many of how many hours look like it, for what the door tells; None for what is counted by contracts."""

    kind: FraudKind
    saw: Mapping[str, JSONValue]
    common: tuple[int, int] | None = None


def signs_of(explanation: Explanation, same_day: Iterable[Brought], hours: Sequence[DoorHour], lead: timedelta) -> list[Sign]:
    """Return the signs at one contract, at most one of each kind.

    Args:
        explanation: The verdict on it, with its steps.
        same_day: Every visit that named a report on the days on which the agencies of this case brought somebody.
        hours: What the door counted and the desk recorded in the weeks before, hour by hour; empty where no door is counted.
        lead: How long before a visit its report must be in.
    """
    found = (
        _washing(explanation),
        _relabelling(explanation),
        _interception(explanation, same_day, lead),
        _concealment(explanation, hours),
        _changed(explanation),
    )
    return [sign for sign in found if sign is not None]


def innocent_explanations(kind: FraudKind) -> Mapping[str, str]:
    """Return what may be behind such a sign without anybody having done wrong, in Chinese and English."""
    return _INNOCENT[kind]


def _washing(explanation: Explanation) -> Sign | None:
    if Flag.WASHING not in explanation.verdict.flags:
        return None
    return Sign(FraudKind.WASHING, {"events": _events(explanation, Finding.LOST)})


def _changed(explanation: Explanation) -> Sign | None:
    if Flag.PHONE_CHANGE not in explanation.verdict.flags:
        return None
    return Sign(FraudKind.CHANGED_NUMBER, {"events": _events(explanation, Finding.NUMBER_CHANGED)})


def _relabelling(explanation: Explanation) -> Sign | None:
    """Somebody wanted a visit to name another report or hour, or entered it late, and an agency claims by that visit."""
    claimed = {*_events(explanation, Finding.CLAIM), *_events(explanation, Finding.LOST)}
    events = explanation.case.events
    edits = [event for event in events if isinstance(event, Edit) and event.of in claimed and event.field in _RELABELLED]
    late = [event for event in events if isinstance(event, Visit) and event.id in claimed and _is_late(event)]
    if not edits and not late:
        return None
    return Sign(FraudKind.RELABELLING, {"edits": len(edits), "late_entries": len(late)})


def _interception(explanation: Explanation, same_day: Iterable[Brought], lead: timedelta) -> Sign | None:
    agencies = {event.agency for event in explanation.case.events if isinstance(event, Report)}
    close = Counter(one.agency for one in same_day if one.agency in agencies and one.after <= lead + CLOSE_CALL)
    most = max(close.values(), default=0)
    too_short = Flag.LATE in explanation.verdict.flags
    if not too_short and most < CLUSTER:
        return None
    return Sign(FraudKind.INTERCEPTION, {"too_short": too_short, "close_visits_that_day": most})


def _concealment(explanation: Explanation, hours: Sequence[DoorHour]) -> Sign | None:
    if Flag.HIDDEN_VISIT in explanation.verdict.flags:
        return Sign(FraudKind.CONCEALMENT, {"statements": _events(explanation, Finding.STATED)})
    reports = [event.at for event in explanation.case.events if isinstance(event, Report)]
    near = [hour for hour in hours if any(at - BEFORE_REPORT <= hour.start <= at for at in reports)]
    worst = max(near, key=lambda hour: hour.excess, default=None)
    if worst is None or worst.excess < LEAST_EXCESS:
        return None
    alike = sum(hour.excess >= worst.excess for hour in hours)
    if alike * 100 > RARE_PERCENT * len(hours):
        return None
    saw: dict[str, JSONValue] = {"hour": worst.start.isoformat(), "entered": worst.entered, "recorded": worst.recorded}
    return Sign(FraudKind.CONCEALMENT, saw, (alike, len(hours)))


def _events(explanation: Explanation, finding: Finding) -> list[JSONValue]:
    return [*dict.fromkeys(_named(explanation, finding))]


def _named(explanation: Explanation, finding: Finding) -> Iterator[str]:
    return (event for step in explanation.steps if step.finding is finding for event in step.events)


def _is_late(visit: Visit) -> bool:
    return visit.claimed_at is not None and visit.at - visit.claimed_at > LATE_ENTRY


_INNOCENT: Mapping[FraudKind, Mapping[str, str]] = {
    FraudKind.WASHING: {
        "zh": "客户先自行来访，后来才找中介咨询，中介并不知道；或同名同号码的家人先来过。",
        "en": "The client came alone first and asked an agent later, who did not know; or somebody of the family who shares the number came before.",
    },
    FraudKind.RELABELLING: {
        "zh": "前台当时忙，事后更正笔误；或网络中断，恢复后补录。",
        "en": "The desk was busy and corrected a slip afterwards; or the network was down and arrivals were entered when it was back.",
    },
    FraudKind.INTERCEPTION: {
        "zh": "中介在路上才报备；或当天有团购、看房班车，客户集中到达。",
        "en": "The agent reported on the way; or a bus or a group of clients arrived that day.",
    },
    FraudKind.CONCEALMENT: {
        "zh": "同一人多次进出、外卖和保洁经过门口、老业主来访，都会让门口人数高于登记；客户也可能记错来访日期。",
        "en": "People go in and out, deliveries and cleaners pass the door, owners drop by: all raise the door's count. Clients also mix up dates.",
    },
    FraudKind.CHANGED_NUMBER: {
        "zh": "客户有两个号码、换了手机号，或用配偶的手机登记。",
        "en": "The client has two numbers, changed theirs, or registered with the telephone of their spouse.",
    },
}
