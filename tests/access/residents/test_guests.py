"""Guest passes: what a host may give, what a guest is shown, the host's yes, and that names go when the pass is over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from consentry.access.model import AccessEvent, CredentialKind, ReaderKind
from consentry.access.passes import Place, Verified, verify
from consentry.access.records.residents import GuestRow
from consentry.access.register import LoanDraft, PersonName
from consentry.access.residence import GuestState, LoggedWho
from consentry.access.service import delegates, erasing, expiry, guests, hosting, own_log, own_ways, people, residents
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from tests.access.register.house import DAY, STAFF, WHY, signers
from tests.access.residents.block import HOUR, Block, token_of

if TYPE_CHECKING:
    from consentry.access.residence import GuestPass
    from consentry.platform.actors import Actor
    from tests.access.events.lodge import Controller


def row_of(block: Block, guest: GuestPass) -> GuestRow:
    with block.site.database.reading() as session:
        return session.get_one(GuestRow, guest.id)


def shown(block: Block, guest: GuestPass, door: str = "front") -> Verified | AccessEvent:
    """Return what the newest code of a guest proves at a door now."""
    code = guests._texts(block.site.keys, row_of(block, guest))["code"]  # noqa: SLF001 - the text that its guest is shown
    return verify(code, Place(block.site.keys.site, door, signers(block.site)), block.site.clock.now())


def uses(block: Block, controller: Controller, guest: GuestPass, kind: AccessEvent = AccessEvent.GRANTED) -> None:
    """Let a controller tell that the guest showed the pass."""
    row = row_of(block, guest)
    controller.happen(kind, "front", reader=ReaderKind.QR, person=row.person, credential=row.credential)
    controller.send()


def test_a_guest_s_link_shows_a_code_that_the_door_accepts_and_no_name(any_block: Block) -> None:
    host = any_block.resident()
    issued = any_block.guest(host)
    found = guests.guest_code(any_block.site, token_of(issued))
    assert found.code is not None
    proved = verify(found.code, Place(any_block.site.keys.site, "front", signers(any_block.site)), any_block.site.clock.now())
    assert isinstance(proved, Verified)
    assert (proved.kind, proved.uses, proved.needs_host) == (CredentialKind.GUEST, 1, False)
    assert (found.guest.name, any_block.listed(host).name) == (None, "陈")
    with pytest.raises(NotFoundError, match="is none"):
        guests.guest_code(any_block.site, token_of(issued)[:-1])


def test_the_controller_s_snapshot_knows_the_guest_while_the_pass_holds(block: Block) -> None:
    step = block.house.paired("main")
    host = block.resident()
    issued = block.guest(host)
    row = row_of(block, issued.guest)
    snapshot = step.read()
    (person,) = [one for one in snapshot.people if one.id == row.person]
    (credential,) = [one for one in snapshot.credentials if one.id == row.credential]
    assert (person.groups, person.host) == (("residents",), row.host)
    assert (credential.doors, credential.uses) == (("front",), 1)
    guests.revoke_own_guest_pass(block.site, host, issued.guest.id)
    assert row.credential not in [one.id for one in step.read().credentials]


REFUSED: tuple[tuple[tuple[str, ...], dict[str, Any], str], ...] = (
    (("garage",), {}, "guest.doors"),
    (("nowhere",), {}, "guest.doors"),
    (("front", "lift"), {}, "pass.doors"),
    (("front",), {"uses": 0}, "guest.uses"),
    (("front",), {"uses": 101}, "guest.uses"),
    (("front",), {"name": "two\nlines"}, "input.text"),
)


def test_what_a_host_may_not_give_is_refused_and_nothing_stays_behind(block: Block) -> None:
    host = block.resident()
    for doors, said, code in REFUSED:
        with pytest.raises(InputError) as refused:
            block.guest(host, *doors, **said)
        assert refused.value.code == code
    assert guests.own_guest_passes(block.site, host) == ()
    assert block.house.acts("access.guest-pass-issued") == []


def test_a_pass_has_its_time(block: Block) -> None:
    host, now = block.resident(), block.site.clock.now()
    longest = block.site.settings.access.longest_guest_pass
    for starts, until in ((now, now), (now, now + longest + HOUR), (now - 2 * HOUR, now - HOUR), (now + timedelta(days=91), now + timedelta(days=92))):
        with pytest.raises(InputError) as refused:
            block.guest(host, starts=starts, until=until)
        assert refused.value.code == "guest.times"
    later = block.guest(host, starts=now + HOUR, until=now + HOUR + longest).guest
    assert (later.state, shown(block, later)) == (GuestState.WAITING, AccessEvent.DENIED_CREDENTIAL_NOT_YET_ACTIVE)
    block.house.pass_by(hours=1)
    assert block.listed(host).state is GuestState.OPEN
    block.house.pass_by(days=longest.days)
    assert (block.listed(host).state, shown(block, later)) == (GuestState.OVER, AccessEvent.DENIED_CREDENTIAL_EXPIRED)


def test_several_doors_need_the_host_s_yes_each_time(block: Block) -> None:
    host = block.resident()
    proved = shown(block, block.guest(host, "front", "lift", needs_host=True, uses=None).guest, "lift")
    assert isinstance(proved, Verified)
    assert proved.needs_host


def test_only_so_many_passes_are_open_at_once(block: Block) -> None:
    host, most = block.resident(), block.site.settings.access.guest_passes
    for _ in range(most):
        block.guest(host)
    with pytest.raises(ConflictError) as refused:
        block.guest(host)
    assert refused.value.code == "guest.too-many"
    guests.revoke_own_guest_pass(block.site, host, block.listed(host).id)
    assert block.guest(host).guest.state is GuestState.OPEN


def lent(block: Block, host: Actor, **until: int) -> str:
    """Give somebody a PIN in the place of the host's, and return who it is."""
    (way,) = own_ways.own_ways(block.site, host)
    return delegates.give_to_delegate(block.site, host, LoanDraft(way.id, PersonName("周"), ("front",), block.site.clock.now() + timedelta(**until))).person


