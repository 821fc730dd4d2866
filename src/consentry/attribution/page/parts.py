"""What the pages of visit attribution share: their tabs, the project that is looked at, tables, and reading what a form sends."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar
from zoneinfo import ZoneInfo

from segno import DataOverflowError

from consentry.attribution.service.agencies import agencies
from consentry.console.elements import tag, text
from consentry.console.pages import at
from consentry.console.qr import qr_code
from consentry.console.widgets import button_link, card, field, form, nothing, segments
from consentry.ledger.rules.receipt_code import to_code
from consentry.platform.actors import ActorKind, Permission
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from consentry.console.pages import PageEvent
    from consentry.console.screen import Screen
    from consentry.ledger.model import SealedBundle
    from consentry.platform.settings.projects import Project

__all__ = [
    "PAGE_LENGTH",
    "WHY_LENGTH",
    "agency_names",
    "ask_reason",
    "body",
    "by",
    "cell",
    "end_of_day",
    "instant",
    "listed",
    "more",
    "names_in_words",
    "no_project",
    "one_of",
    "pick_project",
    "project_of",
    "reason",
    "receipt_code",
    "short",
    "start_of_day",
    "table",
]

PAGE_LENGTH: Final = 40
WHY_LENGTH: Final = 200
_SHOWN_OF_ID: Final = 8

Word = TypeVar("Word", bound=StrEnum)


def _tabs(screen: Screen, here: str) -> None:
    """Add the parts of visit attribution that the reader may see; ``here`` is the current one's path."""
    parts = [
        ("/attribution", screen.say("The day"), Permission.VIEW_ATTRIBUTION),
        ("/attribution/reports", screen.say("Reports"), Permission.VIEW_ATTRIBUTION),
        ("/attribution/visits", screen.say("Visits"), Permission.VIEW_ATTRIBUTION),
        ("/attribution/deals", screen.say("Contracts"), Permission.VIEW_ATTRIBUTION),
        ("/attribution/appeals", screen.say("Appeals"), Permission.VIEW_ATTRIBUTION),
        ("/attribution/commission", screen.say("Commission"), Permission.VIEW_COMMISSION),
        ("/attribution/agencies", screen.say("Agencies"), Permission.VIEW_ATTRIBUTION),
        ("/attribution/rules", screen.say("Rules"), Permission.VIEW_ATTRIBUTION),
        ("/attribution/desks", screen.say("Desks"), Permission.VIEW_ATTRIBUTION),
    ]
    with tag("div", "parts"):
        segments(screen.say("Parts of sales"), [(at(path), words) for path, words, permission in parts if screen.may(permission)], at(here))


@contextmanager
def body(screen: Screen, here: str) -> Iterator[None]:
    """Add what stands below the heading: the tabs, then what is added inside."""
    with tag("div", "stack"):
        _tabs(screen, here)
        yield


def project_of(screen: Screen) -> Project | None:
    """Return the project that is looked at: the one in the address, or the first; None where the settings name none."""
    projects = screen.site.settings.projects
    wanted = screen.query.get("project")
    return next((project for project in projects if project.id == wanted), projects[0] if projects else None)


def pick_project(screen: Screen, chosen: Project) -> None:
    """Offer the projects, where there are several."""
    projects = screen.site.settings.projects
    if len(projects) > 1:
        choices = [(screen.address(project=project.id, before=None), screen.own(project.name)) for project in projects]
        with tag("div", "scroller"):
            segments(screen.say("Project"), choices, screen.address(project=chosen.id, before=None))


def no_project(screen: Screen) -> None:
    """Say that the settings name no project yet."""
    mend = screen.say("Write a [[project]] into the settings; agencies can report for it from then on. Counting needs none.")
    with card(), nothing(screen.say("No project is sold here"), mend):
        if screen.may(Permission.VIEW_SETTINGS):
            button_link(screen.say("Settings"), at("/settings"))


async def agency_names(screen: Screen) -> dict[str, str]:
    """Return the name of each agency by its id."""
    return {agency.id: agency.name for agency in await screen.ask(agencies)}


def names_in_words(words: str, names: Mapping[str, str]) -> str:
    """Return a reason of the judge, who knows agencies by id, with their names."""
    for agency, name in names.items():
        words = words.replace(agency, name)
    return words


def short(identifier: str) -> str:
    """Return the end of a long id, by which people tell two apart."""
    return f"…{identifier[-_SHOWN_OF_ID:]}" if len(identifier) > _SHOWN_OF_ID else identifier


