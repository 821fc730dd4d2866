"""The ledger in the console: browsing and filtering it, verifying the whole of it or a file, receipts as file and QR code."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from typing import TYPE_CHECKING, Final

from nicegui import ui
from segno import DataOverflowError

from consentry.console.dispatch import starter
from consentry.console.elements import link, tag, text
from consentry.console.pages import act, at, console_page
from consentry.console.qr import qr_code
from consentry.console.widgets import Choice, badge, button, button_link, card, choose, fact, note, nothing, page_head
from consentry.ledger import service
from consentry.ledger.actions import ACTIONS
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.rules.notes import to_base64, verifier_key_text
from consentry.ledger.rules.receipt_code import to_code
from consentry.platform.actors import Permission
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen
    from consentry.console.speech import Speech
    from consentry.ledger.model import AuditReport, Entry, ListedEntry, Page, SealedBundle, VerifierKey
    from consentry.ledger.offline import Verdict

__all__ = ["draw_entry", "draw_ledger", "reason_words", "short_name", "verify_command"]

PAGE_LENGTH: Final = 40
SHOWN_OF_ID: Final = 8
UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
READ_FILE: Final = "async (e) => { const file = e.target.files[0]; if (file) emit({ file: [await file.text()] }); e.target.value = ''; }"
LONGEST_FILE: Final = 5_000_000


@console_page("/ledger", access=Permission.VIEW_LEDGER, title="Ledger", personal=True)
async def draw_ledger(screen: Screen) -> None:
    """List entries, newest first."""
    before = screen.query.get("before", "")
    page = await screen.ask(service.browse, before=int(before) if before.isdecimal() else None, limit=PAGE_LENGTH, action=screen.query.get("action") or None)
    with page_head(screen.say("Ledger"), screen.say("What was done here, never what was seen. Nobody can change it unnoticed.")):
        button(screen, screen.say("Verify the whole ledger"), verify_ledger, look="main-action", picture="shield")
    with tag("div", "stack"):
        tag("div", "stack", {"aria-live": "polite"}).mark("verdict")
        _filters(screen)
        _list(screen, page)
        with tag("div", "split"):
            _file_card(screen)
            await _key_card(screen)


def _filters(screen: Screen) -> None:
    with tag("form", "filters", {"method": "get", "action": at("/ledger")}):
        choices = [Choice("", screen.say("Everything")), *(Choice(action, screen.term("action", action)) for action in ACTIONS)]
        choose(screen.say("What was done"), "action", choices, screen.query.get("action", ""))
        text("button", screen.say("Show"), "button", {"type": "submit"})


def _list(screen: Screen, page: Page) -> None:
    with card(classes="flush"):
        if not page.entries:
            nothing(screen.say("No entry of this kind"), screen.say("Choose another kind, or everything."), "ledger")
            return
        with tag("div", "table-wrap"), tag("table", "table stacking"):
            _head(screen)
            with tag("tbody"):
                for listed in page.entries:
                    _row(screen, listed)
    if page.next_before is not None:
        with tag("div", "row"):
            button_link(screen.say("Older entries"), screen.address(before=str(page.next_before)), picture="right")


def _head(screen: Screen) -> None:
    with tag("thead"), tag("tr"):
        for words in (screen.say("No."), screen.say("Time"), screen.say("What was done"), screen.say("To what"), screen.say("By whom"), screen.say("Reason")):
            text("th", words, attributes={"scope": "col"})


def _row(screen: Screen, listed: ListedEntry) -> None:
    with tag("tr"):
        with tag("td", "figure"):
            link(str(listed.index), at(f"/ledger/{listed.index}"), attributes={"aria-label": screen.say("Entry {index}", index=listed.index)})
        if listed.entry is None:
            text("td", screen.say("Erased. Its hash stays, so that the rest still proves itself."), "quiet", {"colspan": 5})
            return
        act_ = listed.entry.act
        text("td", screen.speech.moment(listed.entry.at), "figure nowrap")
        text("td", screen.term("action", act_.action), "strong")
        text("td", short_name(act_.object), "mono nowrap", {"title": act_.object})
        text("td", short_name(act_.actor), "mono nowrap quiet", {"title": act_.actor})
        text("td", reason_words(screen.speech, act_.reason), "quiet")


def short_name(name: str) -> str:
    """Return a name of the log with a long identifier cut to its end, as in ``staff:…4e4add12``."""
    kind, separator, identifier = name.partition(":")
    return f"{kind}:…{identifier[-SHOWN_OF_ID:]}" if separator and UUID.fullmatch(identifier) else name


def reason_words(speech: Speech, reason: str) -> str:
    """Return a reason of the log in the reader's language where the system gave it, and somebody's own words as they were written."""
    return (reason and (speech.term("gap-cause", reason) or speech.term("system-reason", reason))) or reason


@console_page("/ledger/{index}", access=Permission.VIEW_LEDGER, title="Ledger entry", personal=True)
async def draw_entry(screen: Screen) -> None:
    """Show one entry with its receipt."""
    index = _index(screen.query["index"])
    listed = await screen.ask(service.entry, index)
    title = screen.term("action", listed.entry.act.action) if listed.entry else screen.say("Erased entry")
    with page_head(title, screen.say("Entry {index}", index=index)):
        button_link(screen.say("All entries"), at("/ledger"), picture="left")
    with tag("div", "split"):
        with card(screen.say("Entry")):
            if listed.entry is None:
                note(screen.say("What it said was erased."), screen.say("A tombstone names the basis and the two who decided. Its hash stays."), "warn")
            else:
                _facts(screen, listed.entry)
            with tag("dl", "facts"):
                fact(screen.say("Hash of the leaf"), listed.leaf.hex(), mono=True)
        if listed.entry is not None:
            await _receipt_card(screen, index)


def _index(text_: str) -> int:
    if not text_.isdecimal():
        raise InputError("ledger.no-index", text_, "this is no number of an entry", "Choose an entry from the list.")
    return int(text_)


def _facts(screen: Screen, entry: Entry) -> None:
    with tag("dl", "facts"):
        fact(screen.say("Time"), screen.speech.moment(entry.at))
        fact(screen.say("By whom"), entry.act.actor, mono=True)
        fact(screen.say("To what"), entry.act.object, mono=True)
        fact(screen.say("Purpose"), screen.term("purpose", entry.act.purpose))
        if entry.act.reason:
            fact(screen.say("Reason"), reason_words(screen.speech, entry.act.reason))
        for name, value in entry.act.details.items():
            fact(name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=list), mono=True)


async def _receipt_card(screen: Screen, index: int) -> None:
    sealed = await screen.ask(service.receipt, index)
    lead = screen.say("It proves this entry to anyone who holds the log's key, without this site.")
    with card(screen.say("Receipt")), tag("div", "stack"):
        text("p", lead, "quiet small")
        _receipt_code(screen, sealed)
        button(screen, screen.say("Download the receipt"), download_receipt, {"index": str(index)}, picture="download", look="wide")
        key = await asyncio.to_thread(service.log_key, screen.site)
        text("code", verify_command(key, _receipt_name(screen, index)), "quiet")


def verify_command(key: VerifierKey, file: str) -> str:
    """Return the command that checks a downloaded receipt or bundle against the log's key, to be copied as it stands."""
    return shlex.join(("consentry", "ledger", "verify", "--key", verifier_key_text(key), file))


