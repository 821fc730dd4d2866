"""Accounts of residents: one link, one passphrase, sessions that end with whoever they stand for, and names that nobody can find out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from consentry.access.model import CredentialKind
from consentry.access.residence import ResidentState
from consentry.access.service import own_pin, own_ways, people, resident_sessions, residents
from consentry.platform.actors import Actor, ActorKind, Permission
from consentry.platform.errors import ConflictError, DeniedError, InputError, NotFoundError, SignInError, TooManyError
from tests.access.register.house import NOBODY, STAFF, WHY
from tests.access.residents.block import ADDRESS, PASSPHRASE, Block, token_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from consentry.access.residence import Resident
    from consentry.platform.site import Site


def begin(site: Site, name: str, passphrase: str = PASSPHRASE) -> str:
    return resident_sessions.sign_in_resident(site, name, passphrase, ADDRESS).token


def test_a_link_is_good_for_one_passphrase_and_says_whom_it_invites(any_block: Block) -> None:
    site, person = any_block.site, any_block.house.member()
    token = token_of(residents.invite_resident(site, STAFF, person.id, "wang.an"))
    assert (residents.resident_invitation(site, token).name, residents.resident_invitation(site, token).recovers) == ("wang.an", False)
    with pytest.raises(InputError):
        residents.accept_resident_link(site, token, "short")
    assert residents.accept_resident_link(site, token, PASSPHRASE) == "wang.an"
    with pytest.raises(NotFoundError, match="used already"):
        residents.accept_resident_link(site, token, PASSPHRASE)
    (account,) = residents.residents(site, STAFF)
    assert (account.state, account.person) == (ResidentState.ACTIVE, person.id)
    assert begin(site, "WANG.an ")


def test_a_link_is_over_after_a_week(block: Block) -> None:
    token = token_of(residents.invite_resident(block.site, STAFF, block.house.member().id, "wang.an"))
    block.house.pass_by(days=7)
    with pytest.raises(NotFoundError):
        residents.resident_invitation(block.site, token)


def test_one_person_has_one_account_and_a_name_belongs_to_one(block: Block) -> None:
    one, other = block.house.member(), block.house.member("李", "3-1202")
    residents.invite_resident(block.site, STAFF, one.id, "wang.an")
    for person, name, code in ((one, "another", "resident.has-account"), (other, "Wang.An", "resident.name-taken")):
        with pytest.raises(ConflictError) as refused:
            residents.invite_resident(block.site, STAFF, person.id, name)
        assert refused.value.code == code
    with pytest.raises(NotFoundError):
        residents.invite_resident(block.site, STAFF, "nobody", "li")
    with pytest.raises(DeniedError):
        residents.invite_resident(block.site, NOBODY, other.id, "li")


def test_nobody_who_left_is_invited(block: Block) -> None:
    person = block.house.member()
    people.end_person(block.site, STAFF, person.id, WHY)
    with pytest.raises(ConflictError) as refused:
        residents.invite_resident(block.site, STAFF, person.id, "wang.an")
    assert refused.value.code == "door-person.left"
    assert residents.residents(block.site, STAFF) == ()


def test_whoever_lists_accounts_reads_no_name(block: Block) -> None:
    block.resident("wang.an")
    assert "wang" not in repr(residents.residents(block.site, STAFF))


def refusal_of(block: Block, actor: Actor, passphrase: str, pin: str) -> str:
    with pytest.raises((InputError, TooManyError)) as refused:
        own_pin.choose_own_pin(block.site, actor, passphrase, pin)
    return refused.value.code


def test_a_resident_gives_the_passphrase_again_before_a_pin_is_set(block: Block) -> None:
    actor = block.resident()
    assert refusal_of(block, actor, "not the passphrase", "735092") == "resident.passphrase"
    assert own_ways.own_ways(block.site, actor) == ()
    own_pin.choose_own_pin(block.site, actor, PASSPHRASE, "735092", "735094")
    assert [way.kind for way in own_ways.own_ways(block.site, actor)] == [CredentialKind.PIN]


def test_tries_at_a_pin_are_counted_whether_they_succeed_or_not_and_refusals_are_recorded(block: Block) -> None:
    """Else whoever sets a PIN of their own between two guesses could guess at a flatmate's for ever."""
    actor, other = block.resident(), block.resident("li.bo")
    own_pin.choose_own_pin(block.site, other, PASSPHRASE, "735092")
    for guess in ("735092", "735092", "123456"):
        assert refusal_of(block, actor, PASSPHRASE, guess) == "pin.unsuitable"
    own_pin.choose_own_pin(block.site, actor, PASSPHRASE, "906173")
    assert refusal_of(block, actor, "not the passphrase", "906174") == "resident.passphrase"
    assert refusal_of(block, actor, PASSPHRASE, "906174") == "sign-in.wait"
    own_pin.choose_own_pin(block.site, other, PASSPHRASE, "806173")
    refusals = block.house.acts("access.pin-refused")
    assert [(act.actor, act.details["why"]) for act in refusals] == [(actor.label, "pin.unsuitable")] * 3 + [(actor.label, "resident.passphrase")]
    assert not any(pin in str(act) for act in refusals for pin in ("735092", "906173", "906174"))
    for _ in range(12):
        block.house.pass_by(minutes=16)
        assert refusal_of(block, actor, PASSPHRASE, "806173") == "pin.unsuitable"
    block.house.pass_by(minutes=14)
    assert refusal_of(block, actor, PASSPHRASE, "806173") == "sign-in.wait"


