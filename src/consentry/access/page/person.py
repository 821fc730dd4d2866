"""One person of the doors in the console: what they may, what they hold, their account, who they are for a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.access.page import erasing, held
from consentry.access.page.people import person_standing
from consentry.access.page.terms import door_ticks, group_name, group_ticks, terms_of, validity_fields, validity_words
from consentry.access.register import PersonDraft, PersonKind, PersonName
from consentry.access.residence import ResidentState
from consentry.access.service.credentials import credentials
from consentry.access.service.erasing import erasure_scope
from consentry.access.service.groups import groups
from consentry.access.service.people import (
    add_person,
    change_person,
    describe_people,
    end_person,
    rename_person,
    set_suspended,
)
from consentry.access.service.people import person as find_person
from consentry.access.service.residents import disable_resident, enable_resident, invite_resident, renew_resident_link, residents
from consentry.console.actors import short
from consentry.console.dispatch import tell
from consentry.console.elements import link, tag, text
from consentry.console.pages import act, at, console_page
from consentry.console.places import door_name
from consentry.console.reasons import ask_reason, reason
from consentry.console.shown_link import shown_link
from consentry.console.widgets import badge, button, button_link, card, dialog, fact, field, form, note, opener, page_head, tick
from consentry.platform.actors import Permission
from consentry.staff.model import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.access.register import Group, PersonView
    from consentry.access.residence import Resident, ResidentLink
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["draw_person"]

NAMED: Final = "person-named"
LINK: Final = "resident-link"
ACCOUNT_TONES: Final = {ResidentState.ACTIVE: "good", ResidentState.INVITED: "warn", ResidentState.DISABLED: "plain"}


@console_page("/doors/people/{person}", access=Permission.MANAGE_CREDENTIALS, title="Person", personal=True)
async def draw_person(screen: Screen) -> None:
    """Show one person."""
    found = await screen.ask(find_person, screen.query["person"])
    known, holds = await screen.ask(groups), await screen.ask(credentials, found.id)
    accounts = [one for one in await screen.ask(residents) if one.person == found.id]
    said: PersonName | None = None if found.erased else screen.kept.get(NAMED)
    with page_head(said.name if said else short(found.id), screen.term("door-person", found.kind)):
        button_link(screen.say("All people"), at("/doors/people"), picture="left")
    with tag("div", "stack"):
        erasing.certificate(screen)
        held.shown_once(screen)
        _link_shown_once(screen)
        with tag("div", "split"):
            with tag("div", "stack"):
                held.draw(screen, found, holds)
                if accounts or found.left is None:
                    _account(screen, found, accounts)
            with tag("div", "stack"):
                _facts(screen, found, known)
                _name(screen, found, said)
                if found.left is None:
                    _acts(screen, found, known)
                if not (scope := await screen.ask(erasure_scope, found.id)).empty:
                    erasing.offering(screen, found.id, scope)


def _facts(screen: Screen, one: PersonView, known: Sequence[Group]) -> None:
    called = {group.id: group_name(screen, group) for group in known}
    terms = one.terms
    with card(screen.say("What they may")), tag("dl", "facts"):
        text("dt", screen.say("State"))
        with tag("dd"):
            badge(*person_standing(screen, one))
        fact(screen.say("Groups"), screen.say(", ").join(called.get(group, group) for group in terms.groups) or screen.say("none, so no door"))
        fact(screen.say("Valid"), validity_words(screen, terms.valid_from, terms.valid_until))
        doors = screen.say(", ").join(door_name(screen, door) for door in terms.doors or ())
        fact(screen.say("Which doors"), doors or screen.say("all that the rules give their groups"))
        if terms.host:
            text("dt", screen.say("Host"))
            with tag("dd"):
                link(short(terms.host), at(f"/doors/people/{terms.host}"))
        if terms.longer_release:
            fact(screen.say("Doors stay open"), screen.say("longer, because this person needs it"))
        if terms.passback_exempt:
            fact(screen.say("Passed back"), screen.say("does not count for this person"))
        fact(screen.say("Added"), screen.speech.moment(one.added))
        if one.left:
            fact(screen.say("Gone since"), screen.speech.moment(one.left))
        fact(screen.say("Pseudonym"), one.id, mono=True)


def _name(screen: Screen, one: PersonView, said: PersonName | None) -> None:
    if one.erased:
        with card(screen.say("Who is it?")):
            note(screen.say("Nobody knows any more."), screen.say("Name and unit were deleted after the person left."))
    elif said is None:
        ask_reason(screen, show_name, {"person": one.id})
    else:
        with card(screen.say("Who is it?")), tag("div", "stack"):
            with tag("dl", "facts"):
                fact(screen.say("Name"), said.name)
                fact(screen.say("Flat or office"), said.unit or "–")
            with dialog(screen.say("Correct name or unit")) as asked, form(screen, rename, screen.say("Keep it"), {"person": one.id}):
                field(screen.say("Name"), "name", value=said.name, maxlength=64, required=True, autocomplete="off")
                hint = screen.say("With another unit the number that was entered after the old one ends.")
                field(screen.say("Flat or office"), "unit", hint, value=said.unit or "", maxlength=20, autocomplete="off")
                reason(screen)
            opener(screen.say("Correct…"), asked)


def _acts(screen: Screen, one: PersonView, known: Sequence[Group]) -> None:
    fixed = {"person": one.id}
    with card(screen.say("Change")), tag("div", "row"):
        with dialog(screen.say("Change what they may")) as asked, form(screen, change, screen.say("Change it"), {**fixed, "host": one.terms.host or ""}):
            _terms_fields(screen, one, known)
        opener(screen.say("Change what they may…"), asked)
        if one.kind is PersonKind.MEMBER:
            _contractor(screen, one, known)
        if one.suspended:
            with dialog(screen.say("Let them pass again")) as asked, form(screen, resume, screen.say("Let them pass"), fixed):
                reason(screen)
            opener(screen.say("Let them pass again…"), asked)
        else:
            lead = screen.say("Every door refuses them within seconds; nothing they hold is lost.")
            with dialog(screen.say("Suspend this person"), lead) as asked, form(screen, suspend, screen.say("Suspend"), fixed, look="danger"):
                reason(screen)
            opener(screen.say("Suspend…"), asked, look="danger")
        lead = screen.say("They moved out, or work here no more. Everything they hold ends for ever, and their name is deleted later by itself.")
        with dialog(screen.say("This person leaves"), lead) as asked, form(screen, leave, screen.say("End everything"), fixed, look="danger"):
            reason(screen)
        opener(screen.say("They leave…"), asked, look="danger")


def _terms_fields(screen: Screen, one: PersonView, known: Sequence[Group]) -> None:
    group_ticks(screen, known, one.terms.groups)
    validity_fields(screen, one.terms.valid_from, one.terms.valid_until)
    door_ticks(screen, one.terms.doors or (), screen.say("None ticked: every door that the rules give their groups."))
    hint = screen.say("Doors stay unlocked longer, such as for a wheelchair or a pram.")
    tick(screen.say("Needs more time at doors"), "longer-release", hint=hint, ticked=one.terms.longer_release)
    hint = screen.say("Such as for guards on their round.")
    tick(screen.say("May enter an area twice"), "passback-exempt", hint=hint, ticked=one.terms.passback_exempt)
    reason(screen)


def _contractor(screen: Screen, one: PersonView, known: Sequence[Group]) -> None:
    lead = screen.say("Such as a cleaner or a tradesperson. When the host leaves or is suspended, their doors close too.")
    with dialog(screen.say("Add somebody who works for them"), lead) as asked, form(screen, add_contractor, screen.say("Add them"), {"host": one.id}):
        field(screen.say("Name"), "name", screen.say("Encrypted; shown for a reason that the ledger keeps."), maxlength=64, required=True, autocomplete="off")
        group_ticks(screen, known, ())
        validity_fields(screen, None, None)
        door_ticks(screen, (), screen.say("None ticked: every door that the rules give their groups."))
    opener(screen.say("Add somebody who works for them…"), asked)


def _account(screen: Screen, one: PersonView, accounts: Sequence[Resident]) -> None:
    lead = screen.say("Their own page: ways in, what was logged about them, guest passes, a telephone that opens doors, turning the face off.")
    with card(screen.say("Their account"), lead, classes="flush"):
        with tag("ul", "rows"):
            for account in accounts:
                _one_account(screen, account)
        if not accounts and one.left is None:
            with tag("div", "row all-of-them"):
                lead = screen.say("A link appears, once. Give it to them yourself; they choose a passphrase.")
                fixed = {"person": one.id}
                with dialog(screen.say("Invite them"), lead) as asked, form(screen, invite, screen.say("Make the link"), fixed):
                    field(screen.say("Name to sign in with"), "name", screen.say("Only they see it later."), maxlength=64, required=True, autocomplete="off")
                opener(screen.say("Invite them…"), asked, picture="add")


def _one_account(screen: Screen, account: Resident) -> None:
    seen = screen.say("last signed in {time}", time=screen.speech.moment(account.last_sign_in)) if account.last_sign_in else screen.say("never signed in")
    fixed = {"resident": account.id}
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", short(account.id), "strong")
            text("div", seen, "quiet small figure")
        badge(screen.term("agent-state", account.state), ACCOUNT_TONES[account.state])
        if account.state is ResidentState.DISABLED:
            button(screen, screen.say("Enable"), enable_account, fixed, name=screen.say("Enable {name}", name=short(account.id)))
            return
        with dialog(screen.say("New link"), short(account.id)) as asked, form(screen, renew, screen.say("Make the link"), fixed):
            reason(screen)
        opener(screen.say("New link…"), asked, name=screen.say("New link for {name}", name=short(account.id)))
        with dialog(screen.say("Disable the account"), short(account.id)) as asked, form(screen, disable, screen.say("Disable"), fixed, look="danger"):
            reason(screen)
        opener(screen.say("Disable…"), asked, look="danger", name=screen.say("Disable {name}", name=short(account.id)))


def _link_shown_once(screen: Screen) -> None:
    made: ResidentLink | None = screen.kept.pop(LINK, None)
    if made is not None:
        with card(screen.say("The link, shown once")), tag("div", "stack"):
            mend = screen.say("It holds until {time} and works once.", time=screen.speech.moment(made.expires))
            note(screen.say("Give it to the resident, who chooses a passphrase with it."), mend, "warn")
            shown_link(screen, screen.origin + made.path)


@act(Permission.MANAGE_CREDENTIALS)
async def show_name(screen: Screen, answers: Answers) -> None:
    """Show who the person is, after the reason was written to the ledger."""
    wanted = answers.need("person")
    said = await screen.ask(describe_people, [wanted], Reason(answers.need("reason"), answers.need("ticket")))
    screen.kept[NAMED] = said[wanted]
    await screen.redraw()


@act(Permission.MANAGE_CREDENTIALS)
async def rename(screen: Screen, answers: Answers) -> None:
    """Correct name or unit."""
    said = PersonName(answers.need("name"), answers.one("unit").strip() or None)
    await screen.ask(rename_person, answers.need("person"), said, answers.need("reason"))
    screen.kept[NAMED] = said
    await screen.redraw()
    tell(screen, screen.say("It is corrected."))


@act(Permission.MANAGE_CREDENTIALS)
async def change(screen: Screen, answers: Answers) -> None:
    """Put other terms in the place of somebody's."""
    await screen.ask(change_person, answers.need("person"), terms_of(screen, answers, answers.one("host") or None), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("It is changed."))


