"""A policy as JSON and back, whole or as the draft that people edit. Numbers are whole: seconds that may be fractions stand as milliseconds.

A draft has no version, no time zone, and of a door only what the policy adds to the settings: first card and second person.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeVar

from consentry.access.model import AntiPassback, Door, Holiday, PassbackMode, Policy, ReaderKind, Rule, Schedule, Span
from consentry.access.policy_checks import check_policy
from consentry.access.policy_fields import PolicyFields
from consentry.access.rules.schedules import calendar_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from consentry.ledger.model import JSONValue

__all__ = ["draft_document", "policy_document", "read_draft", "read_policy"]

_SPAN = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DAY = 1440
_WEEK = 7

Named = TypeVar("Named", Door, Schedule, Rule)


def policy_document(policy: Policy) -> dict[str, JSONValue]:
    """Return the policy as JSON, which :func:`read_policy` reads."""
    doors: list[JSONValue] = [_door_document(door) for door in policy.doors]
    return {"version": policy.version, "zone": policy.zone, "doors": doors, **_terms_document(policy)}


def draft_document(policy: Policy) -> dict[str, JSONValue]:
    """Return of the policy what people edit, which :func:`read_draft` reads."""
    doors: list[JSONValue] = [{"id": door.id, **_door_terms_document(door)} for door in policy.doors]
    return {"doors": doors, **_terms_document(policy)}


def read_policy(document: object, name: str = "policy") -> Policy:
    """Return the policy of a whole document; ``name`` says in errors which. What it names without defining it grants nothing.

    Raises:
        InputError: ``policy.`` and ``type``, ``missing-key``, ``unknown-key``, ``text``, ``choice``, ``span``, ``day``, ``twice``, ``zone``.
    """
    fields = PolicyFields(name, document)
    doors = tuple(_door(part) for part in fields.parts("doors"))
    return _policy(fields, fields.whole("version"), fields.text("zone"), doors)


def read_draft(document: object, *, version: int, zone: str, doors: Sequence[Door], name: str = "policy") -> Policy:
    """Return the policy that a draft makes of the settings' ``doors``. One that the draft does not name has no first card and asks no second person.

    Raises:
        InputError: As :func:`read_policy`; ``policy.unknown`` for a door, an area or a schedule that is not there; ``policy.never`` for what cannot work.
    """
    fields = PolicyFields(name, document)
    known = {door.id: door for door in doors}
    for part in fields.parts("doors"):
        door = part.text("id")
        if door not in known:
            raise part.refusal("policy.unknown", "id", f"there is no door {door!r} in the settings", "Name a door of the settings.")
        known[door] = _with_terms(part, known[door])
        part.finish()
    policy = _policy(fields, version, zone, tuple(known.values()))
    check_policy(policy, name)
    return policy


def _policy(fields: PolicyFields, version: int, zone: str, doors: tuple[Door, ...]) -> Policy:
    policy = Policy(
        version=version,
        zone=zone,
        doors=_each_once(fields, "doors", doors),
        schedules=_each_once(fields, "schedules", [_schedule(part) for part in fields.parts("schedules")]),
        holidays=_holidays(fields),
        rules=_each_once(fields, "rules", [_rule(part) for part in fields.parts("rules")]),
        passback=_passback(fields.part("passback")),
    )
    fields.finish()
    calendar_of(zone, ())
    return policy


def _terms_document(policy: Policy) -> dict[str, JSONValue]:
    return {
        "schedules": [_schedule_document(schedule) for schedule in policy.schedules],
        "holidays": [{"day": holiday.day.isoformat(), "kind": holiday.kind} for holiday in policy.holidays],
        "rules": [_rule_document(rule) for rule in policy.rules],
        "passback": {area: {"mode": str(one.mode), "within_ms": _ms(one.within)} for area, one in policy.passback.items()},
    }


def _door_document(door: Door) -> dict[str, JSONValue]:
    return {
        "id": door.id,
        "readers": [str(reader) for reader in door.readers],
        "from": door.from_area,
        "to": door.to_area,
        "unlock_ms": _whole_ms(door.unlock_s),
        "longer_unlock_ms": _whole_ms(door.longer_unlock_s),
        "held_ms": _whole_ms(door.held_s),
        "delay_ms": {str(reader): _whole_ms(seconds) for reader, seconds in door.delay_s.items()},
        "face_one_to_n": door.face_one_to_n,
        **_door_terms_document(door),
    }


def _door_terms_document(door: Door) -> dict[str, JSONValue]:
    return {"first_card": door.first_card, "first_card_groups": list(door.first_card_groups), "two_people_ms": _whole_ms(door.two_people_s)}


def _door(fields: PolicyFields) -> Door:
    delays = fields.part("delay_ms")
    door = Door(
        id=fields.text("id"),
        readers=fields.choices("readers", ReaderKind),
        from_area=fields.text("from"),
        to_area=fields.text("to"),
        unlock_s=fields.whole("unlock_ms") / 1000,
        longer_unlock_s=fields.whole("longer_unlock_ms") / 1000,
        held_s=fields.whole("held_ms") / 1000,
        delay_s={reader: delays.whole(reader) / 1000 for reader in ReaderKind if reader in delays.names()},
        face_one_to_n=fields.truth("face_one_to_n"),
    )
    delays.finish()
    found = _with_terms(fields, door)
    fields.finish()
    return found


def _with_terms(fields: PolicyFields, door: Door) -> Door:
    return replace(
        door,
        first_card=fields.text_or_none("first_card"),
        first_card_groups=fields.texts("first_card_groups"),
        two_people_s=fields.whole("two_people_ms") / 1000,
    )


def _schedule_document(schedule: Schedule) -> dict[str, JSONValue]:
    return {
        "id": schedule.id,
        "week": [_spans_document(spans) for spans in schedule.week],
        "holidays": {kind: _spans_document(spans) for kind, spans in schedule.holidays.items()},
    }


def _schedule(fields: PolicyFields) -> Schedule:
    week = fields.items("week")
    if len(week) != _WEEK:
        raise fields.refusal("policy.span", "week", f"it has {len(week)} days", "Write seven lists of spans, Monday first.")
    by_kind = fields.part("holidays")
    schedule = Schedule(
        id=fields.text("id"),
        week=tuple(_spans(fields, f"week[{day}]", spans) for day, spans in enumerate(week)),
        holidays={kind: _spans(by_kind, kind, by_kind.take(kind)) for kind in by_kind.names()},
    )
    fields.finish()
    return schedule


def _spans_document(spans: Iterable[Span]) -> list[JSONValue]:
    return [f"{span.start // 60:02}:{span.start % 60:02}-{span.end // 60:02}:{span.end % 60:02}" for span in spans]


def _spans(fields: PolicyFields, key: str, values: object) -> tuple[Span, ...]:
    if not isinstance(values, list):
        raise fields.refusal("policy.type", key, "it is no list", 'Write a list of spans, such as ["08:00-12:00", "13:00-18:00"].')
    return tuple(_span(fields, key, value) for value in values)


def _span(fields: PolicyFields, key: str, value: object) -> Span:
    match = _SPAN.fullmatch(value) if isinstance(value, str) else None
    start_h, start_m, end_h, end_m = map(int, match.groups()) if match else (0, 0, 0, 0)
    span = Span(start_h * 60 + start_m, end_h * 60 + end_m)
    if not span.start < span.end <= _DAY:
        mend = "Write such as 08:00-18:00, at most until 24:00; what goes over midnight is two spans, one of each day."
        raise fields.refusal("policy.span", key, "one of its spans names no part of a day", mend)
    return span


def _holidays(fields: PolicyFields) -> tuple[Holiday, ...]:
    found: dict[date, Holiday] = {}
    for part in fields.parts("holidays"):
        day = _day(part)
        if day in found:
            raise part.refusal("policy.twice", "day", "another holiday is on that day", "Keep one of them.")
        found[day] = Holiday(day, part.text("kind"))
        part.finish()
    return tuple(found.values())


def _day(fields: PolicyFields) -> date:
    text = fields.text("day")
    try:
        # Of the many forms of a date only the one that is written again.
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise fields.refusal("policy.day", "day", "it is no date", "Write such as 2026-10-01.")
    return day


def _rule_document(rule: Rule) -> dict[str, JSONValue]:
    return {"id": rule.id, "group": rule.group, "doors": list(rule.doors), "schedule": rule.schedule, "deny": rule.deny}


def _rule(fields: PolicyFields) -> Rule:
    rule = Rule(fields.text("id"), fields.text("group"), fields.texts("doors"), fields.text_or_none("schedule"), deny=fields.truth("deny"))
    fields.finish()
    return rule


def _passback(fields: PolicyFields) -> dict[str, PassbackMode]:
    return {area: _passback_mode(fields.part(area)) for area in fields.names()}


def _passback_mode(fields: PolicyFields) -> PassbackMode:
    mode = fields.choice("mode", AntiPassback)
    timed = mode is AntiPassback.TIMED
    within = timedelta(milliseconds=fields.whole("within_ms")) if timed else None
    if not timed and fields.take("within_ms") is not None:
        raise fields.refusal("policy.never", "within_ms", "only timed anti-passback ends by itself", "Write null, or the mode timed.")
    fields.finish()
    return PassbackMode(mode, within)


def _each_once(fields: PolicyFields, key: str, values: Iterable[Named]) -> tuple[Named, ...]:
    listed = tuple(values)
    if len({one.id for one in listed}) < len(listed):
        raise fields.refusal("policy.twice", key, "two have the same id", "Give each an id of its own.")
    return listed


def _ms(length: timedelta | None) -> int | None:
    return None if length is None else length // timedelta(milliseconds=1)


def _whole_ms(seconds: float) -> int:
    return round(seconds * 1000)
