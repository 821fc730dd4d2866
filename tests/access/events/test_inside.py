"""Who is inside: for a reason that is entered, by name, and with everything said that it cannot know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consentry.access.happenings import UnknownKind
from consentry.access.model import AccessEvent, ContactState, DoorEvent
from consentry.access.register import PersonDraft, PersonKind, PersonName
from consentry.access.service import people
from consentry.access.service.inside import inside, printed
from consentry.platform.errors import DeniedError, InputError
from tests.access.events.lodge import FIRST, GUARD, standing

if TYPE_CHECKING:
    from consentry.access.happenings import Roll
    from tests.access.events.lodge import Controller, Lodge

WHY = "fire alarm in the east wing"


def entered(lodge: Lodge, name: str, unit: str | None = None) -> str:
    return people.add_person(lodge.site, FIRST, PersonDraft(PersonKind.MEMBER, PersonName(name, unit))).id


def places(roll: Roll) -> dict[str, list[str | None]]:
    return {area.area: [one.name for one in area.people] for area in roll.areas}


def unknowns(roll: Roll) -> set[tuple[str, str, int]]:
    return {(one.kind.value, one.subject, one.many) for one in roll.unknowns}


def test_everybody_is_named_in_their_area_with_the_last_door_and_when(any_lodge: Lodge) -> None:
    main = any_lodge.controller()
    li, wang, zhao = (entered(any_lodge, name, unit) for name, unit in (("Li Na", "3-201"), ("Wang Wei", None), ("Zhao Min", None)))
    for person in (li, wang, zhao):
        main.grant(person)
    any_lodge.pass_by(minutes=5)
    main.grant(wang, "hall")
    main.grant(zhao, "out")
    main.send()
    roll = inside(any_lodge.site, FIRST, WHY)
    assert places(roll) == {"hall": ["Wang Wei"], "inside": ["Li Na (3-201)"]}
    present = roll.areas[0].people[0]
    assert (present.door, present.at) == ("hall", any_lodge.clock.now())
    act = any_lodge.acts("access.inside-viewed")[0]
    assert (act.actor, act.reason, act.details) == (FIRST.label, WHY, {"people": 2})


def test_what_the_list_cannot_know_is_said(lodge: Lodge, main: Controller) -> None:
    main.grant(entered(lodge, "Li Na"))
    main.send()
    lodge.pass_by(hours=25)
    main.happen(DoorEvent.EGRESS_OPEN, "front")
    main.happen(DoorEvent.FORCED_OPEN, "front")
    main.happen(AccessEvent.GRANTED, "hall")
    main.send(doors={"front": standing("card", contact=ContactState.UNKNOWN)})
    roll = inside(lodge.site, FIRST, WHY)
    assert places(roll) == {}
    assert unknowns(roll) == {
        (UnknownKind.OPENED_WITHOUT_NAME, "front", 2),
        (UnknownKind.OPENED_WITHOUT_NAME, "hall", 1),
        (UnknownKind.CONTROLLER_AWAY, "garage", 1),
        (UnknownKind.CONTACT_UNKNOWN, "front", 1),
        (UnknownKind.EARLIER, "inside", 1),
    }
    lodge.pass_by(minutes=1)
    assert (UnknownKind.CONTROLLER_AWAY, "main", 1) in unknowns(inside(lodge.site, FIRST, WHY))


def test_whoever_cannot_be_named_is_listed_all_the_same(lodge: Lodge, main: Controller) -> None:
    main.grant("somebody-erased")
    main.send()
    roll = inside(lodge.site, FIRST, WHY)
    assert places(roll) == {"inside": [None]}
    assert "[ ] somebody-erased  front  2026-03-02 01:00" in printed(roll)
    assert "控制器失联 controller away: garage" in printed(roll)


def test_it_needs_the_permission_and_a_reason(lodge: Lodge) -> None:
    with pytest.raises(DeniedError):
        inside(lodge.site, GUARD, WHY)
    with pytest.raises(InputError):
        inside(lodge.site, FIRST, "  ")
    assert lodge.acts("access.inside-viewed") == []
