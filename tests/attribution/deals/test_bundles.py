"""Bundles of verdicts: proven offline by two verifiers, judged anew from their own case, refused when one byte of them differs, and the database too."""

from __future__ import annotations

import json
import random
import re
import sqlite3
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from consentry.attribution.channel import ReplyDraft, ReplyKind
from consentry.attribution.dossiers import explanation_in
from consentry.attribution.explanations import check_explanation, read_explanation
from consentry.attribution.model import VerdictKind
from consentry.attribution.rulebook import read_versions, version_sha256
from consentry.attribution.service import bundles, judging, outages, replies, statements
from consentry.attribution.strict import Fields
from consentry.attribution.visiting import Voiced
from consentry.cli.attribution import attribution
from consentry.cli.ledger import ledger
from consentry.ledger.checkpoints import KEY_PURPOSE
from consentry.ledger.offline import Trust, verify_file
from consentry.ledger.rules.canonical import canonical
from consentry.ledger.rules.notes import to_base64, verifier_key_text
from consentry.ledger.service import log_key
from consentry.platform.errors import InputError, LedgerError, NotFoundError, ProofError
from tests.attribution.deals.hall import MANAGER, SIGNER, Hall
from tests.attribution.reports.office import OTHER_PHONE
from tests.ledger.test_offline import load_script

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from consentry.attribution.channel import Agency
    from consentry.attribution.deals import Deal
    from consentry.platform.actors import Actor

SAMPLE = 1000
script = load_script()


@pytest.fixture
def deal(hall: Hall, blue: Agency) -> Deal:
    """Return a contract with a signed verdict."""
    return hall.settled(agency=blue)[0]


@pytest.fixture
def data(hall: Hall, deal: Deal) -> bytes:
    """Return the bundle of its verdict."""
    return bundles.bundle(hall.site, MANAGER, deal.id).data


@pytest.fixture
def refused(hall: Hall) -> Callable[[bytes], tuple[bool, bool]]:
    """Return what says of a file whether the package and the stand-alone script refuse it."""
    key = log_key(hall.site)
    ours, theirs = Trust((key,)), script.Trust([script.Key(key.name, key.kind, key.public)], [], 0)

    def refused_by(data: bytes) -> tuple[bool, bool]:
        return _raises(ProofError, lambda: verify_file(data, ours)), _raises(script.RefusedError, lambda: script.verify(data, theirs))

    return refused_by


def _raises(kind: type[Exception], act: Callable[[], object]) -> bool:
    try:
        act()
    except kind:
        return True
    return False


def test_a_bundle_holds_for_both_verifiers_and_its_case_is_judged_the_same(data: bytes, refused: Callable[[bytes], tuple[bool, bool]]) -> None:
    assert refused(data) == (False, False)
    proposal = json.loads(data)["document"]["proposal"]
    assert check_explanation(read_explanation(canonical(proposal["explanation"]), "bundle")) == []


def test_a_bundle_proves_the_entry_of_every_event_of_its_case(data: bytes, deal: Deal) -> None:
    document = json.loads(data)
    proven = {proof["entry"]["index"]: proof["entry"] for proof in document["entries"]}
    events = document["document"]["proposal"]["explanation"]["case"]["events"]
    placed = document["document"]["proposal"]["entries"]
    assert {event["id"] for event in events} == set(placed)
    assert {index for indexes in placed.values() for index in indexes} <= set(proven)
    assert {proven[placed[event["id"]][0]]["action"] for event in events if event["type"] in {"report", "visit", "signing"}} == {
        "attribution.report-filed",
        "attribution.arrived",
        "attribution.deal-recorded",
    }
    assert proven[placed[deal.id][0]]["object"] == f"deal:{deal.id}"


def test_the_hash_of_each_rulebook_is_that_of_the_text_in_the_case(data: bytes) -> None:
    proposal = json.loads(data)["document"]["proposal"]
    case = proposal["explanation"]["case"]
    texts = read_versions(Fields("case", {"rulebooks": case["rulebooks"]}), "rulebooks").versions
    assert [version_sha256(version) for version in texts] == [one["sha256"] for one in proposal["rulebooks"]]


def test_a_bundle_names_nobody(data: bytes) -> None:
    shown = data.decode()
    assert "王" not in shown
    assert "138****5678" not in shown
    assert "13812345678" not in shown


def altered(data: bytes) -> Iterator[bytes]:
    """Yield the file with one byte changed at many places, and rewritten in ways that say the same."""
    chance = random.Random(20260302)  # noqa: S311 - where a test looks
    for place in chance.sample(range(len(data)), min(SAMPLE, len(data))):
        yield data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]
    document = json.loads(data)
    yield json.dumps(document, ensure_ascii=False).encode()
    yield json.dumps(dict(reversed(document.items())), ensure_ascii=False, separators=(",", ":")).encode()
    yield data + b"\n"
    yield b" " + data


