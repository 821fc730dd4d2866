"""One's own account: password, second factors, recovery codes, where one is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.console.dispatch import tell
from consentry.console.elements import tag, text
from consentry.console.handover import hand_over
from consentry.console.pages import act, at, console_page
from consentry.console.qr import qr_code
from consentry.console.security_key import ask_security_key
from consentry.console.widgets import badge, button, button_link, card, dialog, field, form, note, nothing, opener, page_head, user_name
from consentry.platform.actors import Permission
from consentry.staff import service
from consentry.staff.rules import SECOND_FACTOR_ROLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.console.answers import Answers
    from consentry.console.screen import Screen
    from consentry.staff.model import Enrolled, OneTimeCodeEnrolment, SecondFactor, StaffSession

__all__ = ["draw"]

ENROLMENT: Final = "enrolment"
CODES: Final = "recovery-codes"


@console_page("/account", access=Permission.MANAGE_OWN_ACCOUNT, title="My account", personal=True)
async def draw(screen: Screen) -> None:
    """Show one's own account."""
    account = await screen.ask(service.own_account)
    factors = await screen.ask(service.own_second_factors)
    sessions = await screen.ask(service.own_sessions)
    with page_head(account.name, screen.term("role", account.role)):
        button_link(screen.say("Sign out"), at("/sign-out"), picture="leave")
    with tag("div", "stack"):
        if account.role in SECOND_FACTOR_ROLES and not factors:
            mend = screen.say("Your role needs one before it may do anything else. An authenticator on your phone is enough.")
            note(screen.say("Set up a second factor first"), mend, "warn")
        _codes(screen)
        with tag("div", "split"):
            _factors(screen, factors)
            with tag("div", "stack"):
                _password(screen)
                _sessions(screen, sessions)


def _codes(screen: Screen) -> None:
    codes: tuple[str, ...] = screen.kept.pop(CODES, ())
    if not codes:
        return
    with card(screen.say("Recovery codes, shown once")), tag("div", "stack"):
        note(
            screen.say("Write them down and keep them away from this device."),
            screen.say("Each works once, in the place of a second factor that is lost."),
            "warn",
        )
        with tag("ul", "codes shown-once"):
            for code in codes:
                text("li", code, "mono")
        with tag("div", "row"):
            button_link(screen.say("I have written them down"), at("/"), look="main-action")


def _factors(screen: Screen, factors: Sequence[SecondFactor]) -> None:
    enrolment: OneTimeCodeEnrolment | None = screen.kept.get(ENROLMENT)
    with card(screen.say("Second factors"), screen.say("Besides the password, something that you have.")), tag("div", "stack"):
        if enrolment:
            _enrol_codes(screen, enrolment)
            return
        if not factors:
            nothing(screen.say("No second factor yet"), screen.say("With one, a stolen password alone opens nothing."), "shield")
        with tag("ul", "stack tight"):
            for factor in factors:
                _factor(screen, factor)
        with tag("div", "row"):
            button(screen, screen.say("Add an authenticator"), begin_codes, look="" if factors else "main-action", picture="add")
            _key_dialog(screen)
            if factors:
                button(screen, screen.say("New recovery codes"), renew_codes, look="plain")


def _factor(screen: Screen, factor: SecondFactor) -> None:
    with tag("li", "row apart"):
        with tag("div", "grow"):
            text("div", factor.label, "strong")
            text("div", screen.say("since {time}", time=screen.speech.moment(factor.created)), "quiet small")
        badge(screen.term("factor", factor.kind), "plain")
        button(screen, screen.say("Remove"), remove_factor, {"factor": factor.id}, look="plain danger", name=screen.say("Remove {name}", name=factor.label))


def _enrol_codes(screen: Screen, enrolment: OneTimeCodeEnrolment) -> None:
    text("p", screen.say("Scan this with an authenticator app, then enter the six digits that it shows."))
    qr_code(enrolment.address, screen.say("QR code for the authenticator"))
    with tag("details", "fold"):
        text("summary", screen.say("The camera does not work?"))
        text("code", enrolment.secret, "shown-once")
    with form(screen, finish_codes, screen.say("Add it"), {"ticket": enrolment.ticket}):
        field(screen.say("One-time code"), "code", inputmode="numeric", autocomplete="one-time-code", maxlength=6, required=True)
        field(
            screen.say("Label"),
            "label",
            screen.say("So that you know which one it is, such as: my phone."),
            maxlength=64,
            required=True,
            value=screen.say("My phone"),
        )


