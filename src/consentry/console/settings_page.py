"""The settings page: every key with its description, edited by forms or as text; what would change is shown before it is applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from consentry.cameras.service import apply_settings
from consentry.console import settings_service as service
from consentry.console.dispatch import tell
from consentry.console.elements import tag, text
from consentry.console.pages import act, at, console_page
from consentry.console.settings_text import edited, form_entries, is_bilingual, shown_value
from consentry.console.speech import message
from consentry.console.widgets import Choice, badge, button_link, card, choose, field, form, note, nothing, page_head, segments, tick
from consentry.platform.actors import Permission
from consentry.platform.settings.problems import InvalidSettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.console.answers import Answers
    from consentry.console.screen import Screen
    from consentry.console.settings_service import Draft
    from consentry.platform.settings.changes import Change
    from consentry.platform.settings.fields import FieldEntry
    from consentry.platform.settings.problems import Problem

__all__ = ["draw", "put_in_force", "review_form", "review_text"]

AS_TEXT: Final = "file"
EFFECT_TONES: Final = {"live": "plain", "camera-restart": "warn", "restart": "warn"}


@dataclass(frozen=True, slots=True)
class _Part:
    """A table of the settings and what its tab is called."""

    key: str
    words: str


PARTS: Final = (
    _Part("site", message("Site")),
    _Part("retention", message("Retention")),
    _Part("alarms", message("Alarm delivery")),
    _Part("web", message("Web address")),
    _Part("processes", message("Processes")),
    _Part("data", message("Records")),
    _Part("database", message("Database")),
    _Part("keys", message("Keys")),
)


@console_page("/settings", access=Permission.VIEW_SETTINGS, title="Settings")
async def draw(screen: Screen) -> None:
    """Show one table of the settings as a form, or the whole file to those who may change it."""
    chosen = screen.query.get("part", PARTS[0].key)
    draft = await screen.ask(service.current) if screen.may(Permission.EDIT_SETTINGS) else None
    with page_head(screen.say("Settings"), screen.say("Every change is checked first, shown to you, and written to the ledger.")):
        if draft:
            badge(screen.say("Version {digest}", digest=draft.digest[:8]), "plain")
    with tag("div", "stack"):
        _tabs(screen, chosen, whole=draft is not None)
        if chosen in form_entries():
            _as_form(screen, chosen, await screen.ask(service.values), draft)
        elif draft:
            _as_text(screen, draft)
        # What a review finds is drawn here, beside what it is about.
        tag("div", "stack", {"id": "review", "aria-live": "polite"}).mark("review")


def _tabs(screen: Screen, chosen: str, *, whole: bool) -> None:
    parts = [*PARTS, *([_Part(AS_TEXT, message("Whole file"))] if whole else [])]
    with tag("div", "scroller"):
        tabs = [(at(f"/settings?part={part.key}"), screen.say(part.words)) for part in parts]
        segments(screen.say("Parts of the settings"), tabs, at(f"/settings?part={chosen}"))


def _as_text(screen: Screen, draft: Draft) -> None:
    lead = screen.say("Cameras, lines and measured accuracy are edited here too. Comments stay where they are.")
    with (
        card(screen.say("The file site.toml"), lead),
        form(screen, review_text, screen.say("Review the changes"), {"digest": draft.digest}, classes="form whole"),
    ):
        area = field(screen.say("Text of the settings"), "text", rows=24, spellcheck="false", value=draft.text)
        area.classes("source")


def _as_form(screen: Screen, part: str, values: Mapping[str, str], draft: Draft | None) -> None:
    with card():
        if draft is None:
            lead = screen.say("Addresses and accounts are shown to administrators only.")
            note(screen.say("You can look at the settings but not change them."), lead)
            _entries(screen, part, values, fixed=True)
            return
        with form(screen, review_form, screen.say("Review the changes"), {"part": part, "digest": draft.digest}, classes="form settings"):
            _entries(screen, part, values, fixed=False)


def _entries(screen: Screen, part: str, values: Mapping[str, str], *, fixed: bool) -> None:
    with tag("fieldset", "", {"disabled": True} if fixed else {}):
        for entry in form_entries()[part]:
            if not (fixed and entry.sensitive):
                _entry(screen, entry, values)


def _entry(screen: Screen, entry: FieldEntry, values: Mapping[str, str]) -> None:
    with tag("div", "setting"):
        with tag("div", "setting-words"):
            text("div", screen.term("setting", entry.path), "strong")
            text("div", screen.say(entry.description), "quiet small")
            with tag("div", "row tight"):
                text("code", entry.path, "quiet")
                badge(screen.term("effect", entry.effect), EFFECT_TONES[entry.effect])
        with tag("div", "setting-value"):
            _control(screen, entry, values)


def _control(screen: Screen, entry: FieldEntry, values: Mapping[str, str]) -> None:
    value = values.get(entry.path, "")
    if is_bilingual(entry):
        for language, words in (("zh", screen.say("In Chinese")), ("en", screen.say("In English"))):
            field(words, f"{entry.path}.{language}", value=values.get(f"{entry.path}.{language}", ""))
    elif entry.kind.get("type") == "boolean":
        tick(screen.say("Yes"), entry.path, "true", ticked=bool(value))
    elif isinstance(choices := entry.kind.get("enum"), list):
        default = Choice("", screen.say("Default: {value}", value=screen.term("choice", shown_value(entry.default))))
        listed = [Choice(str(word), screen.term("choice", str(word))) for word in choices]
        choose(screen.say("Value"), entry.path, listed if entry.required else [default, *listed], value)
    elif entry.kind.get("type") == "array":
        field(screen.say("One a line"), entry.path, rows=1, value=value)
    else:
        hint = "" if entry.default in (None, "") else screen.say("Default: {value}", value=shown_value(entry.default))
        field(screen.say("Value"), entry.path, hint, value=value)


@act(Permission.EDIT_SETTINGS)
async def review_form(screen: Screen, answers: Answers) -> None:
    """Show what the form of one table would change."""
    part = answers.need("part")
    draft = await screen.ask(service.current)
    given = {entry.path: "" for entry in form_entries()[part] if entry.kind.get("type") == "boolean"}
    given |= {name: "\n".join(values) for name, values in answers.values.items()}
    await _review(screen, edited(draft.text, part, given), answers.need("digest"))


@act(Permission.EDIT_SETTINGS)
async def review_text(screen: Screen, answers: Answers) -> None:
    """Show what another text of the file would change."""
    await _review(screen, answers.need("text").replace("\r\n", "\n") + "\n", answers.need("digest"))


async def _review(screen: Screen, proposed: str, digest: str) -> None:
    area = screen.marked("review")
    area.clear()
    try:
        changes = await screen.ask(service.preview, proposed)
    except InvalidSettingsError as error:
        with area:
            _problems(screen, error.problems)
        return
    with area:
        _changes(screen, changes, proposed, digest)


def _problems(screen: Screen, problems: tuple[Problem, ...]) -> None:
    title = screen.say_count("{count} thing must be mended first", "{count} things must be mended first", len(problems))
    with card(title), tag("div", "stack tight", {"role": "alert"}):
        for problem in problems:
            where = screen.say("Line {line}", line=problem.line) if problem.line else ""
            known = screen.speech.term("error", problem.code)
            note(" · ".join(filter(None, [where, problem.key, known or problem.problem])), screen.speech.term("mend", problem.code) or problem.mend, "bad")


def _changes(screen: Screen, changes: list[Change], proposed: str, digest: str) -> None:
    if not changes:
        with card():
            nothing(
                screen.say("Nothing would change"),
                screen.say("The values are the same as those in force; comments alone are kept when you apply a change."),
                "check",
            )
        return
    with card(screen.say_count("{count} change", "{count} changes", len(changes)), screen.say("Not in force yet. Apply them, or go on editing.")):
        with tag("ul", "stack tight"):
            for change in changes:
                _change(screen, change)
        with form(screen, put_in_force, screen.say("Apply"), {"text": proposed, "digest": digest}):
            field(screen.say("Why"), "reason", screen.say("Kept in the ledger. Name no person."), maxlength=300, required=True)
        button_link(screen.say("Discard"), screen.address(), look="plain")


def _change(screen: Screen, change: Change) -> None:
    with tag("li", "change"):
        with tag("div", "row tight apart"):
            text("code", change.path)
            badge(screen.term("effect", change.effect), EFFECT_TONES[change.effect])
        with tag("div", "diff"):
            for look, sign, value in (("diff-old", "−", change.old), ("diff-new", "+", change.new)):
                if value is not None:
                    text("span", f"{sign} {shown_value(value)}", look)


@act(Permission.EDIT_SETTINGS)
async def put_in_force(screen: Screen, answers: Answers) -> None:
    """Apply a reviewed text, unless somebody changed the file meanwhile."""
    await screen.ask(apply_settings, answers.need("text") + "\n", answers.need("digest"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The settings are in force."))
