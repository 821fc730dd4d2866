"""The settings page: every key with its description, edited by forms or as text; what would change is shown before it is applied."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from consentry.cameras.service import apply_settings
from consentry.console import settings_service as service
from consentry.console.dispatch import tell
from consentry.console.elements import tag, text
from consentry.console.pages import act, at, console_page
from consentry.console.settings_text import BILINGUAL, edited, form_entries, is_bilingual, shown_value, value_at
from consentry.console.widgets import Choice, badge, button_link, card, choose, field, form, note, nothing, page_head, segments, tick
from consentry.platform.actors import Permission
from consentry.platform.settings.problems import InvalidSettingsError

if TYPE_CHECKING:
    from nicegui.element import Element

    from consentry.console.answers import Answers
    from consentry.console.screen import Screen
    from consentry.console.settings_service import Draft
    from consentry.platform.settings.changes import Change
    from consentry.platform.settings.fields import FieldEntry
    from consentry.platform.settings.problems import Problem

__all__ = ["draw", "put_in_force", "review_form", "review_text"]

AS_TEXT: Final = "file"
EFFECT_TONES: Final = {"live": "good", "camera-restart": "warn", "restart": "bad"}


@dataclass(frozen=True, slots=True)
class _Part:
    """A table of the settings and what its tab is called."""

    key: str
    words: str


PARTS: Final = (
    _Part("site", "Site"),
    _Part("retention", "Retention"),
    _Part("alarms", "Alarm delivery"),
    _Part("web", "Web address"),
    _Part("processes", "Processes"),
    _Part("data", "Records"),
    _Part("database", "Database"),
    _Part("keys", "Keys"),
)


@console_page("/settings", access=Permission.VIEW_SETTINGS, title="Settings")
async def draw(screen: Screen) -> None:
    """Show one table of the settings as a form, or the whole file."""
    draft = await screen.ask(service.current)
    chosen = screen.query.get("part", PARTS[0].key)
    with page_head(screen.say("Settings"), screen.say("Every change is checked first, shown to you, and written to the ledger.")):
        badge(screen.say("Version {digest}", digest=draft.digest[:8]), "plain")
    with tag("div", "stack"):
        _tabs(screen, chosen)
        if chosen == AS_TEXT or chosen not in form_entries():
            _as_text(screen, draft)
        else:
            _as_form(screen, draft, chosen)
        # What a review finds is drawn here, beside what it is about.
        tag("div", "stack", {"id": "review", "aria-live": "polite"}).mark("review")


def _tabs(screen: Screen, chosen: str) -> None:
    tabs = [(at(f"/settings?part={part.key}"), screen.say(part.words)) for part in PARTS]
    with tag("div", "scroller"):
        segments(screen.say("Parts of the settings"), [*tabs, (at(f"/settings?part={AS_TEXT}"), screen.say("Whole file"))], at(f"/settings?part={chosen}"))


def _as_text(screen: Screen, draft: Draft) -> None:
    lead = screen.say("Cameras, lines and measured accuracy are edited here too. Comments stay where they are.")
    with card(screen.say("The file site.toml"), lead):
        if not screen.may(Permission.EDIT_SETTINGS):
            text("pre", draft.text, "input source", {"tabindex": "0"})
            return
        with form(screen, review_text, screen.say("Review the changes"), {"digest": draft.digest}, classes="form whole"):
            area = field(screen.say("Text of the settings"), "text", rows=24, spellcheck="false")
            area.classes("source")
            area.props["value"] = draft.text


def _as_form(screen: Screen, draft: Draft, part: str) -> None:
    document = tomllib.loads(draft.text)
    with card():
        if not screen.may(Permission.EDIT_SETTINGS):
            note(screen.say("You can look at the settings but not change them."))
        with form(screen, review_form, screen.say("Review the changes"), {"part": part, "digest": draft.digest}, classes="form settings"):
            for entry in form_entries()[part]:
                _entry(screen, entry, value_at(document, entry.path))


def _entry(screen: Screen, entry: FieldEntry, value: object) -> None:
    with tag("div", "setting"):
        with tag("div", "setting-words"):
            text("div", screen.say(entry.description), "strong")
            with tag("div", "row tight"):
                text("code", entry.path, "quiet")
                badge(screen.term("effect", entry.effect), EFFECT_TONES[entry.effect])
        with tag("div", "setting-value"):
            _control(screen, entry, value)


def _control(screen: Screen, entry: FieldEntry, value: object) -> None:
    if is_bilingual(entry):
        for language in BILINGUAL:
            given = value.get(language, "") if isinstance(value, dict) else value or ""
            _input(field(screen.say("In Chinese") if language == "zh" else screen.say("In English"), f"{entry.path}.{language}"), given)
    elif entry.kind.get("type") == "boolean":
        tick(screen.say("Yes"), entry.path, "true", ticked=bool(value))
    elif isinstance(choices := entry.kind.get("enum"), list):
        default = Choice("", screen.say("Default ({value})", value=shown_value(entry.default)))
        listed = [Choice(str(word), screen.term("choice", str(word))) for word in choices]
        choose(screen.say("Value"), entry.path, listed if entry.required else [default, *listed], shown_value(value))
    elif entry.kind.get("type") == "array":
        _input(field(screen.say("One a line"), entry.path, rows=2), shown_value(value))
    else:
        hint = "" if entry.default in (None, "") else screen.say("Default: {value}", value=shown_value(entry.default))
        _input(field(screen.say("Value"), entry.path, hint), shown_value(value))


def _input(element: Element, value: object) -> None:
    element.props["value"] = value


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