def _receipt_name(screen: Screen, index: int) -> str:
    return f"receipt-{screen.site.settings.site.id}-{index}.json"


def _receipt_code(screen: Screen, sealed: SealedBundle) -> None:
    try:
        qr_code(to_code(sealed.data), screen.say("QR code of the receipt"))
    except DataOverflowError:
        text("p", screen.say("This receipt is too long for a QR code; use the file."), "quiet small")


def _file_card(screen: Screen) -> None:
    with card(screen.say("Check a receipt"), screen.say("It is checked against this site's key.")):
        with tag("label", "button"):
            text("span", screen.say("Choose a receipt file…"))
            picker = tag("input", "unseen", {"type": "file", "accept": ".json,application/json"})
        picker.on("change", starter(screen, verify_file), js_handler=READ_FILE)
        tag("div", "stack still-note", {"aria-live": "polite"}).mark("file-verdict")


async def _key_card(screen: Screen) -> None:
    key = await asyncio.to_thread(service.log_key, screen.site)
    newest = await asyncio.to_thread(service.latest_checkpoint, screen.site)
    with card(screen.say("What to keep outside")), tag("dl", "facts"):
        fact(screen.say("Key of the log"), verifier_key_text(key), mono=True)
        fact(screen.say("Newest checkpoint"), newest.text.strip() if newest else screen.say("none yet"), mono=True)


@act(Permission.VIEW_LEDGER)
async def verify_ledger(screen: Screen, answers: Answers) -> None:  # noqa: ARG001 - every event takes what was sent
    """Recompute the whole log and say what was found."""
    report = await screen.ask(service.audit)
    area = screen.marked("verdict")
    area.clear()
    with area:
        _report(screen, report)


def _report(screen: Screen, report: AuditReport) -> None:
    counted = screen.say_count("{count} entry was recomputed.", "{count} entries were recomputed.", report.size)
    if report.clean:
        note(screen.say("The ledger is whole"), counted, "good")
        return
    mend = screen.say("Keep this machine as it is and tell your data-protection officer. Compare with a checkpoint kept outside.")
    note(screen.say("The ledger does not hold from entry {index} on", index=report.first_bad), f"{counted} {mend}", "bad")
    with card(classes="flush"), tag("ul", "rows"):
        for finding in report.findings:
            with tag("li"), tag("div", "grow"):
                text("div", screen.say("Entries {first} to {last}", first=finding.first, last=finding.last), "strong figure")
                text("div", screen.speech.term("error", finding.code) or finding.problem, "quiet small")


@act(Permission.VIEW_LEDGER)
async def verify_file(screen: Screen, answers: Answers) -> None:
    """Check a receipt or bundle that the reader chose."""
    data = answers.one("file").encode()[:LONGEST_FILE]
    key = await asyncio.to_thread(service.log_key, screen.site)
    area = screen.marked("file-verdict")
    area.clear()
    verdict = await asyncio.to_thread(verify_bundle, data, Trust((key,)))
    with area:
        _verdict(screen, verdict)


def _verdict(screen: Screen, verdict: Verdict) -> None:
    note(screen.say("The receipt holds"), screen.say_count("It proves {count} entry.", "It proves {count} entries.", len(verdict.entries)), "good")
    for entry in verdict.entries:
        with tag("div", "row tight"):
            badge(str(entry.index), "plain")
            text("span", screen.term("action", entry.act.action))
            text("span", screen.speech.moment(entry.at), "quiet small figure")
    text("p", to_base64(verdict.checkpoint.root), "mono quiet")


@act(Permission.VIEW_LEDGER)
async def download_receipt(screen: Screen, answers: Answers) -> None:
    """Give out the receipt of one entry as a file."""
    index = _index(answers.need("index"))
    sealed = await screen.ask(service.receipt, index)
    ui.download.content(sealed.data, _receipt_name(screen, index))
