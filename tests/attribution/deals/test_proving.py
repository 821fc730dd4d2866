"""A verdict's case is what the log received, each event of it: a case that was changed is refused, though all of it fits together."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from consentry.attribution.channel import RefusalGround, ReplyDraft, ReplyKind
from consentry.attribution.deals import Decision, Ownership, Ruling
from consentry.attribution.dossiers import compare_bundle
from consentry.attribution.model import VerdictKind, Visit
from consentry.attribution.service import arrivals, bundles, history, outages, provenance, replies, signing, statements, visit_history
from consentry.attribution.visiting import Answer, EditField, Voiced
from consentry.cli.attribution import attribution
from consentry.cli.ledger import ledger
from consentry.ledger.expiry import expire_bodies
from consentry.ledger.offline import Trust, verify_file
from consentry.ledger.rules.canonical import canonical
from consentry.ledger.rules.notes import verifier_key_text
from consentry.ledger.service import erase, log_key
from consentry.platform.errors import ConflictError
from tests.attribution.deals.hall import MANAGER, SIGNER, WHY, Hall
from tests.attribution.deals.test_bundles import script
from tests.ledger.test_offline import SCRIPT

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from consentry.attribution.channel import Agency

Document = dict[str, Any]
Change = Callable[[Document], object]
AN_HOUR_OFF = "2026-03-02T00:00:00Z"
LIES: dict[str, tuple[str, Document]] = {
    "another agency reported": ("report", {"agency": "somebody-else"}),
    "another client was reported": ("report", {"client": "somebody-else"}),
    "the report came earlier": ("report", {"at": AN_HOUR_OFF}),
    "the refusal came later": ("refusal", {"at": "2026-03-02T01:20:00Z"}),
    "another person came": ("visit", {"person": "somebody-else"}),
    "they came earlier": ("visit", {"at": AN_HOUR_OFF}),
    "no report was named": ("visit", {"report": None, "bound": False}),
    "no code was shown": ("visit", {"bound": False}),
    "nobody confirmed it": ("visit", {"grade": "B"}),
    "the desk was cut off": ("visit", {"claimed_at": AN_HOUR_OFF}),
    "another value was edited": ("edit", {"field": "claimed_at"}),
    "it was edited to another value": ("edit", {"to": AN_HOUR_OFF}),
    "it was edited earlier": ("edit", {"at": AN_HOUR_OFF}),
    "they were joined by document": ("link", {"kind": "document"}),
    "they were joined by better evidence": ("link", {"grade": "A"}),
    "they were joined earlier": ("link", {"at": AN_HOUR_OFF}),
    "another person made a statement": ("statement", {"person": "somebody-else"}),
    "the statement came earlier": ("statement", {"at": AN_HOUR_OFF}),
    "the outage was longer": ("outage", {"until": "2026-03-02T10:00:00Z"}),
    "the agency had no contract yet": ("contract", {"from": "2026-03-02T09:00:00Z"}),
    "the agency's contract was longer": ("contract", {"until": "2027-01-01T00:00:00Z"}),
    "it was signed later": ("signing", {"at": "2026-03-05T00:00:00Z"}),
    "another person bought": ("signing", {"buyers": ["somebody-else"]}),
}


@pytest.fixture
def story(hall: Hall, blue: Agency) -> bytes:
    """Return the bundle of a contract on which every kind of event is known, and what answers them; it was entered an hour after it was signed."""
    li_na, red = hall.office.agent(blue), hall.office.agent(hall.office.agency("Red earth"), "red.agent")
    refused, kept = hall.reported(red)
    replies.reply_to_report(hall.site, MANAGER, refused.report, ReplyDraft(ReplyKind.REFUSE, RefusalGround.UNUSABLE, reason="the number is incomplete"))
    visit = hall.brought(li_na)
    assert visit.secret is not None
    hall.pass_by(minutes=5)
    hall.arrived(red, refused, kept)
    statements.confirm(hall.site, visit.secret, Answer.CONFIRMED)
    statements.state(hall.site, visit.secret, Voiced.EARLIER_VISIT, "I was here in May")
    arrivals.edit_visit(hall.site, MANAGER, visit.visit, EditField.AT, "2026-03-02T01:55:00Z", reason="the clock was late")
    arrivals.edit_visit(hall.site, MANAGER, visit.visit, EditField.PARTY_SIZE, 2, reason="two came in together")
    now = hall.office.clock.now()
    outages.log_outage(hall.site, MANAGER, now - timedelta(hours=2), now - timedelta(minutes=30), "power cut")
    hall.pass_by(hours=2)
    deal = hall.bought(signed=hall.office.clock.now() - timedelta(hours=1))
    (said,) = statements.statements(hall.site, MANAGER)
    statements.decide_statement(hall.site, SIGNER, said.id, credible=True, reason="the guard remembers")
    ruling = Ruling(hall.proposal(deal).sha256, Decision.ACCEPT, WHY, Ownership(VerdictKind.CHANNEL, (blue.id,)))
    assert signing.sign(hall.site, SIGNER, deal.id, ruling) is not None
    return bundles.bundle(hall.site, MANAGER, deal.id).data


def events_in(document: Document) -> list[Document]:
    found: list[Document] = document["document"]["proposal"]["explanation"]["case"]["events"]
    return found


def told(document: Document) -> tuple[tuple[str, ...], str | None]:
    """Return what the package and the stand-alone script find in the case of a bundle."""
    try:
        script.prove_verdict(document["document"], [proof["entry"] for proof in document["entries"]])
    except script.RefusedError as error:
        return compare_bundle(canonical(document), "bundle").problems, str(error)
    return compare_bundle(canonical(document), "bundle").problems, None


def test_a_case_is_what_the_log_received_and_each_change_of_it_is_named_by_both_verifiers(story: bytes) -> None:
    document = json.loads(story)
    assert told(document) == ((), None)
    assert {event["type"] for event in events_in(document)} == {kind for kind, _ in LIES.values()}
    for lie, (kind, change) in LIES.items():
        document = json.loads(story)
        event = next(one for one in events_in(document) if one["type"] == kind)
        event.update(change)
        ours, theirs = told(document)
        assert any(f"event {event['id']} ({kind})" in problem for problem in ours), lie
        assert theirs is not None, lie
        assert f"event {event['id']} of the case" in theirs, lie


SPOILT: dict[str, Change] = {
    "the entries of an event are not named": lambda document: placed(document, "visit").clear(),
    "another event's entry is named": lambda document: placed(document, "visit").__setitem__(0, placed(document, "report")[0]),
    "the visitor's yes is not among them": lambda document: placed(document, "visit").pop(),
    "nobody found the statement credible": lambda document: placed(document, "statement").pop(),
    "the contract does not stand beside the link that it brought": lambda document: leave_the_first(entries_of(document, "link")),
}


def entries_of(document: Document, kind: str) -> list[list[int]]:
    """Return the entries that a bundle names for each event of a kind."""
    return [document["document"]["proposal"]["entries"][event["id"]] for event in events_in(document) if event["type"] == kind]


def placed(document: Document, kind: str) -> list[int]:
    """Return the entries that a bundle names for the first event of a kind."""
    return entries_of(document, kind)[0]


def leave_the_first(named: list[list[int]]) -> None:
    """Leave of each event the entry that received it alone."""
    for indexes in named:
        del indexes[1:]


def test_an_event_whose_entries_do_not_show_it_is_refused(story: bytes) -> None:
    for name, spoil in SPOILT.items():
        document = json.loads(story)
        spoil(document)
        ours, theirs = told(document)
        assert ours, name
        assert theirs is not None, name


def test_an_event_of_every_kind_needs_an_entry_that_the_bundle_proves(story: bytes) -> None:
    for index in (10**9, -1, 0):
        for kind in sorted({kind for kind, _ in LIES.values()}):
            document = json.loads(story)
            placed(document, kind)[0] = index
            assert_found(document, kind)


def test_an_event_whose_entry_was_erased_is_named_by_everything_that_verifies(hall: Hall, story: bytes, tmp_path: Path) -> None:
    erased = erased_in(hall, json.loads(story), ("visit", "report", "statement", "contract"))
    document, file = json.loads(erased), tmp_path / "verdict.json"
    unproven = {name for name, indexes in document["document"]["proposal"]["entries"].items() if indexes[0] not in proven_in(document)}
    assert len(unproven) == 4
    assert told(document) == ((), None)
    file.write_bytes(erased)
    key = verifier_key_text(log_key(hall.site))
    script_ran = subprocess.run([sys.executable, str(SCRIPT), "--key", key, str(file)], capture_output=True, text=True, check=True)
    replayed = CliRunner().invoke(attribution, ["replay", str(file)])
    verified = CliRunner().invoke(ledger, ["verify", str(file), "--key", key])
    for output in (script_ran.stdout, replayed.output, verified.output):
        assert {line.partition("event ")[2].partition(":")[0] for line in output.splitlines() if line.startswith("UNPROVEN")} == unproven, output
    assert (replayed.exit_code, verified.exit_code) == (0, 0)
    for kind in ("outage", "edit"):
        document = json.loads(erased)
        placed(document, kind)[0] = placed(document, "visit")[0]
        assert_found(document, kind)


def test_a_case_without_its_signing_is_none_whatever_tombstone_stands_there(hall: Hall) -> None:
    deal, _ = hall.settled()
    document = json.loads(erased_in(hall, json.loads(bundles.bundle(hall.site, MANAGER, deal.id).data), ("visit",)))
    (signing,) = placed(document, "signing")
    tombstone = copy.deepcopy(next(proof for proof in document["entries"] if proof["entry"]["action"] == "ledger.erased"))
    tombstone["entry"]["index"] += 1
    tombstone["entry"]["details"].update(index=signing, action="attribution.deal-recorded")
    document["entries"] = [*(proof for proof in document["entries"] if proof["entry"]["index"] != signing), tombstone]
    assert_found(document, "signing")


def test_what_was_erased_lawfully_is_called_erased_and_not_altered(hall: Hall, story: bytes) -> None:
    document = json.loads(story)
    verdict = max(proof["entry"]["index"] for proof in document["entries"] if proof["entry"]["action"] == "attribution.verdict-signed")
    for index in (placed(document, "signing")[0], verdict):
        erase(hall.site, MANAGER, SIGNER, index, "somebody asked for it")
        with pytest.raises(ConflictError, match=r"Use a file that was saved before") as told_so:
            bundles.bundle(hall.site, MANAGER, document["document"]["proposal"]["deal"])
        assert told_so.value.code == "ledger.erased"


def test_a_verdict_that_rests_on_an_agency_s_old_contract_can_be_verified_after_the_log_ended_its_entry(hall: Hall) -> None:
    blue = hall.office.agency(lasts=timedelta(days=2000))
    hall.pass_by(days=1200)
    expire_bodies(hall.site)
    hall.brought(hall.office.agent(blue))
    deal = hall.bought()
    assert hall.signed(deal).ownership.agencies == (blue.id,)
    document = json.loads(bundles.bundle(hall.site, MANAGER, deal.id).data)
    assert told(document) == ((), None)
    (contract,) = (event["id"] for event in events_in(document) if event["type"] == "contract")
    assert compare_bundle(canonical(document), "bundle").unproven == (contract,)


def assert_found(document: Document, kind: str) -> None:
    """Pass where both verifiers name the first event of a kind."""
    event = next(one for one in events_in(document) if one["type"] == kind)
    ours, theirs = told(document)
    assert any(f"event {event['id']} ({kind})" in problem for problem in ours), kind
    assert theirs is not None, kind
    assert f"event {event['id']} of the case is in the log" in theirs, kind


def proven_in(document: Document) -> set[int]:
    return {proof["entry"]["index"] for proof in document["entries"]}


def erased_in(hall: Hall, document: Document, kinds: tuple[str, ...]) -> bytes:
    """Erase from the log what received the first event of some kinds, and return the bundle that the site gives then."""
    for kind in kinds:
        erase(hall.site, MANAGER, SIGNER, placed(document, kind)[0], "somebody asked for it")
    return bundles.bundle(hall.site, MANAGER, document["document"]["proposal"]["deal"]).data


def test_a_site_that_judges_another_case_than_it_received_is_found_out_offline(
    hall: Hall, blue: Agency, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hall.brought(hall.office.agent(blue))
    deal = hall.bought()
    forge(monkeypatch)
    assert hall.signed(deal).ownership.agencies == ()
    data = bundles.bundle(hall.site, MANAGER, deal.id).data
    key = log_key(hall.site)
    assert verify_file(data, Trust((key,))).document is not None, "seal, proofs and the hash of the document are right"
    file = tmp_path / "verdict.json"
    file.write_bytes(data)
    replayed = CliRunner().invoke(attribution, ["replay", str(file)])
    assert (replayed.exit_code, "(visit): its bound is not what the log received" in replayed.output) == (1, True)
    verified = CliRunner().invoke(ledger, ["verify", str(file), "--key", verifier_key_text(key)])
    assert (verified.exit_code, "(visit): its bound" in verified.output) == (1, True)
    with pytest.raises(script.RefusedError, match=r"is bound as the log says"):
        script.verify(data, script.Trust([script.Key(key.name, key.kind, key.public)], [], 0))


def forge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a site forget that the visit was bound by a code, and that it compares its database with its log."""

    def forged(session: Session, project: str, parties: Any) -> list[Any]:  # noqa: ANN401 - as the real one
        known = visit_history.visit_events(session, project, parties)
        return [Visit(one.id, one.person, one.at, one.report, bound=False, grade=one.grade) if isinstance(one, Visit) else one for one in known]

    monkeypatch.setattr(history, "visit_events", forged)
    monkeypatch.setattr(provenance, "check_entries", lambda *_: None)
