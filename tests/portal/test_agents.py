"""The pages of agents: the door, one's own reports and no others, codes, verdicts, appeals, and the file that anybody can pin."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from consentry.attribution.channel import ReplyDraft, ReplyKind
from consentry.attribution.service import agents, codes, lapsing, replies
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.service import log_key
from consentry.portal.agents_offline import pinned_file
from consentry.portal.phrases import phrases
from consentry.staff import passwords
from tests.attribution.deals.hall import MANAGER, Hall
from tests.attribution.reports.office import OTHER_PHONE, PASSPHRASE, PHONE, office_on, token_of
from tests.portal.agents_hall import Reader

if TYPE_CHECKING:
    import httpx

    from consentry.attribution.channel import Agency
    from consentry.platform.actors import Actor
    from consentry.platform.database import Database

ROOT = Path(__file__).resolve().parents[2]
OWN_PAGES = ("/agent", "/agent/report", "/agent/batch", "/agent/verdicts", "/agent/device")


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", cheap)
    monkeypatch.setattr(passwords, "_NOBODY", cheap.hash("nobody"))


@pytest.fixture
def hall(sqlite_database: Database, tmp_path: Path) -> Hall:
    return Hall(office_on(sqlite_database, tmp_path))


@pytest.fixture
def blue(hall: Hall) -> Agency:
    return hall.office.agency("Blue sky")


@pytest.fixture
def li_na(hall: Hall, blue: Agency) -> Actor:
    return hall.office.agent(blue)


@pytest.fixture
def reader(hall: Hall, li_na: Actor) -> Reader:
    """Return li.na at her telephone, signed in."""
    assert li_na.id
    found = Reader(hall.site)
    found.sign_in("li.na")
    return found


def text_of(answer: httpx.Response) -> str:
    """Return what a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


@pytest.mark.parametrize("path", OWN_PAGES)
def test_a_stranger_is_sent_to_the_sign_in_of_agents(hall: Hall, path: str) -> None:
    answer = Reader(hall.site).get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/agent/sign-in?lang=en")


@pytest.mark.parametrize("path", OWN_PAGES)
def test_a_page_of_an_agent_runs_scripts_of_the_package_alone_and_is_kept_nowhere(reader: Reader, path: str) -> None:
    answer = reader.get(path)
    assert answer.status_code == 200
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert re.findall(r"<style|<script>|\son\w+=|\sstyle=", answer.text) == []
    loaded = re.findall(r'(?:<script type="module" src|<link rel="stylesheet" href)="([^"]+)"', answer.text)
    assert [reader.get(address).status_code for address in loaded] == [200] * len(loaded)


def test_a_wrong_passphrase_is_told_and_begins_nothing(hall: Hall, li_na: Actor) -> None:
    stranger = Reader(hall.site)
    answer = stranger.sign_in("li.na", "not the passphrase")
    assert (answer.status_code, stranger.cookies) == (401, {})
    assert "Name or passphrase is wrong." in answer.text
    assert li_na.id not in answer.text


def test_signing_out_ends_the_session_itself_and_not_only_the_cookie(reader: Reader) -> None:
    kept = dict(reader.cookies)
    assert reader.post("/agent/sign-out").headers["location"].startswith("/agent/sign-in")
    reader.cookies = kept
    assert reader.get("/agent").status_code == 303


def test_a_one_time_link_sets_the_passphrase_once_and_signs_in(hall: Hall, blue: Agency) -> None:
    secret = token_of(agents.invite_agent(hall.site, MANAGER, blue.id, "zhao.lei"))
    guest = Reader(hall.site)
    assert "Blue sky has an account for you" in guest.post("/agent/welcome", secret=secret).text
    for wrong, words in (({"again": "another"}, "The two passphrases differ."), ({"passphrase": "short", "again": "short"}, "fewer than 12 characters")):
        answer = guest.post("/agent/welcome/passphrase", **{"secret": secret, "passphrase": PASSPHRASE, "again": PASSPHRASE, **wrong})
        assert (answer.status_code, words in answer.text) == (422, True)
    done = guest.post("/agent/welcome/passphrase", secret=secret, passphrase=PASSPHRASE, again=PASSPHRASE)
    assert (done.status_code, done.headers["location"]) == (303, "/agent?lang=en")
    assert "zhao.lei" in guest.get("/agent").text
    assert guest.post("/agent/welcome", secret=secret).status_code == 404
    assert guest.post("/agent/welcome/passphrase", secret=secret, passphrase=PASSPHRASE, again=PASSPHRASE).status_code == 404


