"""Desks: pairing, what they sign, and everything that somebody may try instead."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from consentry.attribution.desk_text import claimed_at, read_desk_text
from consentry.attribution.records.visits import DeskEntryRow
from consentry.attribution.service import desk_queue, desks
from consentry.attribution.visiting import Binding, SignedEntry
from consentry.platform.errors import ConsentryError, DeniedError, InputError, NotFoundError, ProofError
from tests.attribution.arrivals.reception import EPOCH, FRONT, NO_ARRIVAL, NOBODY, Device, Reception, canonical, kinds, link_of, secret_number
from tests.attribution.reports.office import MANAGER, NINE, PHONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from consentry.attribution.visiting import EntryOutcome
    from consentry.platform.actors import Actor


def test_a_device_becomes_a_desk_by_a_code_that_works_once_and_for_ten_minutes(reception: Reception) -> None:
    shown = desks.pair_desk(reception.site, MANAGER, "garden", "Front desk")
    face = desks.complete_desk_pairing(reception.site, shown.code.lower(), b"\x04" + b"1" * 64)
    assert (face.name, face.project) == ("Front desk", "garden")
    assert desks.desk_face(reception.site, face.desk) == face
    with pytest.raises(NotFoundError, match="code"):
        desks.complete_desk_pairing(reception.site, shown.code, b"\x04" + b"2" * 64)
    late = desks.pair_desk(reception.site, MANAGER, "garden", "Second")
    reception.office.pass_by(minutes=10)
    with pytest.raises(NotFoundError, match="code"):
        desks.complete_desk_pairing(reception.site, late.code, b"\x04" + b"2" * 64)


def test_one_key_makes_one_desk(reception: Reception) -> None:
    for name in ("first", "second"):
        code = desks.pair_desk(reception.site, MANAGER, "garden", name).code
        if name == "second":
            with pytest.raises(InputError) as refused:
                desks.complete_desk_pairing(reception.site, code, b"\x04" + b"1" * 64)
            assert refused.value.code == "desk.key-used"
        else:
            desks.complete_desk_pairing(reception.site, code, b"\x04" + b"1" * 64)


@pytest.mark.parametrize("actor", [FRONT, NOBODY])
def test_whoever_may_not_manage_agencies_makes_and_revokes_no_desk(reception: Reception, desk: Device, actor: Actor) -> None:
    with pytest.raises(DeniedError):
        desks.pair_desk(reception.site, actor, "garden", "mine")
    with pytest.raises(DeniedError):
        desks.revoke_desk(reception.site, actor, desk.id, "no reason")


def test_an_arrival_that_is_sent_at_once_is_received_when_it_was(reception: Reception, desk: Device) -> None:
    outcome = desk.one(desk.entry(alias="王", phone=PHONE))
    (visit,) = reception.visits()
    assert (outcome.visit, outcome.code) == (visit.id, None)
    assert (visit.at, visit.claimed_at, visit.report, visit.bound) == (NINE, None, None, False)


def test_a_queued_arrival_keeps_the_desks_own_clock(reception: Reception, desk: Device) -> None:
    entry = desk.entry()
    reception.office.pass_by(minutes=40)
    desk.send(entry)
    (visit,) = reception.visits()
    assert (visit.at, visit.claimed_at) == (NINE + timedelta(minutes=40), NINE)


@pytest.mark.parametrize(
    ("waited", "ahead", "claimed"),
    [
        (timedelta(seconds=60), timedelta(0), None),
        (timedelta(seconds=61), timedelta(0), NINE),
        (timedelta(minutes=30), -timedelta(hours=2), NINE - timedelta(hours=2)),
        (timedelta(minutes=30), timedelta(hours=2), NINE),
        (timedelta(0), -timedelta(days=400), None),
        (-timedelta(hours=1), timedelta(0), None),
    ],
    ids=["at-once", "queued", "clock-behind", "clock-ahead", "behind-but-at-once", "signed-after-it-was-sent"],
)
def test_what_was_queued_is_told_by_one_clock_alone(waited: timedelta, ahead: timedelta, claimed: object) -> None:
    now = NINE + waited
    assert claimed_at(NINE + ahead, now + ahead, now) == claimed


def test_a_desk_is_told_how_wrong_its_clock_is(reception: Reception, desk: Device) -> None:
    desk.ahead = -timedelta(minutes=4)
    answer = desk.send(desk.entry())
    assert (answer.skew_s, answer.now) == (240, NINE)
    assert desks.desks(reception.site, MANAGER)[0].skew_s == 240
    assert reception.visits()[0].claimed_at is None


MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
OFF = [
    ("just-within", [-5 * MINUTE], 0 * MINUTE, [None]),
    ("before-it-was-paired", [-6 * MINUTE], 0 * MINUTE, ["desk.clock"]),
    ("days-before-it-was-paired", [-9000 * DAY], 0 * MINUTE, ["desk.clock"]),
    ("a-little-ahead", [5 * MINUTE], 0 * MINUTE, [None]),
    ("in-the-future", [6 * MINUTE], 0 * MINUTE, ["desk.clock"]),
    ("in-a-year", [400 * DAY], 0 * MINUTE, ["desk.clock"]),
    ("backwards", [120 * MINUTE, 110 * MINUTE], 120 * MINUTE, [None, "desk.clock"]),
    ("backwards-a-little", [120 * MINUTE, 115 * MINUTE], 120 * MINUTE, [None, None]),
]


@pytest.mark.parametrize(("signed", "now", "codes"), [case[1:] for case in OFF], ids=[case[0] for case in OFF])
def test_what_a_clock_signed_that_was_wrong_waits_for_a_person(
    reception: Reception, desk: Device, signed: list[timedelta], now: timedelta, codes: list[str | None]
) -> None:
    entries = [desk.entry(at=NINE + since) for since in signed]
    reception.office.clock.advance(now)
    assert [desk.one(entry).code for entry in entries] == codes
    assert len(reception.visits()) == codes.count(None)
    assert len(desk_queue.waiting_entries(reception.site, MANAGER)) == codes.count("desk.clock")


def test_a_later_number_that_was_sent_first_does_not_let_an_earlier_one_run_ahead(reception: Reception, desk: Device) -> None:
    early, late = desk.entry(at=NINE + 30 * MINUTE), desk.entry(at=NINE + 10 * MINUTE)
    reception.office.pass_by(hours=1)
    assert [desk.one(entry).code for entry in (late, early)] == [None, "desk.clock"]


@pytest.mark.parametrize("year", [1971, 2800, 9990])
def test_when_it_was_sent_is_not_believed_where_it_cannot_be(reception: Reception, desk: Device, year: int) -> None:
    entries = [desk.entry(), desk.entry(at=NINE + DAY)]
    outcomes = desk_queue.reconcile(reception.site, desk.id, entries, sent=NINE.replace(year=year)).outcomes
    assert [outcome.code for outcome in outcomes] == ["desk.clock"] * 2
    assert reception.visits() == []
    assert desk.one(desk.entry()).code is None


def test_the_same_entry_again_is_the_same_visit(reception: Reception, desk: Device) -> None:
    entry = desk.entry(phone=PHONE)
    first = desk.one(entry)
    reception.office.pass_by(days=1)
    assert desk.one(entry).visit == first.visit
    assert [outcome.visit for outcome in desk.send(entry, entry).outcomes] == [first.visit] * 2
    assert len(reception.visits()) == 1
    assert len(reception.office.acts("attribution.arrived")) == 1


def test_the_ledger_names_the_person_who_was_signed_in_at_the_desk(reception: Reception, desk: Device) -> None:
    desk.send(desk.entry(), attendant=FRONT)
    desk.send(desk.entry())
    assert [act.actor for act in reception.office.acts("attribution.arrived")] == [FRONT.label, "system:attribution"]
    with pytest.raises(DeniedError):
        desk.send(desk.entry(), attendant=NOBODY)


def forged(desk: Device, entry: SignedEntry) -> SignedEntry:
    stranger = replace_key(desk)
    return stranger.sign(entry.text)


def replace_key(desk: Device) -> Device:
    return Device(desk.site, desk.id, desk.project, ec.generate_private_key(ec.SECP256R1()))


def altered(_: Device, entry: SignedEntry) -> SignedEntry:
    return SignedEntry(entry.text.replace('"party_size":1', '"party_size":2'), entry.signature)


def with_signature(text: str) -> Callable[[Device, SignedEntry], SignedEntry]:
    return lambda _, entry: SignedEntry(entry.text, text)


def high_s(_: Device, entry: SignedEntry) -> SignedEntry:
    """Return r ‖ s with one bit of s flipped."""
    raw = bytearray(base64.b64decode(entry.signature))
    raw[-1] ^= 1
    return SignedEntry(entry.text, base64.b64encode(raw).decode())


@pytest.mark.parametrize(
    "attack",
    [forged, altered, high_s, with_signature(""), with_signature("AAAA"), with_signature("é"), with_signature(base64.b64encode(bytes(64)).decode())],
    ids=["another-key", "another-text", "another-signature", "none", "short", "no-base64", "zeros"],
)
def test_what_the_desk_did_not_sign_makes_nothing(reception: Reception, desk: Device, attack: Callable[[Device, SignedEntry], SignedEntry]) -> None:
    good, bad = desk.entry(), desk.entry()
    with pytest.raises(ProofError) as refused:
        desk.one(attack(desk, bad))
    assert refused.value.code == "desk.signature"
    outcomes = desk.send(attack(desk, bad), good).outcomes
    assert [outcome.code for outcome in outcomes] == ["desk.signature", None]
    assert len(reception.visits()) == 1
    assert desk_queue.waiting_entries(reception.site, MANAGER) == []


@pytest.mark.parametrize("name", ["0" * 36, "", "x" * 200, "é"])
def test_a_stranger_learns_nothing_of_desks(reception: Reception, desk: Device, name: str) -> None:
    def refusal(call: Callable[[], object]) -> str:
        with pytest.raises(ProofError) as refused:
            call()
        return str(refused.value)

    unknown = refusal(lambda: desk_queue.reconcile(reception.site, name, [desk.entry()], sent=NINE))
    assert refusal(lambda: desk.one(replace_key(desk).entry())) == unknown
    assert refusal(desk.send) == unknown
    assert refusal(lambda: desks.expected_at_desk(reception.site, name, desk.ask())) == unknown
    assert refusal(lambda: desks.expected_at_desk(reception.site, desk.id, replace_key(desk).ask())) == unknown
    assert desks.desks(reception.site, MANAGER)[0].seen is None


def unreadable(desk: Device, text: str) -> EntryOutcome:
    return desk.one(desk.sign(text))


def whole(device: Device, /, **changes: object) -> dict[str, object]:
    at = (device.now() - EPOCH) // timedelta(milliseconds=1)
    return {"arrival": NO_ARRIVAL, "at": at, "counter": 77, "desk": device.id, "project": device.project, **changes}


UNACCEPTABLE: list[tuple[dict[str, Any], str]] = [
    ({"counter": 0}, "desk.entry"),
    ({"counter": -1}, "desk.entry"),
    ({"counter": True}, "desk.entry"),
    ({"counter": "1"}, "desk.entry"),
    ({"at": -1}, "desk.entry"),
    ({"at": 2**53 - 1}, "desk.entry"),
    ({"more": 1}, "desk.entry"),
    ({"arrival": {}}, "desk.entry"),
    ({"arrival": None}, "desk.entry"),
    ({"arrival": {**NO_ARRIVAL, "alias": 7}}, "desk.entry"),
    ({"arrival": {**NO_ARRIVAL, "party_size": 0}}, "desk.entry"),
    ({"arrival": {**NO_ARRIVAL, "party_size": 100}}, "arrival.party-size"),
    ({"arrival": {**NO_ARRIVAL, "phone": "12"}}, "phone.form"),
    ({"arrival": {**NO_ARRIVAL, "alias": "张三13812345678"}}, "report.alias"),
    ({"arrival": {**NO_ARRIVAL, "report": "0" * 36}}, "report.unknown"),
    ({"arrival": {**NO_ARRIVAL, "report": "0" * 36, "code": "CV1"}}, "arrival.two-reports"),
    ({"arrival": {**NO_ARRIVAL, "link": "short"}}, "arrival.link"),
    ({"arrival": {**NO_ARRIVAL, "check": "0" * 36}}, "identity.unknown"),
    ({"desk": "0" * 36}, "desk.other-desk"),
    ({"project": "lake"}, "desk.other-desk"),
]


def test_what_cannot_be_accepted_is_told_and_waits_for_the_manager(reception: Reception, desk: Device) -> None:
    texts = [canonical(whole(desk, **{"counter": 100 + number, **changes})) for number, (changes, _) in enumerate(UNACCEPTABLE)]
    outcomes = [unreadable(desk, text) for text in texts]
    assert [(outcome.visit, outcome.code) for outcome in outcomes] == [(None, code) for _, code in UNACCEPTABLE]
    again = [unreadable(desk, text) for text in texts]
    assert [(outcome.code, outcome.problem) for outcome in again] == [(outcome.code, outcome.problem) for outcome in outcomes]
    assert sorted(entry.code for entry in desk_queue.waiting_entries(reception.site, MANAGER)) == sorted(code for _, code in UNACCEPTABLE)
    assert desks.desks(reception.site, MANAGER)[0].waiting == len(UNACCEPTABLE)
    assert reception.visits() == []


def test_text_that_is_no_entry_is_kept_all_the_same(reception: Reception, desk: Device) -> None:
    texts = ["", "[]", "null", "{", '{"a": 1}', "é", '{"at":1e3}']
    assert {unreadable(desk, text).code for text in texts} == {"desk.entry"}
    assert len(desk_queue.waiting_entries(reception.site, MANAGER)) == len(texts)


def test_two_entries_of_one_number_are_both_seen_and_the_first_one_counts(reception: Reception, desk: Device) -> None:
    first, second = desk.entry(counter=1, party_size=1), desk.entry(counter=1, party_size=2, link=link_of(secret_number(9)))
    assert desk.one(first).code is None
    assert desk.one(second).code == "desk.counter-used"
    assert desk.one(first).code is None
    assert len(reception.visits()) == 1
    assert [entry.party_size for entry in desk_queue.waiting_entries(reception.site, MANAGER)] == [2]


def test_a_lost_desk_makes_no_visit_any_more_and_its_queue_waits_for_staff(reception: Reception, desk: Device) -> None:
    queued = [desk.entry(alias="王"), desk.entry(alias="李")]
    reception.office.pass_by(minutes=5)
    desks.revoke_desk(reception.site, MANAGER, desk.id, "left in a taxi")
    assert [outcome.code for outcome in desk.send(*queued).outcomes] == ["desk.revoked"] * 2
    assert [entry.alias for entry in desk_queue.waiting_entries(reception.site, MANAGER)] == ["王", "李"]
    with pytest.raises(ProofError):
        desks.expected_at_desk(reception.site, desk.id, desk.ask())
    with pytest.raises(NotFoundError):
        desks.desk_face(reception.site, desk.id)


def test_an_entry_is_settled_once_with_the_visit_as_which_it_was_entered(reception: Reception, desk: Device) -> None:
    desk.one(desk.sign(canonical(whole(desk, arrival={**NO_ARRIVAL, "phone": "12"}))))
    (waiting,) = desk_queue.waiting_entries(reception.site, MANAGER)
    visit = reception.arrive(alias="王").visit
    settled = desk_queue.settle_entry(reception.site, MANAGER, waiting.desk, waiting.sha256, visit=visit, reason="typed anew")
    assert settled.settled == NINE
    assert desk_queue.waiting_entries(reception.site, MANAGER) == []
    assert [entry.sha256 for entry in desk_queue.waiting_entries(reception.site, MANAGER, settled=True)] == [waiting.sha256]
    with pytest.raises(ConsentryError, match="settled"):
        desk_queue.settle_entry(reception.site, MANAGER, waiting.desk, waiting.sha256, visit=None, reason="once more")
    for unknown in ("00", "xyz", waiting.sha256[:-1] + ("1" if waiting.sha256.endswith("0") else "0")):
        with pytest.raises(NotFoundError):
            desk_queue.settle_entry(reception.site, MANAGER, waiting.desk, unknown, visit=None, reason="no such")


def test_what_waits_is_kept_encrypted(reception: Reception, desk: Device) -> None:
    desk.one(desk.sign(canonical(whole(desk, desk="0" * 36, arrival={**NO_ARRIVAL, "phone": PHONE, "alias": "欧阳"}))))
    with reception.site.database.reading() as session:
        row = session.query(DeskEntryRow).one()
        assert row.sealed is not None
        assert PHONE.encode() not in row.sealed
        assert "欧阳".encode() not in row.sealed


def test_more_than_a_request_holds_is_refused_whole(reception: Reception, desk: Device) -> None:
    with pytest.raises(InputError) as refused:
        desk.send(*[desk.entry() for _ in range(desk_queue.MOST_AT_ONCE + 1)])
    assert refused.value.code == "desk.too-many"
    assert reception.visits() == []


def test_a_desk_sees_who_is_expected_only_with_its_signature_and_a_clock_that_fits(reception: Reception, desk: Device, li_na: Actor) -> None:
    reception.reported(li_na)
    (expected,) = desks.expected_at_desk(reception.site, desk.id, desk.ask())
    assert (expected.alias, expected.mask, expected.lead_left) == ("王先生", "138****5678", 30)
    for ahead in (timedelta(minutes=6), -timedelta(minutes=6)):
        desk.ahead = ahead
        with pytest.raises(ProofError) as refused:
            desks.expected_at_desk(reception.site, desk.id, desk.ask())
        assert refused.value.code == "desk.clock"
    desk.ahead = timedelta(0)
    for changes in ({"want": "visits"}, {"desk": "0" * 36}, {"more": 1}):
        with pytest.raises(InputError):
            desks.expected_at_desk(reception.site, desk.id, desk.ask(**changes))


def test_reading_what_a_desk_signed_gives_it_back(desk: Device) -> None:
    read = read_desk_text(desk.entry(alias="王", party_size=3).text)
    assert (read.desk, read.project, read.counter, read.at, read.arrival.alias, read.arrival.party_size) == (desk.id, "garden", 1, NINE, "王", 3)


def test_hints_are_for_those_who_stand_there(reception: Reception, desk: Device, li_na: Actor) -> None:
    filed, _ = reception.reported(li_na)
    at_once = desk.one(desk.entry(report=filed.report))
    late = desk.entry(report=filed.report)
    reception.office.pass_by(minutes=5)
    assert at_once.recorded is not None
    assert at_once.recorded.binding is Binding.NONE
    assert len(kinds(at_once.recorded)) == 2
    assert [kind.value for kind in kinds(desk.one(late).recorded)] == ["not-bound"]