@pytest.mark.slow
def test_one_altered_byte_is_refused_by_the_package(data: bytes, hall: Hall) -> None:
    trust = Trust((log_key(hall.site),))
    accepted = [place for place, changed in enumerate(altered(data)) if not _raises(ProofError, partial(verify_file, changed, trust))]
    assert accepted == []


def test_altered_bytes_are_refused_by_the_script_as_well(data: bytes, refused: Callable[[bytes], tuple[bool, bool]]) -> None:
    chance = random.Random(7)  # noqa: S311 - which of them
    files = list(altered(data))
    assert {refused(changed) for changed in [*chance.sample(files, 40), *files[-4:]]} == {(True, True)}


def resealed(document: dict[str, Any], hall: Hall) -> bytes:
    """Return a changed document with the log's own seal, so that what it claims is put to the test."""
    body = {name: value for name, value in document.items() if name != "seal"}
    key = hall.site.keys.signing_key(KEY_PURPOSE)
    return canonical({**body, "seal": to_base64(key.sign(b"consentry-dossier/1\x00" + canonical(body)))})


def test_not_even_the_site_can_seal_another_document_than_it_entered(data: bytes, hall: Hall, refused: Callable[[bytes], tuple[bool, bool]]) -> None:
    document = json.loads(data)
    assert refused(resealed(document, hall)) == (False, False), "the forger's tools themselves are right"
    document["document"]["ownership"] = {"verdict": "natural", "agencies": []}
    assert refused(resealed(document, hall)) == (True, True)


def test_a_dossier_cannot_pass_for_a_bundle_without_its_document(data: bytes, hall: Hall, refused: Callable[[bytes], tuple[bool, bool]]) -> None:
    document = json.loads(data)
    del document["document"]
    assert refused(resealed(document, hall)) == (True, True)
    assert refused(resealed({**document, "format": "consentry-evidence/1"}, hall)) == (True, True)


CHANGED = (
    "update attribution_report set filed = datetime(filed, '-1 hour')",
    "update attribution_report set agency = (select id from attribution_agency where id <> attribution_report.agency)",
    "update attribution_visit set at = datetime(at, '-1 hour')",
    "update attribution_visit set binding = 'none'",
    "update attribution_visit set claimed_at = datetime(at, '-1 hour')",
    "update attribution_deal set signed = datetime(signed, '-1 hour')",
    "update attribution_link set kind = 'spouse'",
    "update attribution_link set at = datetime(at, '-2 hour')",
    "update attribution_contract set until = datetime(until, '-60 days')",
    "update attribution_report set entry = 100000",
)
TAKEN_OUT = (
    "update attribution_visit set at = datetime(at, '+1 year')",
    "update attribution_visit set visitor = 'somebody-else'",
    "delete from attribution_visit",
    "delete from attribution_link",
    "update attribution_link set b = b || 'x'",
    "update attribution_report set client = 'somebody-else'",
)


@contextmanager
def tampered(hall: Hall, change: str) -> Iterator[None]:
    """Change the database behind its back, and put it back afterwards."""
    with closing(sqlite3.connect(str(hall.site.database.url.database))) as database, closing(sqlite3.connect(":memory:")) as kept:
        database.backup(kept)
        with hall.site.database.transaction() as session:
            session.execute(text(change))
        try:
            yield
        finally:
            kept.backup(database)


def found_by(act: Callable[[], object]) -> str | None:
    try:
        act()
    except LedgerError as error:
        return error.code
    return None


def test_a_row_that_somebody_changed_in_the_database_is_found(hall: Hall, blue: Agency) -> None:
    hall.office.agency("Red earth")
    hall.brought(hall.office.agent(blue))
    deal = hall.bought()
    for change in CHANGED:
        with tampered(hall, change):
            assert found_by(lambda: hall.proposal(deal)) in {"evidence.altered", "evidence.unproven"}, change
    assert found_by(lambda: hall.proposal(deal)) is None


def test_what_somebody_took_out_of_a_case_is_found_before_anybody_signs(hall: Hall, blue: Agency) -> None:
    hall.brought(hall.office.agent(blue))
    deal = hall.bought()
    for change in TAKEN_OUT:
        with tampered(hall, change):
            assert found_by(lambda: hall.signed(deal)) in {"evidence.altered", "evidence.unproven"}, change
    assert found_by(lambda: hall.signed(deal)) is None


@pytest.mark.parametrize("change", [
    "update attribution_buyer set party = (select visitor from attribution_visit limit 1)",
    "delete from attribution_buyer",
    "update attribution_outage set start = datetime(start, '-1 day')",
    "update attribution_outage set until = datetime(until, '+1 day')",
    "update attribution_statement set credible = 1",
    "update attribution_statement set credible = null, decided = null",
    "update attribution_reply set kind = 'refuse'",
])  # fmt: skip
def test_what_a_case_rests_on_is_compared_with_its_entry(hall: Hall, li_na: Actor, change: str) -> None:
    filed, kept = hall.reported(li_na)
    replies.reply_to_report(hall.site, MANAGER, filed.report, ReplyDraft(ReplyKind.ACCEPT, None, None, ""))
    hall.pass_by(hours=1)
    visit = hall.arrived(li_na, filed, kept)
    assert visit.secret is not None
    statements.state(hall.site, visit.secret, Voiced.EARLIER_VISIT, "I was here in May")
    (said,) = statements.statements(hall.site, MANAGER)
    statements.decide_statement(hall.site, SIGNER, said.id, credible=False, reason="the guard knows nothing")
    now = hall.office.clock.now()
    outages.log_outage(hall.site, MANAGER, now - timedelta(hours=2), now - timedelta(minutes=30), "power cut")
    hall.pass_by(hours=1)
    deal = hall.bought()
    with tampered(hall, change):
        assert found_by(lambda: hall.proposal(deal)) == "evidence.altered"
    assert found_by(lambda: hall.proposal(deal)) is None