def test_an_agent_without_reports_is_told_so(reader: Reader) -> None:
    assert "No reports yet." in reader.get("/agent").text


def test_the_list_has_the_clocks_and_the_state_of_each_own_report_and_of_nobody_else_s(hall: Hall, li_na: Actor, reader: Reader) -> None:
    other = hall.office.agent(hall.office.agency("Red gate"), "chen.jie")
    hall.reported(other, "+8613900009999", alias="Somebody")
    filed, _ = hall.reported(li_na)
    said = text_of(reader.get("/agent"))
    assert "Waiting for the reply" in said
    assert "Visit counts from 2026-03-02 09:30:00 in 30 minutes" in said
    assert "Valid until 2026-03-04 09:00:00" in said
    assert "Somebody" not in said
    replies.reply_to_report(hall.site, MANAGER, filed.report, ReplyDraft(ReplyKind.ACCEPT))
    hall.pass_by(hours=1)
    hall.arrived(li_na, filed, hall.reported(li_na, "+8613700001111")[1])
    said = text_of(reader.get("/agent"))
    assert "Client came" in said
    assert "Reply accepted" in said


def test_older_reports_are_on_the_next_page(hall: Hall, blue: Agency, li_na: Actor, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    assert blue.id
    monkeypatch.setattr("consentry.portal.agents._PAGE_SIZE", 2)
    for number in range(3):
        hall.reported(li_na, f"+861380000{number:04d}", alias=f"client-{'abc'[number]}")
        hall.pass_by(minutes=1)
    first = reader.get("/agent").text
    assert ("client-c" in first, "client-a" in first) == (True, False)
    older = re.findall(r'href="(/agent\?before=[^"]+)"', first)[0].replace("&amp;", "&")
    assert "client-a" in reader.get(older).text


def test_receipts_are_those_of_the_log_and_only_of_one_s_own_reports(hall: Hall, li_na: Actor, reader: Reader) -> None:
    filed, kept = hall.reported(li_na)
    hall.pass_by(hours=1)
    hall.arrived(li_na, filed, kept)
    answer = reader.get(f"/agent/reports/{filed.report}/receipt")
    papers = [base64.b64decode(paper) for paper in re.findall(r"data:application/json;base64,([^\"]+)", answer.text)]
    proven = [verify_bundle(paper, Trust((log_key(hall.site),))).entries[0].act.action for paper in papers]
    assert proven == ["attribution.report-filed", "attribution.arrived"]
    assert "code scanned, number fits" in answer.text
    stranger = Reader(hall.site)
    hall.office.agent(hall.office.agency("Red gate"), "chen.jie")
    stranger.sign_in("chen.jie")
    refused = stranger.get(f"/agent/reports/{filed.report}/receipt")
    assert (refused.status_code, "There is no such report of yours." in refused.text) == (404, True)
    assert stranger.post(f"/agent/reports/{filed.report}/code").status_code == 404


def test_a_code_is_made_by_asking_for_it_and_names_the_nonce_by_which_the_agent_s_file_is_searched(hall: Hall, li_na: Actor, reader: Reader) -> None:
    filed, _ = hall.reported(li_na)
    before = codes.issue_code(hall.site, li_na, filed.report).text
    assert "data-code" not in reader.get(f"/agent/reports/{filed.report}/code").text
    page = reader.post(f"/agent/reports/{filed.report}/code").text
    code = re.findall(r'data-code="([^"]+)"', page)[0]
    assert code.startswith(f"CV1.{filed.report}.")
    assert code != before
    entry = hall.office.acts("attribution.report-filed")[-1]
    assert re.findall(r'data-nonce="([^"]+)"', page) == [entry.details["nonce"]]


def test_the_page_of_reporting_names_projects_with_their_clocks_and_what_is_left_of_the_cap(hall: Hall, li_na: Actor, reader: Reader) -> None:
    hall.reported(li_na)
    said = text_of(reader.get("/agent/report"))
    assert "Garden court: a visit counts from 30 minutes after filing, for 2 days" in said
    assert "Left for your agency today: 2." in said
    hall.pass_by(days=31)
    reader.sign_in("li.na")
    assert "no contract for any project" in reader.get("/agent/report").text


def test_a_verdict_is_shown_with_its_reason_taken_home_and_appealed_against(hall: Hall, li_na: Actor, reader: Reader) -> None:
    hall.brought(li_na)
    hall.pass_by(hours=2)
    deal = hall.bought()
    hall.signed(deal)
    said = text_of(reader.get("/agent/verdicts"))
    assert "Your agency" in said
    assert "The client belongs to agency Blue sky" in said
    bundle = reader.get(f"/agent/verdicts/{deal.id}/bundle")
    assert bundle.headers["content-disposition"] == f'attachment; filename="verdict-{deal.id}.json"'
    assert verify_bundle(bundle.content, Trust((log_key(hall.site),))).document is not None
    short = reader.post(f"/agent/verdicts/{deal.id}/appeal", words="no")
    assert (short.status_code, "Write what is wrong" in short.text) == (422, True)
    assert "Appeal received" in reader.post(f"/agent/verdicts/{deal.id}/appeal", words="We came first.").text
    assert "An agency appealed on" in text_of(reader.get("/agent/verdicts"))
    again = reader.post(f"/agent/verdicts/{deal.id}/appeal", words="Once more, please.")
    assert (again.status_code, "open already" in again.text) == (409, True)


def text_of_salt(salt: bytes) -> str:
    """Return a salt as receipt files write it."""
    return base64.urlsafe_b64encode(salt).decode().rstrip("=")


def test_a_report_that_nobody_opened_is_opened_on_its_own_page_and_appealed_with(hall: Hall, li_na: Actor, reader: Reader) -> None:
    filed, kept = hall.reported(li_na)
    hall.pass_by(hours=1)
    deal = hall.bought()
    hall.signed(deal)
    assert "No verdict concerns you yet." in reader.get("/agent/verdicts").text
    path = re.findall(r'href="(/agent/reports/[^"]+/appeal)\?lang=en"', reader.get("/agent").text)[0]
    shown = reader.get(path).text
    assert re.findall(r'data-nonce="([^"]+)"', shown) == [hall.office.acts("attribution.report-filed")[-1].details["nonce"]]
    assert re.findall(r'name="(?:salt|phone)"[^>]*value', shown) == [], "the site has neither"
    right = {"salt": text_of_salt(kept.salt), "phone": PHONE, "words": "She reported me & came."}
    for wrong, status, words in (
        ({"salt": text_of_salt(bytes(32))}, 404, "The report opens no verdict."),
        ({"phone": OTHER_PHONE}, 404, "The report opens no verdict."),
        ({"salt": ""}, 422, "The salt is not whole."),
        ({"salt": "é~"}, 422, "The salt is not whole."),
        ({"phone": "138"}, 422, "The number is not whole."),
        ({"words": "no"}, 422, "Write what is wrong"),
    ):
        answer = reader.post(path, **{**right, **wrong})
        assert (answer.status_code, words in answer.text) == (status, True), wrong
        assert (PHONE in answer.text, right["salt"] in answer.text) == (False, False)
    assert "She reported me &amp; came." in reader.post(path, **{**right, "phone": OTHER_PHONE}).text, "what was written is not lost"
    done = reader.post(path, **right)
    (paper,) = re.findall(r"data:application/json;base64,([^\"]+)", done.text)
    assert verify_bundle(base64.b64decode(paper), Trust((log_key(hall.site),))).entries[0].act.action == "attribution.appeal-opened"
    assert deal.id in reader.get("/agent/verdicts").text
    assert (again := reader.post(path, **right)).status_code == 409
    assert "open already" in again.text
    assert filed.report in path


def test_a_report_of_somebody_else_or_one_that_waits_or_was_erased_offers_no_appeal(hall: Hall, li_na: Actor, reader: Reader) -> None:
    theirs, _ = hall.reported(hall.office.agent(hall.office.agency("Red gate"), "chen.jie"))
    for answer in (reader.get(f"/agent/reports/{theirs.report}/appeal"), reader.post(f"/agent/reports/{theirs.report}/appeal", words="We came first.")):
        assert (answer.status_code, "There is no such report of yours." in answer.text) == (404, True)
    hall.reported(li_na)
    assert "/appeal?" not in reader.get("/agent").text
    hall.pass_by(days=40)
    lapsing.erase_lapsed(hall.site)
    reader.sign_in("li.na")
    said = reader.get("/agent").text
    assert ("what it said of the client was deleted" in said, "/appeal?" in said) == (True, False)


def test_verdicts_of_others_do_not_exist_for_an_agent(hall: Hall, reader: Reader) -> None:
    deal, _ = hall.settled(agency=hall.office.agency("Red gate"))
    reader.sign_in("li.na")
    assert "No verdict concerns you yet." in reader.get("/agent/verdicts").text
    assert reader.get(f"/agent/verdicts/{deal.id}/bundle").status_code == 404
    assert reader.post(f"/agent/verdicts/{deal.id}/appeal", words="We came first.").status_code == 404


def test_the_pinned_file_is_the_one_whose_hash_is_published_here_and_in_the_documentation(reader: Reader) -> None:
    shown, saved = reader.get("/agent/offline"), reader.get("/agent/offline/file")
    digest = sha256(shown.content).hexdigest()
    assert saved.content == shown.content
    assert reader.get("/agent/offline.sha256").text.split() == [digest, "consentry-commitment.html"]
    assert digest in (ROOT / "docs" / "attribution-agents.md").read_text(encoding="utf-8")


def test_the_pinned_file_holds_the_code_of_the_site_s_own_pages_and_loads_nothing() -> None:
    text = pinned_file().content.decode()
    static = files("consentry.portal").joinpath("static")
    for name in ("agent-commitment.js", "agent-numbers.js", "agent-file.js", "qr.js"):
        code = static.joinpath(name).read_text(encoding="utf-8")
        functions = re.findall(r"^export (?:async )?(?:function|const) [\s\S]*?\n(?=\n|$)", code, re.MULTILINE)
        assert functions
        assert [one for one in functions if one.removeprefix("export ") not in text] == []
    assert re.findall(r"^(?:import|export) |\bsrc=|\bhref=|https?://|fetch\(", text, re.MULTILINE) == []


def test_the_policy_of_the_pinned_file_lets_its_own_script_run_and_no_connection_be_made(reader: Reader) -> None:
    answer = reader.get("/agent/offline")
    script = re.findall(r"<script[^>]*>([\s\S]*)</script>", answer.text)[0]
    allowed = base64.b64encode(sha256(script.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert f"script-src 'sha256-{allowed}';" in policy
    assert "connect-src" not in policy
    assert f'content="{pinned_file().policy}"' in answer.text


def test_whatever_goes_wrong_in_the_page_of_reporting_has_words() -> None:
    static, known = files("consentry.portal").joinpath("static"), phrases("en")["agent"]["script"]
    scripts = "".join(
        static.joinpath(f"agent-{name}.js").read_text(encoding="utf-8") for name in ("report", "pasted", "batch", "calls", "csv", "client", "device")
    )
    told = set(re.findall(r'(?:code|problem): "([\w-]+)"|wordsFor\("(\w+)"\)|say\("(\w+)"', scripts))
    names = {name for found in told for name in found if name}
    assert len(names) > 20
    assert names - set(known) == set()
