"""Who is who: links by numbers, by papers, and by a consented face that a person confirmed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from consentry.attribution.model import Grade
from consentry.attribution.numbers import document_hash
from consentry.attribution.service import faces, parties
from consentry.attribution.visiting import PartyKind
from consentry.consent.model import Purpose
from consentry.ledger.model import Act
from consentry.ledger.work import writing
from consentry.platform.actors import ActorKind
from consentry.platform.errors import ConflictError, ConsentryError, DeniedError, InputError
from consentry.platform.keys import SiteKeys
from consentry.recognition.answers import PurposeState
from consentry.recognition.codec import to_text
from consentry.recognition.model import Band, Decision, Outcome, TicketKind
from tests.attribution.arrivals.reception import FRONT, Reception
from tests.attribution.reports.office import MANAGER, OTHER_PHONE, PHONE, SETTINGS, office_on
from tests.consent.shop import agree, open_purpose, settings_with

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.ledger.model import JSONValue
    from consentry.platform.actors import Actor
    from consentry.platform.database import Database
    from consentry.platform.site import Site

SIGNER = replace(MANAGER, id="signer-1")


def added(site: Site, kind: PartyKind = PartyKind.CLIENT, project: str = "garden", **said: object) -> str:
    with writing(site) as work:
        return parties.add(work, project, kind, **said)  # type: ignore[arg-type]


def test_the_same_number_joins_each_to_the_oldest(any_reception: Reception) -> None:
    site = any_reception.site
    people = []
    for _ in range(4):
        any_reception.office.pass_by(seconds=1)
        people.append(added(site, phone=PHONE))
    added(site, phone=OTHER_PHONE)
    added(site)
    links = any_reception.links()
    assert {frozenset((link.a, link.b)) for link in links} == {frozenset((people[0], other)) for other in people[1:]}
    assert {(link.kind, link.grade) for link in links} == {("phone", Grade.LOGGED)}
    with site.database.reading() as session:
        assert parties.reachable(session, [people[3]]) == set(people)


def test_people_of_two_projects_are_never_joined(reception: Reception) -> None:
    one, other = added(reception.site, phone=PHONE), added(reception.site, project="lake", phone=PHONE)
    assert reception.links() == []
    assert Reception(reception.office, "lake").links() == []
    with pytest.raises(InputError) as refused:
        parties.relate(reception.site, MANAGER, one, other, "spouse", proof="certificate", reason="said so")
    assert refused.value.code == "party.project"


def test_a_number_is_found_again_after_the_keys_were_rotated(reception: Reception) -> None:
    first = added(reception.site, phone=PHONE)
    root = bytes(range(32))
    site = replace(reception.site, keys=SiteKeys(root[::-1], "hall-1", 2, {1: root}))
    added(site, phone=PHONE)
    assert [first in {link.a, link.b} for link in reception.links()] == [True]


def test_the_first_number_of_a_party_stands(reception: Reception) -> None:
    person = added(reception.site, phone=PHONE)
    with writing(reception.site) as work:
        assert parties.identify(work, person, phone="138 1234 5678") == []
        parties.identify(work, person, document=document_hash(work.keys, "garden", "11010119900101001X"), grade=Grade.TWO_SIDED)
    with pytest.raises(ConflictError) as refused, writing(reception.site) as work:
        parties.identify(work, person, phone=OTHER_PHONE)
    assert refused.value.code == "party.other-number"


def test_a_link_is_entered_once_for_each_grade(reception: Reception) -> None:
    a, b = added(reception.site), added(reception.site)
    with writing(reception.site) as work:
        for first, second, grade in ((a, b, Grade.LOGGED), (b, a, Grade.LOGGED), (b, a, Grade.TWO_SIDED)):
            parties.join(work, parties.Join(first, second, "phone", grade, "system:test"))
    assert [link.grade for link in sorted(reception.links(), key=lambda link: link.grade)] == [Grade.TWO_SIDED, Grade.LOGGED]
    assert len(reception.office.acts("attribution.linked")) == 2


@pytest.mark.parametrize("kind", ["spouse", "not_same"])
def test_staff_put_down_kin_on_a_paper(reception: Reception, kind: str) -> None:
    a, b = added(reception.site), added(reception.site)
    link = parties.relate(reception.site, MANAGER, a, b, kind, proof="household register", reason="both are on it")
    assert link is not None
    assert (link.kind, link.grade, {link.a, link.b}) == (kind, Grade.LOGGED, {a, b})
    assert parties.relate(reception.site, MANAGER, b, a, kind, proof="household register", reason="once more") is None


NO_KIN = [
    ("id", "paper", "why", "party.relation"),
    ("phone", "paper", "why", "party.relation"),
    ("face", "paper", "why", "party.relation"),
    ("self", "paper", "why", "party.relation"),
    ("Spouse", "paper", "why", "party.relation"),
    ("", "paper", "why", "party.relation"),
    ("spouse", "", "why", "input.text"),
    ("spouse", "paper", " ", "input.text"),
]


def test_what_staff_cannot_put_down(reception: Reception) -> None:
    a, b = added(reception.site), added(reception.site)
    for kind, proof, reason, code in NO_KIN:
        with pytest.raises(InputError) as refused:
            parties.relate(reception.site, MANAGER, a, b, kind, proof=proof, reason=reason)
        assert refused.value.code == code, kind
    assert reception.links() == []


def test_nobody_is_their_own_kin_and_strangers_have_none(reception: Reception) -> None:
    person = added(reception.site)
    for other, code in ((person, "party.same"), ("0" * 36, "party.unknown")):
        with pytest.raises(ConsentryError) as refused:
            parties.relate(reception.site, MANAGER, person, other, "spouse", proof="paper", reason="why not")
        assert refused.value.code == code
    with pytest.raises(DeniedError):
        parties.relate(reception.site, FRONT, person, person, "spouse", proof="paper", reason="why not")


@pytest.fixture
def gallery(sqlite_database: Database, tmp_path: Path) -> Reception:
    """Return a reception whose site names the purpose sale_attribution, with notice and assessment."""
    recognition = settings_with(("sale_attribution", "greeting"))
    text = recognition.replace('id = "shop-1"', 'id = "hall-1"') + SETTINGS[SETTINGS.index("[[project]]") :]
    reception = Reception(office_on(sqlite_database, tmp_path, text))
    open_purpose(reception.site, Purpose.SALE_ATTRIBUTION)
    open_purpose(reception.site, Purpose.GREETING)
    return reception


def pair(reception: Reception) -> tuple[str, str]:
    return added(reception.site), added(reception.site, PartyKind.VISITOR)


def let_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the vault answer that everything it looks after is in order."""
    monkeypatch.setattr("consentry.recognition.service.purpose_state", lambda _, purpose: PurposeState(purpose, ()))


