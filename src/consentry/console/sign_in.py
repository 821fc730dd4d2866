"""Signing in, following a one-time link, and signing out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nicegui import ui

from consentry.console.elements import link, tag, text
from consentry.console.handover import hand_over
from consentry.console.pages import BASE, act, at, console_page
from consentry.console.security_key import ask_security_key
from consentry.console.widgets import button, card, field, form, note
from consentry.platform.actors import Permission
from consentry.platform.http.access import PUBLIC
from consentry.staff import service
from consentry.staff.model import FactorKind, LinkPurpose, OneTimeCode, RecoveryCode, SecondFactorNeeded, SecurityKeyAnswer

if TYPE_CHECKING:
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen
    from consentry.staff.model import Proof, SignedIn

__all__ = ["draw_sign_in", "draw_sign_out", "draw_welcome"]

NEEDED = "needed"


@console_page("/sign-in", access=PUBLIC, title="Sign in")
async def draw_sign_in(screen: Screen) -> None:
    """Ask for name and password, then for the second factor where the account has one."""
    needed: SecondFactorNeeded | None = screen.kept.get(NEEDED)
    with card():
        if needed:
            _second_step(screen, needed)
        else:
            _first_step(screen)


def _first_step(screen: Screen) -> None:
    text("h1", screen.say("Sign in"))
    text("p", screen.say("For the staff of this site."), "quiet small")
    with form(screen, give_password, screen.say("Go on"), look="main-action wide"):
        field(screen.say("Name"), "name", autocomplete="username webauthn", autofocus=True, required=True, autocapitalize="none", spellcheck="false")
        field(screen.say("Password"), "password", type="password", autocomplete="current-password", required=True)
    text("p", screen.say("No account, or no password any more? An administrator can send you a link."), "quiet small gate-help")


def _second_step(screen: Screen, needed: SecondFactorNeeded) -> None:
    text("h1", screen.say("Second factor"))
    if FactorKind.ONE_TIME_CODES in needed.ways:
        text("p", screen.say("Enter the six digits that your authenticator shows now."), "quiet small")
        with form(screen, give_code, screen.say("Sign in"), look="main-action wide"):
            field(screen.say("One-time code"), "code", inputmode="numeric", autocomplete="one-time-code", maxlength=6, autofocus=True, required=True)
    if FactorKind.SECURITY_KEY in needed.ways:
        text("p", screen.say("Use the security key that you enrolled."), "quiet small gate-help")
        button(screen, screen.say("Use the security key"), begin_security_key, look="wide", picture="key")
    with tag("details", "fold"):
        text("summary", screen.say("Neither is at hand?"))
        with form(screen, give_recovery_code, screen.say("Sign in"), look="wide"):
            field(screen.say("Recovery code"), "code", screen.say("One of the codes you wrote down. Each works once."), autocomplete="off", spellcheck="false")
    link(screen.say("Start over"), screen.address(), "small")


@act(PUBLIC)
async def give_password(screen: Screen, answers: Answers) -> None:
    """Take name and password."""
    result = await asyncio.to_thread(service.sign_in, screen.site, answers.need("name"), answers.need("password"), screen.client.ip)
    if isinstance(result, SecondFactorNeeded):
        screen.kept[NEEDED] = result
        await screen.redraw()
    else:
        await _enter(screen, result)


@act(PUBLIC)
async def give_code(screen: Screen, answers: Answers) -> None:
    """Take the six digits of an authenticator."""
    await _finish(screen, OneTimeCode(answers.need("code")))


@act(PUBLIC)
async def give_recovery_code(screen: Screen, answers: Answers) -> None:
    """Take a recovery code."""
    await _finish(screen, RecoveryCode(answers.need("code")))


@act(PUBLIC)
async def begin_security_key(screen: Screen, answers: Answers) -> None:  # noqa: ARG001 - every event takes what was sent
    """Let the browser ask the security key."""
    options = await asyncio.to_thread(service.security_key_options, screen.site, screen.kept[NEEDED].ticket)
    await _finish(screen, SecurityKeyAnswer(await ask_security_key(screen, "get", options)))


async def _finish(screen: Screen, proof: Proof) -> None:
    await _enter(screen, await asyncio.to_thread(service.finish_sign_in, screen.site, screen.kept[NEEDED].ticket, proof, screen.client.ip))


async def _enter(screen: Screen, signed_in: SignedIn) -> None:
    wanted = screen.query.get("next", "")
    await hand_over(screen, signed_in, at("/account") if signed_in.must_enrol else wanted if wanted.startswith(f"{BASE}/") else BASE)


@console_page("/welcome", access=PUBLIC, title="Welcome")
async def draw_welcome(screen: Screen) -> None:
    """Let whoever holds a one-time link choose a name and a password."""
    offered = await asyncio.to_thread(service.invitation, screen.site, screen.query.get("token", ""))
    renews = offered.purpose is LinkPurpose.RECOVER
    with card():
        text("h1", screen.say("Choose a new password") if renews else screen.say("Welcome"))
        role = screen.term("role", offered.role)
        lead = screen.say("Your second factors are removed; enrol them again afterwards.") if renews else screen.say("You were invited as {role}.", role=role)
        text("p", lead, "quiet small")
        with form(screen, accept, screen.say("Set the password and sign in"), look="main-action wide"):
            name = field(
                screen.say("Name"), "name", "" if renews else screen.say("You sign in with it."), autocomplete="username", required=True, value=offered.name
            )
            if renews:
                name.props["readonly"] = True
            hint = screen.say("At least 12 characters. A few words in a row are good.")
            field(screen.say("Password"), "password", hint, type="password", autocomplete="new-password", minlength=12, required=True)
        until = screen.speech.moment(offered.expires)
        text("p", screen.say("The link works once, until {time}.", time=until), "quiet small gate-help")


@act(PUBLIC)
async def accept(screen: Screen, answers: Answers) -> None:
    """Use the link up and sign in."""
    given = (screen.query.get("token", ""), answers.need("name"), answers.need("password"), screen.client.ip)
    await _enter(screen, await asyncio.to_thread(service.accept_link, screen.site, *given))


@console_page("/sign-out", access=Permission.MANAGE_OWN_ACCOUNT, title="Sign out")
async def draw_sign_out(screen: Screen) -> None:
    """Ask once, because a link alone must change nothing."""
    with card(classes="narrow"):
        text("h1", screen.say("Sign out"))
        note(screen.say("Unsaved changes on other pages are lost."))
        with tag("div", "form-end"):
            button(screen, screen.say("Sign out"), sign_out, look="main-action", picture="leave")


@act(Permission.MANAGE_OWN_ACCOUNT)
async def sign_out(screen: Screen, answers: Answers) -> None:  # noqa: ARG001 - every event takes what was sent
    """End the session."""
    await screen.ask(service.sign_out)
    ui.navigate.to(at("/sign-in"))