def test_only_so_many_helpers_are_let_in_at_once_and_none_for_longer_than_a_year(block: Block) -> None:
    host, most = block.resident(), block.site.settings.access.guest_passes
    own_ways.set_own_pin(block.site, host, "735092")
    for until in ({"seconds": 0}, {"days": 366, "seconds": 1}):
        with pytest.raises(InputError) as too_long:
            lent(block, host, **until)
        assert too_long.value.code == "delegate.until"
    helpers = [lent(block, host, hours=hours) for hours in (2, *[24 * 366] * (most - 1))]
    with pytest.raises(ConflictError) as refused:
        lent(block, host, hours=1)
    assert refused.value.code == "delegate.too-many"
    delegates.end_delegate(block.site, host, helpers[-1])
    lent(block, host, days=5)
    block.house.pass_by(hours=3)
    lent(block, host, days=5)
    with pytest.raises(ConflictError):
        lent(block, host, days=5)


def test_uses_are_counted_from_what_the_doors_tell(block: Block) -> None:
    host, controller = block.resident(), block.controller()
    issued = block.guest(host, uses=2)
    uses(block, controller, issued.guest)
    assert (block.listed(host).used, block.listed(host).state) == (1, GuestState.OPEN)
    uses(block, controller, issued.guest, AccessEvent.DENIED_OUT_OF_TIME_RANGE)
    uses(block, controller, issued.guest)
    assert (block.listed(host).used, block.listed(host).state) == (2, GuestState.USED)
    assert guests.guest_code(block.site, token_of(issued)).code is None


def test_a_pass_is_ended_by_its_host_or_by_staff_with_a_reason_and_by_nobody_else(block: Block) -> None:
    host, neighbour = block.resident(), block.resident("li", "3-1202")
    one, other = block.guest(host), block.guest(host)
    with pytest.raises(NotFoundError):
        guests.revoke_own_guest_pass(block.site, neighbour, one.guest.id)
    assert guests.own_guest_passes(block.site, neighbour) == ()
    guests.revoke_own_guest_pass(block.site, host, one.guest.id)
    guests.revoke_own_guest_pass(block.site, host, one.guest.id)
    with pytest.raises(InputError):
        guests.revoke_guest_pass(block.site, STAFF, other.guest.id, "")
    guests.revoke_guest_pass(block.site, STAFF, other.guest.id, WHY)
    assert [guest.state for guest in guests.own_guest_passes(block.site, host)] == [GuestState.REVOKED] * 2
    assert [act.reason for act in block.house.acts("access.guest-pass-revoked")] == ["", WHY]
    assert guests.guest_code(block.site, token_of(one)).code is None


