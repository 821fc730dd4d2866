"""Lockdown and free access: by two people who gave their password, never by one, never by a program, and never fire."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from consentry.access.happenings import ModeStep
from consentry.access.model import DoorMode
from consentry.access.service import modes
from consentry.ledger.work import reading
from consentry.platform.actors import Actor, ActorKind, Permission, system
from consentry.platform.errors import ConflictError, ConsentryError, DeniedError, InputError
from tests.access.events.lodge import FIRST, GUARD, NINE, OPERATOR, SECOND_PERSON

if TYPE_CHECKING:
    from collections.abc import Callable

    from consentry.access.happenings import ModeState
    from tests.access.events.lodge import Lodge

PROGRAM = Actor(ActorKind.API_KEY, "key-1", frozenset(Permission))
STALE = replace(FIRST, confirmed_until=NINE)


def standing(lodge: Lodge) -> dict[str, DoorMode]:
    with reading(lodge.site) as work:
        return modes.standing_modes(work.session)


def test_a_mode_stands_when_a_second_person_confirmed_it_and_until_one_ends_it(any_lodge: Lodge) -> None:
    site = any_lodge.site
    proposed = modes.propose_mode(site, FIRST, DoorMode.LOCKDOWN, ["hall", "front", "front"], "intruder in the yard")
    assert (proposed.step, proposed.doors, standing(any_lodge)) == (ModeStep.PROPOSED, ("front", "hall"), {})
    assert modes.confirm_mode(site, SECOND_PERSON, proposed.id).step is ModeStep.STANDING
    assert standing(any_lodge) == {"front": DoorMode.LOCKDOWN, "hall": DoorMode.LOCKDOWN}
    assert modes.end_mode(site, FIRST, proposed.id, "all clear").step is ModeStep.ENDED
    assert standing(any_lodge) == {}
    entered = [any_lodge.acts(f"access.mode-{step}")[0].actor for step in ("proposed", "set", "ended")]
    assert entered == [FIRST.label, SECOND_PERSON.label, FIRST.label]


def test_nobody_confirms_what_they_proposed_not_even_from_another_session(lodge: Lodge) -> None:
    proposed = modes.propose_mode(lodge.site, FIRST, DoorMode.FREE, ["front"], "moving day")
    with pytest.raises(DeniedError, match="proposed the mode itself"):
        modes.confirm_mode(lodge.site, replace(FIRST, session="session-9"), proposed.id)
    assert standing(lodge) == {}


def test_a_proposal_lapses_after_five_minutes(lodge: Lodge) -> None:
    proposed = modes.propose_mode(lodge.site, FIRST, DoorMode.FREE, ["front"], "moving day")
    lodge.pass_by(minutes=5)
    with pytest.raises(ConflictError, match="lapsed"):
        modes.confirm_mode(lodge.site, SECOND_PERSON, proposed.id)
    assert [mode.step for mode in modes.modes(lodge.site, GUARD)] == [ModeStep.LAPSED]


@pytest.mark.parametrize(
    ("actor", "code"), [(STALE, "access.confirm"), (GUARD, "access.denied"), *((who, "door-mode.person") for who in (PROGRAM, OPERATOR, system("jobs")))]
)
def test_only_signed_in_people_with_a_fresh_password_have_a_say(lodge: Lodge, actor: Actor, code: str) -> None:
    proposed = modes.propose_mode(lodge.site, SECOND_PERSON, DoorMode.FREE, ["front"], "moving day")
    attempts: list[Callable[[], ModeState]] = [
        lambda: modes.propose_mode(lodge.site, actor, DoorMode.LOCKDOWN, ["front"], "reason"),
        lambda: modes.confirm_mode(lodge.site, actor, proposed.id),
        lambda: modes.end_mode(lodge.site, actor, proposed.id, "reason"),
    ]
    for attempt in attempts:
        with pytest.raises(ConsentryError) as refused:
            attempt()
        assert refused.value.code == code
    assert standing(lodge) == {}


@pytest.mark.parametrize("mode", [DoorMode.FIRE, DoorMode.NORMAL])
def test_fire_is_set_by_nobody(lodge: Lodge, mode: DoorMode) -> None:
    with pytest.raises(InputError, match="lockdown and free access alone"):
        modes.propose_mode(lodge.site, FIRST, mode, ["front"], "drill")


@pytest.mark.parametrize("doors", [[], ["cellar"], ["front", "cellar"]])
def test_a_mode_is_of_doors_that_exist(lodge: Lodge, doors: list[str]) -> None:
    with pytest.raises(InputError, match="settings do not name"):
        modes.propose_mode(lodge.site, FIRST, DoorMode.FREE, doors, "moving day")


def test_where_both_stand_lockdown_holds_whichever_came_first(lodge: Lodge) -> None:
    for first, second in ((DoorMode.FREE, DoorMode.LOCKDOWN), (DoorMode.LOCKDOWN, DoorMode.FREE)):
        proposals = [modes.propose_mode(lodge.site, FIRST, mode, ["front"], "reason") for mode in (first, second)]
        for proposed in proposals:
            modes.confirm_mode(lodge.site, SECOND_PERSON, proposed.id)
        assert standing(lodge) == {"front": DoorMode.LOCKDOWN}
        for proposed in proposals:
            modes.end_mode(lodge.site, FIRST, proposed.id, "reason")


def test_what_is_over_is_neither_confirmed_nor_ended_again(lodge: Lodge) -> None:
    proposed = modes.propose_mode(lodge.site, FIRST, DoorMode.FREE, ["front"], "moving day")
    modes.end_mode(lodge.site, FIRST, proposed.id, "wrong door")
    with pytest.raises(ConflictError, match="ended already"):
        modes.confirm_mode(lodge.site, SECOND_PERSON, proposed.id)
    with pytest.raises(ConflictError, match="ended already"):
        modes.end_mode(lodge.site, FIRST, proposed.id, "again")


def test_an_area_is_the_doors_that_lead_into_it(lodge: Lodge) -> None:
    assert modes.doors_of_area(lodge.site.settings, "inside") == ("front",)
