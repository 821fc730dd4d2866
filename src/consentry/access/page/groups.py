"""Groups of people in the console: what rules name, such as residents, guards, the office on the third floor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.access.page.parts import body
from consentry.access.page.terms import group_name
from consentry.access.register import Group
from consentry.access.service.groups import groups, put_group, remove_group
from consentry.console.dispatch import tell
from consentry.console.elements import tag, text
from consentry.console.lists import listed
from consentry.console.pages import act, at, console_page
from consentry.console.widgets import button, button_link, dialog, field, form, opener, page_head
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw_groups"]


@console_page("/doors/groups", access=Permission.VIEW_DOORS, title="Groups")
async def draw_groups(screen: Screen) -> None:
    """List the groups."""
    found = await screen.ask(groups)
    with page_head(screen.say("Doors"), screen.say("Rules let groups through doors; a person may be in several.")):
        if screen.may(Permission.MANAGE_CREDENTIALS):
            button_link(screen.say("All people"), at("/doors/people"), picture="left")
        if screen.may(Permission.MANAGE_DOORS):
            _add(screen)
    with body(screen, "/doors/people"), listed(screen.say("No group yet"), screen.say("Add one, such as residents; then a rule for it."), empty=not found):
        for group in found:
            with tag("li", "wrap"):
                with tag("div", "grow"):
                    text("div", group_name(screen, group), "strong")
                    text("div", group.id, "quiet small mono")
                if screen.may(Permission.MANAGE_DOORS):
                    with tag("div", "acts"):
                        _edit(screen, group)


def _add(screen: Screen) -> None:
    with dialog(screen.say("Add a group")) as asked, form(screen, put, screen.say("Add it")):
        field(screen.say("Id"), "id", screen.say("Small letters, digits and hyphens, such as residents."), maxlength=40, required=True, autocomplete="off")
        _names(screen)
    opener(screen.say("Add a group…"), asked, look="main-action", picture="add")


def _names(screen: Screen, group: Group | None = None) -> None:
    field(screen.say("Name in Chinese"), "zh", value=group.zh if group else "", maxlength=80, required=True)
    field(screen.say("Name in English"), "en", value=group.en if group else "", maxlength=80, required=True)


def _edit(screen: Screen, group: Group) -> None:
    name = group_name(screen, group)
    with dialog(screen.say("Call it otherwise"), name) as asked, form(screen, put, screen.say("Keep it"), {"id": group.id}):
        _names(screen, group)
    opener(screen.say("Rename…"), asked, name=screen.say("Rename {name}", name=name))
    button(screen, screen.say("Remove"), remove, {"id": group.id}, look="danger", name=screen.say("Remove {name}", name=name))


@act(Permission.MANAGE_DOORS)
async def put(screen: Screen, answers: Answers) -> None:
    """Add a group, or call it otherwise."""
    await screen.ask(put_group, Group(answers.need("id"), answers.need("zh"), answers.need("en")))
    await screen.redraw()
    tell(screen, screen.say("The group is kept."))


@act(Permission.MANAGE_DOORS)
async def remove(screen: Screen, answers: Answers) -> None:
    """Remove a group that nobody is in and no rule names."""
    await screen.ask(remove_group, answers.need("id"))
    await screen.redraw()
    tell(screen, screen.say("The group is removed."))
