"""Staff in the console: accounts and API keys. Details of a person are shown only after a reason and a ticket were given (R74)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from consentry.console.dispatch import tell
from consentry.console.elements import tag, text
from consentry.console.pages import act, at, console_page
from consentry.console.shown_link import shown_link
from consentry.console.widgets import (
    Choice,
    badge,
    button,
    button_link,
    card,
    choose,
    dialog,
    fact,
    field,
    form,
    note,
    nothing,
    opener,
    page_head,
    segments,
    tick,
)
from consentry.platform.actors import Permission
from consentry.staff import service
from consentry.staff.model import AccountState, Reason, Role
from consentry.staff.rules import KEY_SCOPES

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.console.answers import Answers
    from consentry.console.pages import PageEvent
    from consentry.console.screen import Screen
    from consentry.staff.model import Account, AccountDetails, ApiKey, IssuedLink

__all__ = ["draw_account", "draw_keys", "draw_staff"]

STATE_TONES: Final = {AccountState.ACTIVE: "good", AccountState.INVITED: "warn", AccountState.DISABLED: "bad"}
KEY_LIVES: Final = (30, 90, 180, 365)


@console_page("/staff", access=Permission.VIEW_STAFF, title="Staff", personal=True)
async def draw_staff(screen: Screen) -> None:
    """List the accounts."""
    accounts = await screen.ask(service.accounts)
    with page_head(screen.say("Staff"), screen.say("Everyone has their own account, and no more rights than the work needs.")):
        if screen.may(Permission.MANAGE_STAFF):
            _invite_dialog(screen)
    with tag("div", "stack"):
        _tabs(screen, at("/staff"))
        _issued(screen)
        with card(classes="flush"), tag("ul", "rows"):
            for account in accounts:
                _row(screen, account)


def _tabs(screen: Screen, here: str) -> None:
    segments(screen.say("Parts of staff"), [(at("/staff"), screen.say("Accounts")), (at("/staff/keys"), screen.say("API keys"))], here)


def _row(screen: Screen, account: Account) -> None:
    with tag("li", "wrap"):
        text("span", account.name[:1].upper(), "who-face", {"aria-hidden": "true"})
        with tag("div", "grow"):
            text("div", account.name, "strong")
            text("div", _summary(screen, account), "quiet small")
        badge(screen.term("account-state", account.state), STATE_TONES[account.state])
        button_link(screen.say("Details"), at(f"/staff/{account.id}")).props["aria-label"] = screen.say("Details of {name}", name=account.name)


def _summary(screen: Screen, account: Account) -> str:
    factors = screen.say_count("{count} second factor", "{count} second factors", account.factors)
    last = screen.say("signed in {ago}", ago=screen.speech.ago(account.last_sign_in, screen.now)) if account.last_sign_in else screen.say("never signed in")
    return " · ".join(filter(None, [screen.term("role", account.role), account.unit, factors, last]))


def _roles(screen: Screen) -> list[Choice]:
    return [Choice(role, screen.term("role", role)) for role in Role]


def _invite_dialog(screen: Screen) -> None:
    lead = screen.say("They get a link that works once, and choose their password themselves.")
    with dialog(screen.say("Invite somebody"), lead) as asked, form(screen, invite, screen.say("Make the link")):
        field(screen.say("Name"), "name", autocomplete="off", maxlength=64, required=True)
        choose(screen.say("Role"), "role", _roles(screen), Role.STORE_MANAGER)
        field(screen.say("Organisation"), "unit", screen.say("Only if it is another than the site's own."), maxlength=200)
    opener(screen.say("Invite…"), asked, look="main-action", picture="add")


def _issued(screen: Screen) -> None:
    link: IssuedLink | None = screen.kept.pop("link", None)
    if link is None:
        return
    with card(screen.say("The link, shown once")), tag("div", "stack"):
        note(
            screen.say("Give it to the person by a way that only they read."),
            screen.say("It works once, until {time}.", time=screen.speech.moment(link.expires)),
            "warn",
        )
        shown_link(screen, screen.origin + link.path)


@console_page("/staff/{account}", access=Permission.VIEW_STAFF, title="Account", personal=True)
async def draw_account(screen: Screen) -> None:
    """Ask why, then show what is kept about one person."""
    details: AccountDetails | None = screen.kept.get("details")
    with page_head(details.account.name if details else screen.say("Account")):
        button_link(screen.say("All accounts"), at("/staff"), picture="left")
    if details is None:
        _ask_why(screen)
        return
    with tag("div", "stack"):
        _issued(screen)
        with tag("div", "split"):
            with tag("div", "stack"):
                _facts_card(screen, details)
                _factors_card(screen, details)
                _sessions_card(screen, details)
            if screen.may(Permission.MANAGE_STAFF):
                _actions_card(screen, details.account)


def _ask_why(screen: Screen) -> None:
    lead = screen.say("Looking at somebody's details is written to the ledger with your account, the reason and the ticket.")
    with card(screen.say("Why do you look?"), classes="narrow"):
        text("p", lead, "quiet")
        with form(screen, look, screen.say("Show the details"), {"account": screen.query["account"]}):
            field(screen.say("Reason"), "reason", screen.say("In words, without names."), maxlength=200, required=True)
            field(screen.say("Ticket"), "ticket", screen.say("The number of the request that this belongs to."), maxlength=64, required=True)


def _facts_card(screen: Screen, details: AccountDetails) -> None:
    account = details.account
    with card(screen.say("Account")), tag("dl", "facts"):
        fact(screen.say("Role"), screen.term("role", account.role))
        fact(screen.say("State"), screen.term("account-state", account.state))
        fact(screen.say("Organisation"), account.unit or screen.say("the site's own"))
        fact(screen.say("Created"), screen.speech.moment(account.created))
        fact(screen.say("Last sign-in"), _moment(screen, account.last_sign_in))
        fact(screen.say("Named in the ledger as"), f"staff:{account.id}", mono=True)


def _moment(screen: Screen, at_: datetime | None) -> str:
    return screen.speech.moment(at_) if at_ else screen.say("never")


def _factors_card(screen: Screen, details: AccountDetails) -> None:
    with card(screen.say("Second factors"), classes="flush"):
        if not details.factors:
            nothing(screen.say("No second factor"), screen.say("The account's holder can enrol one under My account."), "shield")
            return
        with tag("ul", "rows"):
            for factor in details.factors:
                with tag("li"):
                    with tag("div", "grow"):
                        text("div", factor.label, "strong")
                        text("div", screen.say("last used: {time}", time=_moment(screen, factor.last_used)), "quiet small")
                    badge(screen.term("factor", factor.kind), "plain")


def _sessions_card(screen: Screen, details: AccountDetails) -> None:
    with card(screen.say("Signed in at"), classes="flush"):
        if not details.sessions:
            nothing(screen.say("Not signed in anywhere"), screen.say("Nothing needs to be ended."), "account")
            return
        with tag("ul", "rows"):
            for session in details.sessions:
                with tag("li"), tag("div", "grow"):
                    text("div", screen.speech.moment(session.created), "figure")
                    text("div", screen.say("last seen {ago}", ago=screen.speech.ago(session.last_seen, screen.now)), "quiet small")


def _actions_card(screen: Screen, account: Account) -> None:
    fixed = {"account": account.id}
    with card(screen.say("Change")), tag("div", "stack"):
        with form(screen, change_role, screen.say("Change the role"), fixed, look=""):
            choose(screen.say("Role"), "role", _roles(screen), account.role, screen.say("Sessions end, so that nobody works on with the old rights."))
        button(screen, screen.say("End all sessions"), end_sessions, fixed, look="wide")
        why = _Asked(
            screen.say("Recovery link…"),
            screen.say("Make a recovery link"),
            screen.say("When it is followed, the old password, second factors and sessions are gone."),
        )
        _reasoned(screen, recover, account, why)
        why = _Asked(screen.say("Remove second factors…"), screen.say("Remove every second factor"), screen.say("For somebody who lost them. Sessions end."))
        _reasoned(screen, reset_factors, account, why)
        if account.state is AccountState.DISABLED:
            button(screen, screen.say("Enable the account"), enable, fixed, look="wide")
        else:
            why = _Asked(screen.say("Disable…"), screen.say("Disable the account"), screen.say("Sessions end at once; links and API keys hold no longer."))
            _reasoned(screen, disable, account, why)


@dataclass(frozen=True, slots=True)
class _Asked:
    """An act that asks why: the words of the button, and the title and lead of the dialog behind it."""

    words: str
    title: str
    lead: str


def _reasoned(screen: Screen, event: PageEvent, account: Account, asked: _Asked) -> None:
    with dialog(asked.title, asked.lead) as shown, form(screen, event, asked.title, {"account": account.id}):
        field(screen.say("Reason"), "reason", screen.say("Kept in the ledger. Name no person."), maxlength=200, required=True)
    opener(asked.words, shown, look="wide danger")


@console_page("/staff/keys", access=Permission.VIEW_STAFF, title="API keys", personal=True)
async def draw_keys(screen: Screen) -> None:
    """List API keys, and make new ones."""
    keys = await screen.ask(service.api_keys)
    with page_head(screen.say("Staff"), screen.say("Keys let programs read figures. A key can do no more than whoever made it.")):
        if screen.may(Permission.MANAGE_API_KEYS):
            _key_dialog(screen)
    with tag("div", "stack"):
        _tabs(screen, at("/staff/keys"))
        _new_key(screen)
        with card(classes="flush"):
            if not keys:
                nothing(screen.say("No API key yet"), screen.say("Make one for a program that reads figures, such as a till or a dashboard."), "key")
            with tag("ul", "rows"):
                for key in keys:
                    _key_row(screen, key)


def _new_key(screen: Screen) -> None:
    shown: str | None = screen.kept.pop("key", None)
    if shown is None:
        return
    with card(screen.say("The key, shown once")), tag("div", "stack"):
        note(screen.say("Copy it into the program now."), screen.say("Only its hash is kept here. Whoever has the key can do what it may do."), "warn")
        text("code", shown, "shown-once")


def _key_row(screen: Screen, key: ApiKey) -> None:
    over = key.revoked is not None or key.expires <= screen.now
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("div", key.label, "strong")
            text("div", screen.say(", ").join(screen.term("permission", scope) for scope in sorted(key.scopes)), "quiet small")
            text("div", screen.say("{prefix}… · until {time}", prefix=key.prefix, time=screen.speech.moment(key.expires)), "quiet small figure")
        badge(screen.say("revoked") if key.revoked else screen.say("expired") if over else screen.say("works"), "bad" if over else "good")
        if not over and screen.may(Permission.MANAGE_API_KEYS):
            button(screen, screen.say("Revoke"), revoke_key, {"key": key.id}, look="danger", name=screen.say("Revoke {name}", name=key.label))


def _key_dialog(screen: Screen) -> None:
    with (
        dialog(screen.say("New API key"), screen.say("Choose as little as the program needs.")) as asked,
        form(screen, create_key, screen.say("Make the key")),
    ):
        field(screen.say("Label"), "label", screen.say("Which program it is for."), maxlength=64, required=True)
        with tag("fieldset", "field"):
            text("legend", screen.say("It may"), "label strong")
            for scope in sorted(KEY_SCOPES & screen.actor.permissions):
                tick(screen.term("permission", scope), "scope", scope)
        lives = [Choice(str(days), screen.say_count("{count} day", "{count} days", days)) for days in KEY_LIVES]
        choose(screen.say("It works for"), "days", lives, "90")
    opener(screen.say("New key…"), asked, look="main-action", picture="add")


@act(Permission.MANAGE_STAFF)
async def invite(screen: Screen, answers: Answers) -> None:
    """Make an account and its link."""
    screen.kept["link"] = await screen.ask(service.invite, answers.need("name"), Role(answers.need("role")), answers.one("unit"))
    await screen.redraw()


@act(Permission.VIEW_STAFF)
async def look(screen: Screen, answers: Answers) -> None:
    """Show the details of one account, after the reason was written to the ledger."""
    reason = Reason(answers.need("reason"), answers.need("ticket"))
    screen.kept["details"] = await screen.ask(service.account_details, answers.need("account"), reason)
    screen.kept["reason"] = reason
    await screen.redraw()


@act(Permission.MANAGE_STAFF)
async def change_role(screen: Screen, answers: Answers) -> None:
    """Give an account another role."""
    await screen.ask(service.change_role, answers.need("account"), Role(answers.need("role")))
    await _changed(screen, answers, screen.say("The role is changed."))


@act(Permission.MANAGE_STAFF)
async def disable(screen: Screen, answers: Answers) -> None:
    """Disable an account."""
    await screen.ask(service.disable, answers.need("account"), answers.need("reason"))
    await _changed(screen, answers, screen.say("The account is disabled."))


@act(Permission.MANAGE_STAFF)
async def enable(screen: Screen, answers: Answers) -> None:
    """Enable an account again."""
    await screen.ask(service.enable, answers.need("account"))
    await _changed(screen, answers, screen.say("The account is enabled."))


@act(Permission.MANAGE_STAFF)
async def end_sessions(screen: Screen, answers: Answers) -> None:
    """End every session of an account."""
    ended = await screen.ask(service.end_sessions, answers.need("account"))
    await _changed(screen, answers, screen.say_count("{count} session ended.", "{count} sessions ended.", ended))


@act(Permission.MANAGE_STAFF)
async def reset_factors(screen: Screen, answers: Answers) -> None:
    """Remove every second factor of an account."""
    await screen.ask(service.reset_second_factors, answers.need("account"), answers.need("reason"))
    await _changed(screen, answers, screen.say("The second factors are removed."))


@act(Permission.MANAGE_STAFF)
async def recover(screen: Screen, answers: Answers) -> None:
    """Make a recovery link."""
    screen.kept["link"] = await screen.ask(service.recover, answers.need("account"), answers.need("reason"))
    await screen.redraw()


async def _changed(screen: Screen, answers: Answers, words: str) -> None:
    """Show the account as it is now, for the reason that was given when the page was opened."""
    screen.kept["details"] = await screen.ask(service.account_details, answers.need("account"), screen.kept["reason"])
    await screen.redraw()
    tell(screen, words)


@act(Permission.MANAGE_API_KEYS)
async def create_key(screen: Screen, answers: Answers) -> None:
    """Make an API key and show it once."""
    scopes = frozenset(Permission(scope) for scope in answers.all("scope") if scope in set(Permission))
    expires = screen.now + timedelta(days=_days(answers))
    made = await screen.ask(service.create_api_key, answers.need("label"), scopes, expires)
    screen.kept["key"] = made.text
    await screen.redraw()


def _days(answers: Answers) -> int:
    return next((days for days in KEY_LIVES if str(days) == answers.one("days")), KEY_LIVES[0])


@act(Permission.MANAGE_API_KEYS)
async def revoke_key(screen: Screen, answers: Answers) -> None:
    """Revoke an API key."""
    await screen.ask(service.revoke_api_key, answers.need("key"))
    await screen.redraw()
    tell(screen, screen.say("The key opens nothing any more."))