def test_staff_give_a_pass_on_a_member_s_word_and_read_no_name(block: Block) -> None:
    member = block.house.member()
    issued = guests.issue_guest_pass_for(block.site, STAFF, member.id, block.draft())
    assert guests.guest_code(block.site, token_of(issued)).code
    (listed,) = guests.guest_passes(block.site, STAFF, member.id)
    assert (listed.id, listed.name, listed.host) == (issued.guest.id, None, member.id)
    assert guests.guest_passes(block.site, STAFF, before=listed.id) == ()


def test_the_host_is_asked_and_their_yes_goes_to_the_controller(block: Block) -> None:
    host, neighbour, controller = block.resident(), block.resident("li", "3-1202"), block.controller()
    guest = block.guest(host, needs_host=True).guest
    assert hosting.host_requests(block.site, host) == ()
    with pytest.raises(NotFoundError):
        hosting.let_guest_in(block.site, host, guest.id, "front")
    uses(block, controller, guest, AccessEvent.VERIFICATION_REQUIRED)
    (asked,) = hosting.host_requests(block.site, host)
    assert (asked.guest, asked.name, asked.door.id) == (guest.id, "陈", "front")
    assert hosting.host_requests(block.site, neighbour) == ()
    with pytest.raises(NotFoundError):
        hosting.let_guest_in(block.site, neighbour, guest.id, "front")
    hosting.let_guest_in(block.site, host, guest.id, "front")
    (order,) = controller.send().orders
    assert (order.door, order.credential, order.by) == ("front", row_of(block, guest).credential, host.label)


def test_a_guest_s_name_and_link_are_gone_some_days_after_the_pass(block: Block) -> None:
    host = block.resident()
    issued = block.guest(host)
    uses(block, block.controller(), issued.guest)
    block.house.pass_by(hours=5)
    assert (expiry.end_expired(block.site) > 0, guests.forget_guests(block.site)) == (True, 0)
    block.house.pass_by(days=block.site.settings.access.guest_retention.days)
    assert guests.forget_guests(block.site) == 1
    assert [(line.who, line.name) for line in own_log.own_log(block.site, block.signed_in("wang.an"))] == [(LoggedWho.GUEST, None)]
    with pytest.raises(NotFoundError):
        guests.guest_code(block.site, token_of(issued))


def test_guest_passes_of_a_host_whose_own_name_went_by_itself_are_erased_when_they_ask(any_block: Block) -> None:
    any_block.resident()
    (host,) = people.people(any_block.site, STAFF)
    issued = any_block.guest(any_block.signed_in("wang.an"), until=any_block.site.clock.now() + 7 * DAY)
    people.end_person(any_block.site, STAFF, host.id, "moved out")
    any_block.house.pass_by(days=7, hours=1)
    assert (expiry.forget_over(any_block.site), guests.forget_guests(any_block.site)) == (0, 0)
    scope = erasing.erasure_scope(any_block.site, STAFF, host.id)
    assert (scope.people, scope.accounts, scope.guest_passes, scope.erased, scope.empty) == (0, 1, 1, True, False)
    done = erasing.erase_person(any_block.site, STAFF, host.id, "asked to be erased")
    assert done is not None
    assert (done.scope, any_block.house.acts("access.person-erased")[-1].details["guest_passes"]) == (scope, 1)
    assert (guests.guest_passes(any_block.site, STAFF), residents.residents(any_block.site, STAFF)) == ((), ())
    with pytest.raises(NotFoundError):
        guests.guest_code(any_block.site, token_of(issued))
    assert erasing.erase_person(any_block.site, STAFF, host.id, "asked again") is None


def test_neither_name_nor_secret_nor_code_of_a_guest_stands_readable_in_the_database(block: Block) -> None:
    issued = block.guest(block.resident(), name="陈女士")
    code = guests.guest_code(block.site, token_of(issued)).code or ""
    with block.site.database.reading() as session:
        dump = str([tuple(row) for table in ("access_guest", "access_person", "ledger_entry") for row in session.execute(text(f"SELECT * FROM {table}"))])  # noqa: S608 - our own tables
    for secret in ("陈女士", token_of(issued), code.split(".")[2]):
        assert secret not in dump