def test_a_finding_that_the_log_knows_nothing_of_is_found(hall: Hall, li_na: Actor) -> None:
    visit = hall.brought(li_na)
    assert visit.secret is not None
    statements.state(hall.site, visit.secret, Voiced.EARLIER_VISIT, "I was here in May")
    hall.pass_by(hours=1)
    deal = hall.bought()
    with tampered(hall, "update attribution_statement set credible = 1, decided = at"):
        assert found_by(lambda: hall.proposal(deal)) == "evidence.unproven"
    assert found_by(lambda: hall.proposal(deal)) is None


def test_what_retention_deleted_is_no_gap(hall: Hall, blue: Agency) -> None:
    hall.brought(hall.office.agent(blue))
    deal = hall.bought(OTHER_PHONE)
    with hall.site.database.transaction() as session:
        session.execute(text("update attribution_party set erased = added where kind <> 'buyer'"))
        session.execute(text("delete from attribution_link"))
    assert hall.signed(deal).ownership.kind is VerdictKind.NATURAL


def test_a_verdict_that_somebody_changed_in_the_database_is_not_given_away(hall: Hall, deal: Deal) -> None:
    with hall.site.database.transaction() as session:
        session.execute(text("update attribution_verdict set document = replace(document, '\"channel\"', '\"natural\"')"))
    with pytest.raises(LedgerError, match=r"not the one of entry"):
        bundles.bundle(hall.site, MANAGER, deal.id)


def test_an_entry_that_somebody_changed_in_the_ledger_is_found(hall: Hall, blue: Agency) -> None:
    hall.brought(hall.office.agent(blue))
    deal = hall.bought()
    with hall.site.database.transaction() as session:
        session.execute(text("update ledger_entry set body = cast(replace(body, 'attribution.arrived', 'attribution.Arrived') as blob)"))
    with pytest.raises(LedgerError) as caught:
        judging.proposal(hall.site, MANAGER, deal.id)
    assert caught.value.code == "ledger.altered"


def test_a_bundle_does_not_tell_the_commission(data: bytes) -> None:
    assert b"attribution.deal-recorded" in data
    # As a number of its own: among the digits of a hash it may stand by chance.
    assert re.findall(rb"(?<![0-9a-zA-Z])46080(?:00)?(?![0-9a-zA-Z])", data) == []


def test_an_agency_that_reported_nobody_in_the_case_gets_nothing(hall: Hall, deal: Deal, li_na: Actor) -> None:
    stranger = hall.office.agent(hall.office.agency("Red earth"), "wang.wei")
    assert bundles.bundle_for_agency(hall.site, li_na, deal.id).bundle.document is not None
    with pytest.raises(NotFoundError, match=r"no such verdict"):
        bundles.bundle_for_agency(hall.site, stranger, deal.id)


def test_a_visitor_who_did_not_buy_gets_nothing(hall: Hall, deal: Deal) -> None:
    other = hall.walked_in("+8613899990000")
    assert other.secret is not None
    with pytest.raises(NotFoundError, match=r"no such verdict"):
        bundles.bundle_for_buyer(hall.site, other.secret, deal.id)


def test_the_command_line_verifies_a_bundle_and_judges_it_anew(data: bytes, hall: Hall, tmp_path: Path) -> None:
    file, other = tmp_path / "verdict.json", tmp_path / "other.json"
    file.write_bytes(data)
    key = verifier_key_text(log_key(hall.site))
    assert CliRunner().invoke(ledger, ["verify", str(file), "--key", key]).exit_code == 0
    assert CliRunner().invoke(attribution, ["replay", str(file)]).output == "verdict.json: it holds.\n"
    document = json.loads(data)
    document["document"]["proposal"]["explanation"]["verdict"].update(verdict="natural", agency=None, agencies=[])
    other.write_bytes(canonical(document))
    assert CliRunner().invoke(ledger, ["verify", str(other), "--key", key]).exit_code == 1
    assert CliRunner().invoke(attribution, ["replay", str(other)]).exit_code == 1


def test_a_dossier_of_something_else_is_not_replayed(data: bytes) -> None:
    document = json.loads(data)
    document["document"] = {"hello": "world"}
    with pytest.raises(InputError, match=r"not the bundle of a verdict"):
        explanation_in(canonical(document), "file")
