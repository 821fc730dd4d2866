"""The parts that pages are made of: heads, cards, figures, notes, forms and buttons."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from consentry.console.dispatch import starter
from consentry.console.elements import icon, link, tag, text
from consentry.console.pages import PAGES, at
from consentry.console.screen import explained
from consentry.platform.errors import DeniedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nicegui.element import Element

    from consentry.console.pages import PageEvent
    from consentry.console.screen import Screen
    from consentry.platform.errors import ConsentryError

__all__ = [
    "Choice",
    "badge",
    "button",
    "button_link",
    "card",
    "choose",
    "dialog",
    "error_state",
    "fact",
    "field",
    "form",
    "live_form",
    "note",
    "nothing",
    "opener",
    "page_head",
    "segments",
    "stat",
    "tick",
    "user_name",
    "way_out",
]

SEND_FORM: Final = """(e) => {
  e.preventDefault();
  const data = new FormData(e.target, e.submitter);
  emit(Object.fromEntries([...new Set(data.keys())].map((key) => [key, data.getAll(key)])));
}"""

# Vue writes a property whenever it draws anew, over what was typed meanwhile; an attribute (^) is only where typing begins.
TYPED: Final = "^value"

SEND_CHANGE: Final = SEND_FORM.replace("e.preventDefault();", "").replace("e.target, e.submitter", "e.currentTarget")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several things to choose from: its value and what the reader sees."""

    value: str
    words: str


@contextmanager
def page_head(title: str, lead: str = "") -> Iterator[Element]:
    """Add the page's heading; what is added inside stands at its right, such as the page's main action."""
    with tag("header", "page-head"):
        with tag("div", "page-head-words"):
            text("h1", title)
            if lead:
                text("p", lead)
        with tag("div", "page-actions") as actions:
            yield actions


@contextmanager
def card(title: str = "", lead: str = "", classes: str = "") -> Iterator[Element]:
    """Add a surface, with a heading where it has one."""
    with tag("section", f"card {classes}") as surface:
        if title:
            with tag("div", "card-head"):
                text("h2", title)
                if lead:
                    text("p", lead)
        yield surface


def stat(name: str, value: str, remark: str = "", *, absent: bool = False) -> None:
    """Add one figure with its name; ``absent`` where there is no figure but a word for why."""
    with tag("div", "card stat"):
        text("div", name, "stat-name")
        text("div", value, "stat-value none" if absent else "stat-value")
        if remark:
            text("div", remark, "stat-note")


def badge(words: str, tone: str = "") -> Element:
    """Add a short state; ``tone`` is good, warn, bad or plain."""
    return text("span", words, f"badge {tone}")


def note(words: str, mend: str = "", tone: str = "") -> Element:
    """Add a remark: what is the case and what to do. A bad one is read out at once."""
    with tag("div", f"note {tone}", {"role": "alert"} if tone == "bad" else {}) as element:
        icon({"good": "check", "warn": "warning", "bad": "warning"}.get(tone, "info"))
        with tag("div"):
            text("p", words, "strong" if mend else "")
            if mend:
                text("p", mend)
    return element


def nothing(title: str, mend: str, picture: str = "empty") -> Element:
    """Add the state of a list without entries: what would stand here and what to do. Use ``with`` to add the action itself."""
    with tag("div", "nothing") as element:
        icon(picture)
        text("h2", title)
        text("p", mend)
    return element


def error_state(screen: Screen, error: ConsentryError) -> None:
    """Add the state of a page that could not be drawn."""
    problem, mend = explained(screen.speech, error)
    with tag("section", "card", {"role": "alert"}), nothing(problem, mend, "warning"):
        button_link(*way_out(screen, error))


def way_out(screen: Screen, error: ConsentryError) -> tuple[str, str]:
    """Return where to go from a page that could not be drawn, in words and as an address: again only where that can help."""
    above = PAGES.get(screen.page.path.partition("/{")[0], screen.page)
    if isinstance(error, DeniedError):
        return screen.say("Start page"), at("/")
    if error.http_status < HTTPStatus.INTERNAL_SERVER_ERROR and above is not screen.page:
        return screen.say(above.title), above.path
    return screen.say("Try again"), screen.address()


def fact(name: str, value: str, *, mono: bool = False) -> None:
    """Add one row to a list of facts (a ``dl`` with the class ``facts``)."""
    text("dt", name)
    text("dd", value, "mono" if mono else "")


def button(  # noqa: PLR0913 - what it says, what it does, and how it looks
    screen: Screen, words: str, event: PageEvent, fixed: Mapping[str, str] | None = None, *, look: str = "", picture: str = "", name: str = ""
) -> Element:
    """Add a button that starts an event. ``name`` replaces the words for those who hear the page, where the words alone say too little."""
    element = _button(words, f"button {look}", picture, {"type": "button"})
    if name:
        element.props["aria-label"] = name
    element.on("click", starter(screen, event, fixed), js_handler="() => emit({})")
    return element


