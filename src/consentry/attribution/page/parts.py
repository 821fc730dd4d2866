"""What the pages of visit attribution share: their tabs, the project that is looked at, agencies by name, receipts as codes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from segno import DataOverflowError

from consentry.attribution.service.agencies import agencies
from consentry.console.elements import tag, text
from consentry.console.pages import at
from consentry.console.qr import qr_code
from consentry.console.widgets import button_link, card, nothing, segments
from consentry.ledger.rules.receipt_code import to_code
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from consentry.console.screen import Screen
    from consentry.ledger.model import SealedBundle
    from consentry.platform.settings.projects import Project

__all__ = [
    "agency_names",
    "body",
    "names_in_words",
    "no_project",
    "pick_project",
    "project_of",
    "receipt_code",
]


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


def receipt_code(screen: Screen, sealed: SealedBundle) -> None:
    """Add the QR code of a receipt, where one holds it."""
    try:
        qr_code(to_code(sealed.data), screen.say("QR code of the receipt"))
    except DataOverflowError:
        text("p", screen.say("This receipt is too long for a QR code; use the file."), "quiet small")