def by(screen: Screen, label: str) -> str:
    """Say who did something, from how the log names them (``staff:…``): what they are, and the end of their id, by which two can be told apart."""
    kind, _, identifier = label.partition(":")
    said = screen.term("actor", kind)
    return said if kind == ActorKind.SYSTEM or not identifier else f"{said} {short(identifier)}"


@contextmanager
def listed(title: str, mend: str, *, empty: bool, picture: str = "empty") -> Iterator[None]:
    """Add a list of rows (``li`` are added inside), or what is said where it is empty."""
    with card(classes="flush"):
        if empty:
            nothing(title, mend, picture)
        with tag("ul", "rows"):
            yield


@contextmanager
def table(columns: Sequence[str]) -> Iterator[None]:
    """Add a table whose rows (``tr``) are added inside; on a phone each row becomes a block."""
    with tag("div", "table-wrap"), tag("table", "table reading"):
        with tag("thead"), tag("tr"):
            for words in columns:
                text("th", words, attributes={"scope": "col"})
        with tag("tbody"):
            yield


def cell(name: str, words: str, classes: str = "") -> None:
    """Add one cell; ``name`` is the column's, which stands before the words on a phone."""
    text("td", words, classes, {"data-name": name})


def more(screen: Screen, found: Sequence[object], last: str) -> None:
    """Offer the next page where this one is full."""
    if len(found) == PAGE_LENGTH:
        with tag("div", "row"):
            button_link(screen.say("More"), screen.address(before=last), picture="right")


def reason(screen: Screen, hint: str = "") -> None:
    """Add the field for a reason that the ledger keeps."""
    field(screen.say("Reason"), "reason", hint or screen.say("Kept in the ledger. Name no person."), maxlength=WHY_LENGTH, required=True)


def ask_reason(screen: Screen, event: PageEvent, fixed: Mapping[str, str]) -> None:
    """Ask why somebody wants to see who a person is; it is written to the ledger before anything is shown."""
    lead = screen.say("Names stay hidden until you say why. Your account, the reason and the ticket are written to the ledger.")
    with card(screen.say("Who is it?"), lead), form(screen, event, screen.say("Show names"), fixed):
        field(screen.say("Reason"), "reason", screen.say("In words, without names."), maxlength=WHY_LENGTH, required=True)
        field(screen.say("Ticket"), "ticket", screen.say("The number of the case that this belongs to."), maxlength=64, required=True)


def receipt_code(screen: Screen, sealed: SealedBundle) -> None:
    """Add the QR code of a receipt, where one holds it."""
    try:
        qr_code(to_code(sealed.data), screen.say("QR code of the receipt"))
    except DataOverflowError:
        text("p", screen.say("This receipt is too long for a QR code; use the file."), "quiet small")


def one_of(kind: type[Word], given: str) -> Word:
    """Return the word of ``kind`` that a browser sent.

    Raises:
        InputError: ``form.choice``.
    """
    try:
        return kind(given)
    except ValueError:
        raise InputError("form.choice", given, "this is not one of the choices", "Choose from the list.") from None


def instant(screen: Screen, given: str) -> datetime:
    """Return the instant, in UTC, of a time of the site as a browser's field sends it (``2026-03-02T09:30``).

    Raises:
        InputError: ``form.time``.
    """
    try:
        local = datetime.fromisoformat(given)
    except ValueError:
        raise InputError("form.time", given, "this is not a time", "Write it as 2026-12-31T09:30.") from None
    return (local if local.tzinfo else local.replace(tzinfo=_zone(screen))).astimezone(UTC)


def start_of_day(screen: Screen, given: str) -> datetime:
    """Return the first instant, in UTC, of a day of the site.

    Raises:
        InputError: ``form.day``.
    """
    return datetime.combine(_day(given), time(), _zone(screen)).astimezone(UTC)


def end_of_day(screen: Screen, given: str) -> datetime:
    """Return the last second, in UTC, of a day of the site.

    Raises:
        InputError: ``form.day``.
    """
    return datetime.combine(_day(given), time(23, 59, 59), _zone(screen)).astimezone(UTC)


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InputError("form.day", given, "this is not a day", "Write it as 2026-12-31.") from None


def _zone(screen: Screen) -> ZoneInfo:
    return ZoneInfo(screen.site.settings.site.zone)