def button_link(words: str, target: str, *, look: str = "", picture: str = "") -> Element:
    """Add a link that looks like a button: it leads somewhere and changes nothing."""
    with tag("a", f"button {look}", {"href": target}) as element:
        if picture:
            icon(picture)
        text("span", words)
    return element


def _button(words: str, classes: str, picture: str, attributes: Mapping[str, str | float | bool]) -> Element:
    with tag("button", classes, attributes) as element:
        if picture:
            icon(picture)
        text("span", words)
    return element


@contextmanager
def form(  # noqa: PLR0913 - as above
    screen: Screen, event: PageEvent, submit: str, fixed: Mapping[str, str] | None = None, *, look: str = "main-action", classes: str = "form"
) -> Iterator[Element]:
    """Add a form: fields are added inside, its button sends them all to ``event``, and an error appears above the button."""
    with tag("form", classes) as element:
        yield element
        trouble = tag("div")
        with tag("div", "form-end"):
            _button(submit, f"button {look}", "", {"type": "submit"})

    def refuse(error: ConsentryError) -> None:
        trouble.clear()
        with trouble:
            note(*explained(screen.speech, error), tone="bad")

    element.on("submit", starter(screen, event, fixed, refuse), js_handler=SEND_FORM)


@contextmanager
def live_form(screen: Screen, event: PageEvent, fixed: Mapping[str, str]) -> Iterator[Element]:
    """Add fields whose every change is sent at once; there is no button."""
    with tag("form", "form") as element:
        yield element
    element.on("change", starter(screen, event, fixed), js_handler=SEND_CHANGE)


def field(label: str, name: str, hint: str = "", *, value: str = "", **attributes: str | float | bool) -> Element:
    """Add a labelled input; ``attributes`` are those of HTML, with ``_`` for ``-``. A ``rows`` makes it a box of several lines."""
    with tag("div", "field"):
        element = text("textarea", value, "input") if "rows" in attributes else tag("input", "input", {TYPED: value} if value else {})
        identifier = element.html_id
        _labelled(label, identifier, hint)
        element.move(target_index=1)
    given = {key.replace("_", "-"): setting for key, setting in attributes.items()}
    element.props.update({"name": name, "id": identifier, **given, **({"aria-describedby": f"{identifier}-hint"} if hint else {})})
    return element


def _labelled(label: str, identifier: str, hint: str) -> None:
    text("label", label, attributes={"for": identifier}).move(target_index=0)
    if hint:
        text("div", hint, "hint", {"id": f"{identifier}-hint"})


def user_name(screen: Screen) -> None:
    """Add, unseen, whose password a form asks for, so that password managers know."""
    name = screen.identity.name if screen.identity else ""
    tag("input", "unseen", {"type": "text", "autocomplete": "username", TYPED: name, "readonly": True, "tabindex": "-1", "aria-hidden": "true"})


def choose(label: str, name: str, choices: Sequence[Choice], chosen: str = "", hint: str = "") -> Element:
    """Add a labelled list to choose one from."""
    with tag("div", "field"):
        element = tag("select", "input")
        _labelled(label, element.html_id, hint)
        element.move(target_index=1)
    element.props.update({"name": name, "id": element.html_id})
    with element:
        for choice in choices:
            text("option", choice.words, attributes={"value": choice.value, **({"^selected": True} if choice.value == chosen else {})})
    return element


def tick(label: str, name: str, value: str = "on", hint: str = "", *, ticked: bool = False) -> None:
    """Add a box to tick."""
    with tag("label", "check"):
        tag("input", attributes={"type": "checkbox", "name": name, "value": value, **({"^checked": True} if ticked else {})})
        with tag("span"):
            text("span", label)
            if hint:
                text("div", hint, "quiet small")


@contextmanager
def dialog(title: str, lead: str = "") -> Iterator[Element]:
    """Add a dialog, closed until an :func:`opener` of it is pressed. The browser keeps the focus inside and closes it on Escape."""
    with tag("dialog", "sheet") as element:
        heading = text("h2", title)
        element.props["aria-labelledby"] = heading.html_id
        heading.props["id"] = heading.html_id
        if lead:
            text("p", lead, "quiet")
        yield element


def opener(words: str, opened: Element, *, look: str = "", picture: str = "", name: str = "") -> Element:
    """Add a button that opens a dialog."""
    element = _button(words, f"button {look}", picture, {"type": "button", "aria-haspopup": "dialog"})
    if name:
        element.props["aria-label"] = name
    element.on("click", js_handler=f"() => getHtmlElement({opened.id}).showModal()")
    return element


def segments(label: str, choices: Sequence[tuple[str, str]], chosen: str) -> None:
    """Add links of which one is the current view; ``choices`` are addresses with their words, ``chosen`` is the current address."""
    with tag("nav", "segments", {"aria-label": label}):
        for target, words in choices:
            link(words, target, attributes={"aria-current": "page"} if target == chosen else {})
