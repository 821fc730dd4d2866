"""People of the doors: pseudonyms with terms, hosts and groups, whose names are shown for a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from consentry.access.model import CredentialState
from consentry.access.records.people import DoorPersonRow
from consentry.access.register import Group, PersonKind, PersonName, PersonTerms, PinDraft, Why
from consentry.access.service import credentials, erasing, expiry, groups, people, pins, residents
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import log_key
from consentry.platform.errors import ConflictError, ConsentryError, DeniedError, InputError, NotFoundError
from consentry.staff.model import Reason
from tests.access.register.house import DAY, NOBODY, STAFF, WHY, House

if TYPE_CHECKING:
    from collections.abc import Callable

REASON = Reason("the card was found in the hall", "T-17")


def test_somebody_is_entered_found_by_unit_and_named_only_for_a_reason(any_house: House) -> None:
    person = any_house.member("王安", " \uff13-1201 ")
    any_house.pass_by(seconds=1)
    neighbour = any_house.member("王宁", "3-1202")
    assert [one.id for one in people.people(any_house.site, STAFF, unit="3-1201")] == [person.id]
    assert [one.id for one in people.people(any_house.site, STAFF)] == [neighbour.id, person.id]
    assert [one.id for one in people.people(any_house.site, STAFF, before=neighbour.id, group="residents")] == [person.id]
    found = people.describe_people(any_house.site, STAFF, [person.id], REASON)
    assert found == {person.id: PersonName("王安", "\uff13-1201")}
    (act,) = any_house.acts("access.people-viewed")
    assert (act.reason, act.details) == (REASON.text, {"ticket": "T-17", "people": [person.id]})
    assert not any(part in str(act) for act in any_house.acts() for part in ("王", "3-1201", "\uff13-1201"))


def test_nobody_is_named_without_reason_or_permission(house: House) -> None:
    person = house.member()
    for reason in (Reason("", ""), Reason("投诉", " "), Reason("看", "T-17"), Reason("", "T-17"), Reason("投诉", "T" * 65)):
        with pytest.raises(InputError) as refused:
            people.describe_people(house.site, STAFF, [person.id], reason)
        assert refused.value.code == "input.text"
    with pytest.raises(DeniedError):
        people.describe_people(house.site, NOBODY, [person.id], REASON)
    with pytest.raises(InputError) as many:
        people.describe_people(house.site, STAFF, [f"id-{number}" for number in range(people.MOST_DESCRIBED + 1)], REASON)
    assert many.value.code == "door-person.too-many"
    assert house.acts("access.people-viewed") == []
    assert set(people.describe_people(house.site, STAFF, [person.id], Reason("投诉", "T-17"))) == {person.id}


def test_names_lie_encrypted_and_bound_to_their_row(house: House) -> None:
    one, other = house.member("欧阳海棠", "9-8765"), house.member()
    with house.site.database.transaction() as session:
        rows = {row.id: row for row in session.scalars(select(DoorPersonRow))}
        stored = b"".join((row.wrapped or b"") + (row.sealed or b"") + (row.unit or b"") for row in rows.values())
        assert not any(part.encode() in stored for part in ("欧阳", "9-8765"))
        rows[other.id].wrapped, rows[other.id].sealed = rows[one.id].wrapped, rows[one.id].sealed
    with pytest.raises(ConsentryError) as refused:
        people.describe_people(house.site, STAFF, [other.id], REASON)
    assert refused.value.code == "keys.sealed"


REFUSED: tuple[tuple[str, Callable[[House, str], Any]], ...] = (
    ("door-person.host", lambda house, _: house.person(PersonKind.GUEST, "访客")),
    ("door-person.host", lambda house, member: house.member("李", None, host=member)),
    ("door-person.unknown", lambda house, _: house.person(PersonKind.CONTRACTOR, "工人", host="nobody")),
    ("door-person.validity", lambda house, _: house.member("李", None, valid_from=house.site.clock.now(), valid_until=house.site.clock.now())),
    ("door.unknown", lambda house, _: house.member("李", None, doors=("cellar",))),
    ("door-group.unknown", lambda house, _: house.member("李", None, "owners")),
    ("input.text", lambda house, _: house.member("", None)),
    ("input.text", lambda house, _: house.member("李\n安", None)),
    ("access.unit", lambda house, _: house.member("李", "3" * 41)),
    ("door-person.unknown", lambda house, _: people.person(house.site, STAFF, "' OR 1=1")),
)


def test_what_cannot_be_entered_is_refused_and_leaves_nothing(house: House) -> None:
    member = house.member().id
    before = house.revision
    for code, attempt in REFUSED:
        with pytest.raises(ConsentryError) as refused:
            attempt(house, member)
        assert refused.value.code == code
    assert [one.id for one in people.people(house.site, STAFF)] == [member]
    assert house.revision == before


def test_a_guest_of_a_guest_is_refused(house: House) -> None:
    guest = house.person(PersonKind.GUEST, "访客", host=house.member().id)
    with pytest.raises(InputError) as refused:
        house.person(PersonKind.GUEST, "朋友", host=guest.id)
    assert refused.value.code == "door-person.host"


def test_terms_are_replaced_as_a_whole(house: House) -> None:
    person = house.member(passback_exempt=True, longer_release=True)
    terms = PersonTerms(("staff",), None, house.site.clock.now() + DAY, None, ("front",))
    before = house.revision
    assert people.change_person(house.site, STAFF, person.id, terms, WHY).terms == terms
    assert people.person(house.site, STAFF, person.id).terms == terms
    assert house.revision > before


def test_whoever_leaves_holds_nothing_and_neither_does_whoever_came_through_them(any_house: House) -> None:
    host = any_house.member()
    guest = any_house.person(PersonKind.GUEST, "访客", host=host.id)
    card, other = any_house.card(host), any_house.card(guest, "01020304")
    face = any_house.face(host)
    people.end_person(any_house.site, STAFF, host.id, "moved out")
    people.end_person(any_house.site, STAFF, host.id, "moved out")
    assert {(any_house.now(one).state, any_house.now(one).why) for one in (card, other, face)} == {(CredentialState.ENDED, Why.LEFT)}
    assert people.person(any_house.site, STAFF, guest.id).left == any_house.site.clock.now()
    assert len(any_house.acts("access.person-ended")) == 2
    assert any_house.acts("access.face-link-suspended") == []
    with pytest.raises(ConflictError) as refused:
        any_house.card(host, "01020305")
    assert refused.value.code == "door-person.left"


def test_whoever_left_is_erased_at_once_when_they_ask_with_whoever_was_here_through_them(any_house: House) -> None:
    host = any_house.member()
    helper = any_house.person(PersonKind.CONTRACTOR, "周", "3-1201", host=host.id)
    neighbour = any_house.member("李和", "3-1201")
    with pytest.raises(ConflictError) as refused:
        erasing.erase_person(any_house.site, STAFF, host.id, "asked to be erased")
    assert refused.value.code == "door-person.present"
    residents.invite_resident(any_house.site, STAFF, host.id, "wang.an")
    people.end_person(any_house.site, STAFF, host.id, "moved out")
    scope = erasing.erasure_scope(any_house.site, STAFF, host.id)
    assert (scope.people, scope.accounts, scope.guest_passes, scope.erased) == (2, 1, 0, False)
    assert scope.events_until == any_house.site.clock.now() + any_house.site.settings.access.event_retention
    done = erasing.erase_person(any_house.site, STAFF, host.id, "asked to be erased")
    assert done is not None
    assert done.scope == scope
    verdict = verify_bundle(done.certificate.data, Trust((log_key(any_house.site),)))
    assert [(entry.index, entry.act.action, entry.act.object) for entry in verdict.entries] == [(done.entry, "access.person-erased", f"door-person:{host.id}")]
    assert erasing.erase_person(any_house.site, STAFF, host.id, "asked again") is None
    assert erasing.erasure_scope(any_house.site, STAFF, host.id).erased
    assert [people.person(any_house.site, STAFF, one.id).erased for one in (host, helper, neighbour)] == [True, True, False]
    assert [one.id for one in people.people(any_house.site, STAFF, unit="3-1201")] == [neighbour.id]
    assert residents.residents(any_house.site, STAFF) == ()
    (act,) = any_house.acts("access.person-erased")
    assert (act.actor, act.object, act.reason) == (STAFF.label, f"door-person:{host.id}", "asked to be erased")
    assert act.details == {"people": 2, "accounts": 1, "guest_passes": 0}


def test_nobody_is_certified_an_erasure_of_nothing(house: House) -> None:
    person = house.member()
    people.end_person(house.site, STAFF, person.id, "moved out")
    house.pass_by(days=8)
    expiry.forget_over(house.site)
    assert erasing.erasure_scope(house.site, STAFF, person.id).empty
    assert erasing.erase_person(house.site, STAFF, person.id, "asked to be erased") is None
    assert house.acts("access.person-erased") == []


def test_a_pin_ends_with_the_unit_that_it_was_entered_after(house: House) -> None:
    person = house.member()
    pin = pins.set_pin(house.site, STAFF, person.id, PinDraft(pin="918273")).credential
    people.rename_person(house.site, STAFF, person.id, PersonName("王安娜", "3-1201"), WHY)
    assert house.now(pin).state is CredentialState.ACTIVE
    people.rename_person(house.site, STAFF, person.id, PersonName("王安娜", "5-101"), WHY)
    assert house.now(pin).state is CredentialState.ENDED
    assert [one.id for one in people.people(house.site, STAFF, unit="5-101")] == [person.id]


def test_suspending_somebody_is_entered_once(house: House) -> None:
    person = house.member()
    for suspended in (True, True, False):
        people.set_suspended(house.site, STAFF, person.id, WHY, suspended=suspended)
    assert [act.action for act in house.acts() if act.action.startswith("access.person-")] == [
        "access.person-added",
        "access.person-suspended",
        "access.person-resumed",
    ]


def test_a_group_with_people_or_rules_is_not_removed(house: House) -> None:
    site = house.site
    for group in ("crew", "empty"):
        groups.put_group(site, STAFF, Group(group, "组", "Group"))
    house.member("李", None, "crew")
    house.apply([{"id": "staff", "group": "staff", "doors": ["front"], "schedule": None, "deny": False}])
    groups.remove_group(site, STAFF, "empty")
    for used in ("crew", "staff"):
        with pytest.raises(ConflictError) as refused:
            groups.remove_group(site, STAFF, used)
        assert refused.value.code == "door-group.in-use"
    with pytest.raises(NotFoundError):
        groups.remove_group(site, STAFF, "empty")
    with pytest.raises(InputError):
        groups.put_group(site, STAFF, Group("Not a slug", "组", "Group"))
    assert [one.id for one in groups.groups(site, STAFF)] == ["crew", "residents", "staff"]
    assert credentials.credentials(site, STAFF, house.member().id) == []