def test_a_wrong_name_and_a_wrong_passphrase_are_told_alike_and_slowed_down_alike(block: Block) -> None:
    block.resident()
    for name, passphrase in (("wang.an", "not the passphrase"), ("nobody", PASSPHRASE)):
        said = set()
        for _ in range(5):
            with pytest.raises(SignInError) as refused:
                begin(block.site, name, passphrase)
            said.add(str(refused.value))
        assert len(said) == 1
        with pytest.raises(TooManyError):
            begin(block.site, name, PASSPHRASE)
    assert [act.action for act in block.house.acts("access.resident-sign-in-delayed")] == ["access.resident-sign-in-delayed"] * 2


def test_a_session_ends_when_its_resident_leaves_is_suspended_or_their_account_is_disabled(block: Block) -> None:
    ends: dict[str, Callable[[Resident], object]] = {
        "left": lambda account: people.end_person(block.site, STAFF, account.person, WHY),
        "suspended": lambda account: people.set_suspended(block.site, STAFF, account.person, WHY, suspended=True),
        "disabled": lambda account: residents.disable_resident(block.site, STAFF, account.id, WHY),
    }
    for name, end in ends.items():
        person = block.house.member(name, None)
        block.account(person, name)
        token = begin(block.site, name)
        actor = resident_sessions.resident_of_token(block.site, token)
        assert actor is not None
        end(next(one for one in residents.residents(block.site, STAFF) if one.person == person.id))
        assert resident_sessions.resident_of_token(block.site, token) is None
        with pytest.raises(DeniedError):
            own_ways.own_ways(block.site, actor)
        with pytest.raises(SignInError):
            begin(block.site, name)


def test_a_session_ends_by_itself_and_by_signing_out(block: Block) -> None:
    block.resident()
    idle, left = begin(block.site, "wang.an"), begin(block.site, "wang.an")
    actor = resident_sessions.resident_of_token(block.site, left)
    assert actor is not None
    resident_sessions.sign_out_resident(block.site, actor)
    assert resident_sessions.resident_of_token(block.site, left) is None
    block.house.pass_by(hours=11)
    assert resident_sessions.resident_of_token(block.site, idle) is not None
    block.house.pass_by(hours=12)
    assert resident_sessions.resident_of_token(block.site, idle) is None


def test_a_new_passphrase_ends_the_sessions_under_the_old_one(block: Block) -> None:
    block.resident()
    token = begin(block.site, "wang.an")
    (account,) = residents.residents(block.site, STAFF)
    link = residents.renew_resident_link(block.site, STAFF, account.id, WHY)
    assert resident_sessions.resident_of_token(block.site, token) is not None
    residents.accept_resident_link(block.site, token_of(link), "eight other herons")
    assert resident_sessions.resident_of_token(block.site, token) is None
    with pytest.raises(SignInError):
        begin(block.site, "wang.an")


def test_a_disabled_account_can_be_enabled_again(block: Block) -> None:
    block.resident()
    (account,) = residents.residents(block.site, STAFF)
    residents.disable_resident(block.site, STAFF, account.id, WHY)
    with pytest.raises(ConflictError):
        residents.renew_resident_link(block.site, STAFF, account.id, WHY)
    residents.enable_resident(block.site, STAFF, account.id)
    assert begin(block.site, "wang.an")


def test_staff_and_agents_are_no_residents(block: Block) -> None:
    block.resident()
    for actor in (STAFF, Actor(ActorKind.AGENT, "agent-1", frozenset({Permission.LIVE_HERE}))):
        with pytest.raises(DeniedError):
            own_ways.own_ways(block.site, actor)


def test_the_account_of_somebody_who_left_is_deleted_with_its_name(block: Block) -> None:
    person = block.house.member()
    block.account(person)
    people.end_person(block.site, STAFF, person.id, WHY)
    resident_sessions.forget_expired(block.site)
    with block.site.database.reading() as session:
        assert [session.execute(text(f"SELECT count(*) FROM access_resident{end}")).scalar() for end in ("", "_link", "_session")] == [0, 0, 0]  # noqa: S608 - our own tables


def test_no_name_and_no_secret_stands_in_the_database(block: Block) -> None:
    block.resident()
    with block.site.database.reading() as session:
        rows = [str(tuple(row)) for table in ("access_resident", "access_resident_session") for row in session.execute(text(f"SELECT * FROM {table}"))]  # noqa: S608 - as above
    assert rows
    assert not any("wang" in row.lower() for row in rows)