def recognised(reception: Reception, consent: str, kind: TicketKind = TicketKind.IDENTIFY, decision: Decision = Decision.ACCEPT) -> int:
    """Enter what the vault says of a face, as recognition does; return the entry."""
    now = reception.office.clock.now()
    outcome = Outcome(7, now, "ticket", "kiosk", kind, Purpose.SALE_ATTRIBUTION, decision, Band.CLEAR, "1e-4", "model-1", consent=consent)
    details: dict[str, JSONValue] = {"kind": kind.value, "decision": decision.value, "consent": consent, "outcome": to_text(outcome)}
    with writing(reception.site) as work:
        return work.record(Act("system:recognition", "recognition.decided", "station:kiosk", "sale_attribution", details=details))


def test_a_face_joins_nobody_while_the_purpose_is_off(reception: Reception) -> None:
    with pytest.raises(ConflictError) as refused:
        faces.confirm_face(reception.site, SIGNER, *pair(reception), "0" * 36)
    assert refused.value.code == "attribution.face-closed"
    assert "purpose." in str(refused.value) or "consent." in str(refused.value) or "vault." in str(refused.value)
    assert reception.links() == []


def test_a_consented_face_that_a_person_confirmed_is_grade_c(gallery: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    let_open(monkeypatch)
    a, b = pair(gallery)
    given = agree(gallery.site, Purpose.SALE_ATTRIBUTION)
    entry = recognised(gallery, given.consent)
    gallery.office.pass_by(days=20)
    link = faces.confirm_face(gallery.site, SIGNER, a, b, given.consent)
    assert link is not None
    assert (link.kind, link.grade) == ("face", Grade.CONSENTED_FACE)
    assert faces.confirm_face(gallery.site, SIGNER, b, a, given.consent) is None
    (act,) = gallery.office.acts("attribution.linked")
    assert (act.actor, act.reason) == (SIGNER.label, f"recognised in entry {entry}: clear, model-1, FMR 1e-4")


def test_a_consent_joins_nobody_whose_face_was_not_recognised_on_it(gallery: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    let_open(monkeypatch)
    a, b = pair(gallery)
    given, other = agree(gallery.site, Purpose.SALE_ATTRIBUTION), agree(gallery.site, Purpose.SALE_ATTRIBUTION)
    recognised(gallery, given.consent, TicketKind.ENROL)
    recognised(gallery, given.consent, decision=Decision.REJECT)
    recognised(gallery, other.consent)
    with pytest.raises(ConflictError) as refused:
        faces.confirm_face(gallery.site, SIGNER, a, b, given.consent)
    assert refused.value.code == "attribution.face-unseen"
    assert gallery.links() == []


@pytest.mark.parametrize(
    ("actor", "error"),
    [
        (FRONT, DeniedError),
        (replace(SIGNER, kind=ActorKind.SYSTEM), DeniedError),
        (replace(SIGNER, kind=ActorKind.API_KEY), DeniedError),
        (replace(SIGNER, kind=ActorKind.OPERATOR), DeniedError),
        (replace(SIGNER, session="session-1"), DeniedError),
    ],
    ids=["front-desk", "system", "program", "operator", "password-long-ago"],
)
def test_nothing_but_a_person_who_may_sign_confirms_a_face(gallery: Reception, monkeypatch: pytest.MonkeyPatch, actor: Actor, error: type[Exception]) -> None:
    let_open(monkeypatch)
    given = agree(gallery.site, Purpose.SALE_ATTRIBUTION)
    with pytest.raises(error):
        faces.confirm_face(gallery.site, actor, *pair(gallery), given.consent)
    assert gallery.links() == []


def test_only_a_valid_consent_to_this_purpose_counts(gallery: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    let_open(monkeypatch)
    a, b = pair(gallery)
    over = agree(gallery.site, Purpose.SALE_ATTRIBUTION)
    gallery.office.pass_by(days=91)
    other = agree(gallery.site, Purpose.GREETING)
    for consent, code in ((over.consent, "consent.not-valid"), (other.consent, "attribution.face-purpose"), ("0" * 36, "consent.unknown")):
        with pytest.raises(ConsentryError) as refused:
            faces.confirm_face(gallery.site, SIGNER, a, b, consent)
        assert refused.value.code == code
    assert gallery.links() == []


def test_whoever_confirms_a_face_cannot_open_the_purpose_by_it(gallery: Reception) -> None:
    given = agree(gallery.site, Purpose.SALE_ATTRIBUTION)
    with pytest.raises(ConflictError) as refused:
        faces.confirm_face(gallery.site, SIGNER, *pair(gallery), given.consent)
    assert refused.value.code == "attribution.face-closed"
    assert "vault." in str(refused.value)