@act(Permission.MANAGE_CREDENTIALS)
async def add_contractor(screen: Screen, answers: Answers) -> None:
    """Enter somebody who is here for the person."""
    draft = PersonDraft(PersonKind.CONTRACTOR, PersonName(answers.need("name")), terms_of(screen, answers, answers.need("host")))
    await screen.ask(add_person, draft)
    await screen.redraw()
    tell(screen, screen.say("The person is added."))


@act(Permission.MANAGE_CREDENTIALS)
async def suspend(screen: Screen, answers: Answers) -> None:
    """Let somebody pass no door for now."""
    await screen.ask(set_suspended, answers.need("person"), answers.need("reason"), suspended=True)
    await screen.redraw()
    tell(screen, screen.say("Every door refuses this person now."))


@act(Permission.MANAGE_CREDENTIALS)
async def resume(screen: Screen, answers: Answers) -> None:
    """Let somebody pass doors again."""
    await screen.ask(set_suspended, answers.need("person"), answers.need("reason"), suspended=False)
    await screen.redraw()
    tell(screen, screen.say("This person may pass again."))


@act(Permission.MANAGE_CREDENTIALS)
async def leave(screen: Screen, answers: Answers) -> None:
    """End everything that somebody holds."""
    await screen.ask(end_person, answers.need("person"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("Everything this person held has ended."))


@act(Permission.MANAGE_CREDENTIALS)
async def invite(screen: Screen, answers: Answers) -> None:
    """Make an account; the link is shown once."""
    screen.kept[LINK] = await screen.ask(invite_resident, answers.need("person"), answers.need("name"))
    await screen.redraw()


@act(Permission.MANAGE_CREDENTIALS)
async def renew(screen: Screen, answers: Answers) -> None:
    """Make a new link for an account."""
    screen.kept[LINK] = await screen.ask(renew_resident_link, answers.need("resident"), answers.need("reason"))
    await screen.redraw()


@act(Permission.MANAGE_CREDENTIALS)
async def disable(screen: Screen, answers: Answers) -> None:
    """Disable an account."""
    await screen.ask(disable_resident, answers.need("resident"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The account is disabled."))


@act(Permission.MANAGE_CREDENTIALS)
async def enable_account(screen: Screen, answers: Answers) -> None:
    """Enable an account again."""
    await screen.ask(enable_resident, answers.need("resident"))
    await screen.redraw()
    tell(screen, screen.say("The account is enabled."))