def _key_dialog(screen: Screen) -> None:
    lead = screen.say("Plug it in or hold it near, and touch it when it blinks.")
    with dialog(screen.say("Add a security key"), lead) as asked, form(screen, add_key, screen.say("Go on")):
        field(screen.say("Label"), "label", maxlength=64, required=True, value=screen.say("My security key"))
    opener(screen.say("Add a security key…"), asked, picture="key")


def _password(screen: Screen) -> None:
    with card(screen.say("Password")), form(screen, change_password, screen.say("Change the password"), look=""):
        user_name(screen)
        field(screen.say("Password now"), "password", type="password", autocomplete="current-password", required=True)
        hint = screen.say("At least 12 characters. A few words in a row are good.")
        field(screen.say("New password"), "new", hint, type="password", autocomplete="new-password", minlength=12, required=True)


def _sessions(screen: Screen, sessions: Sequence[StaffSession]) -> None:
    with card(screen.say("Signed in at"), classes="flush"), tag("ul", "rows"):
        for session in sessions:
            with tag("li"):
                with tag("div", "grow"):
                    text("div", screen.speech.moment(session.created), "figure")
                    text("div", screen.say("last seen {ago}", ago=screen.speech.ago(session.last_seen, screen.now)), "quiet small")
                if session.id == screen.actor.session:
                    badge(screen.say("here"), "good")
                else:
                    button(
                        screen,
                        screen.say("End"),
                        end_session,
                        {"session": session.id},
                        name=screen.say("End the session of {time}", time=screen.speech.moment(session.created)),
                    )


@act(Permission.MANAGE_OWN_ACCOUNT)
async def begin_codes(screen: Screen, answers: Answers) -> None:  # noqa: ARG001 - every event takes what was sent
    """Show a new secret for an authenticator."""
    screen.kept[ENROLMENT] = await screen.ask(service.begin_one_time_codes)
    await screen.redraw()


@act(Permission.MANAGE_OWN_ACCOUNT)
async def finish_codes(screen: Screen, answers: Answers) -> None:
    """Add the authenticator that shows this code."""
    enrolled = await screen.ask(service.finish_one_time_codes, answers.need("ticket"), answers.need("label"), answers.need("code"))
    screen.kept.pop(ENROLMENT, None)
    await _enrolled(screen, enrolled)


@act(Permission.MANAGE_OWN_ACCOUNT)
async def add_key(screen: Screen, answers: Answers) -> None:
    """Register a security key."""
    begun = await screen.ask(service.begin_security_key)
    answer = await ask_security_key(screen, "create", begun.options)
    await _enrolled(screen, await screen.ask(service.finish_security_key, begun.ticket, answers.need("label"), answer))


async def _enrolled(screen: Screen, enrolled: Enrolled) -> None:
    screen.kept[CODES] = enrolled.recovery_codes
    await hand_over(screen, enrolled.signed_in)
    await screen.redraw()
    tell(screen, screen.say("The second factor is added."))


@act(Permission.MANAGE_OWN_ACCOUNT)
async def remove_factor(screen: Screen, answers: Answers) -> None:
    """Remove one of one's second factors."""
    await screen.ask(service.remove_second_factor, answers.need("factor"))
    await screen.redraw()


@act(Permission.MANAGE_OWN_ACCOUNT)
async def renew_codes(screen: Screen, answers: Answers) -> None:  # noqa: ARG001 - every event takes what was sent
    """Show new recovery codes; the old ones are void."""
    screen.kept[CODES] = await screen.ask(service.renew_recovery_codes)
    await screen.redraw()


@act(Permission.MANAGE_OWN_ACCOUNT)
async def change_password(screen: Screen, answers: Answers) -> None:
    """Change one's own password."""
    await hand_over(screen, await screen.ask(service.change_password, answers.need("password"), answers.need("new")))
    await screen.redraw()
    tell(screen, screen.say("The password is changed. Every other session has ended."))


@act(Permission.MANAGE_OWN_ACCOUNT)
async def end_session(screen: Screen, answers: Answers) -> None:
    """End one of one's own sessions."""
    await screen.ask(service.end_own_session, answers.need("session"))
    await screen.redraw()
