"""Whom a resident lets in: guests by a pass with a link, and delegates, family or a carer, by a card or a PIN for a time; and the host's yes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from fastapi import Request, Response

from consentry.access.model import CredentialKind, CredentialState
from consentry.access.register import LoanDraft, PersonName
from consentry.access.residence import GuestDraft, GuestState
from consentry.access.service import delegates, guests, hosting, own_ways
from consentry.platform.actors import Permission
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep
from consentry.portal.agents_place import go_to
from consentry.portal.deciding import Form
from consentry.portal.place import public_address
from consentry.portal.qr import qr_code
from consentry.portal.rendering import language_of, speech_of
from consentry.portal.residents_place import ResidentRoute, door_name, resident_page, trouble_of
from consentry.portal.residents_ways import waiting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consentry.access.residence import Delegate, GuestPass, OwnDoor
    from consentry.console.speech import Speech
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["router"]

_LASTS: Final = timedelta(hours=4)
"""How long a guest pass lasts where nothing else is chosen."""
_CAN_BE_GIVEN = frozenset({CredentialKind.CARD, CredentialKind.PIN, CredentialKind.PHONE})
_ENDED = frozenset({GuestState.OVER, GuestState.REVOKED, GuestState.USED})
_EVERY_TIME = "0"
_DAY: Final = len("2026-12-31")
_LET_IN = "let-in"

router = ApiRouter(prefix="", tag="portal")
router.route_class = ResidentRoute


@dataclass(frozen=True, slots=True)
class _Listed:
    """A guest pass, or a delegate, as it is listed."""

    one: GuestPass | Delegate
    doors: str
    starts: str
    until: str
    over: bool


@router.get("/resident/guests", permission=Permission.LIVE_HERE, include_in_schema=False)
def show_guests(request: Request, site: SiteDep, actor: ActorDep) -> Response:
    """List the resident's guest passes, and ask for a new one."""
    return _guests(request, site, actor, {})


@router.post("/resident/guests", permission=Permission.LIVE_HERE, include_in_schema=False)
def give_pass(request: Request, site: SiteDep, actor: ActorDep, form: Form) -> Response:
    """Give a guest pass, and show its link this once."""
    try:
        issued = guests.issue_guest_pass(site, actor, _guest_draft(site, form))
    except (InputError, ConflictError) as error:
        return _guests(request, site, actor, form, error.code)
    path, _, secret = issued.path.partition("#")
    address = f"{public_address(request, site, path)}#{secret}"
    shown = {"given": _pass(request, speech_of(request, site), issued.guest), "address": address, "qr": qr_code(address)}
    return resident_page(request, "resident_given.html", shown, sent=True)


@router.post("/resident/guests/{guest}/end", permission=Permission.LIVE_HERE, include_in_schema=False)
def end_pass(request: Request, site: SiteDep, actor: ActorDep, guest: str) -> Response:
    """End a guest pass at once."""
    guests.revoke_own_guest_pass(site, actor, guest)
    return go_to(request, "/resident/guests")


@router.post("/resident/guests/{guest}/yes", permission=Permission.LIVE_HERE, include_in_schema=False)
def say_yes(request: Request, site: SiteDep, actor: ActorDep, guest: str, form: Form) -> Response:
    """Let a guest in who waits at a door."""
    try:
        hosting.let_guest_in(site, actor, guest, form.get("door", ""))
    except (NotFoundError, ConflictError) as error:
        return _guests(request, site, actor, {}, error.code)
    return _guests(request, site, actor, {}, _LET_IN)


@router.get("/resident/delegates", permission=Permission.LIVE_HERE, include_in_schema=False)
def show_delegates(request: Request, site: SiteDep, actor: ActorDep) -> Response:
    """List to whom the resident gave something for a time, and ask for another."""
    return _delegates(request, site, actor, {})


@router.post("/resident/delegates", permission=Permission.LIVE_HERE, include_in_schema=False)
def give_to_delegate(request: Request, site: SiteDep, actor: ActorDep, form: Form) -> Response:
    """Give a card or a PIN for a time; a PIN that was made is shown this once."""
    try:
        draft = LoanDraft(form.get("credential", ""), PersonName(form.get("name", "").strip()), _doors(form), _instant(site, form.get("until", "")))
        loan = delegates.give_to_delegate(site, actor, draft)
    except (InputError, ConflictError, NotFoundError) as error:
        return _delegates(request, site, actor, form, trouble=error.code)
    shown = {"pin": loan.pin, "until": speech_of(request, site).moment(loan.valid_until)[:16], "name": draft.to.name}
    return resident_page(request, "resident_lent.html", shown, sent=True)


@router.post("/resident/delegates/{person}/end", permission=Permission.LIVE_HERE, include_in_schema=False)
def end_delegate(request: Request, site: SiteDep, actor: ActorDep, person: str) -> Response:
    """End at once what somebody was given."""
    delegates.end_delegate(site, actor, person)
    return go_to(request, "/resident/delegates")


def _guests(request: Request, site: Site, actor: Actor, form: Mapping[str, str], said: str = "") -> Response:
    """Draw the page of guests. ``said``: the code of what went wrong, or ``_LET_IN``."""
    spoken, now, failed = speech_of(request, site), site.clock.now(), bool(said) and said != _LET_IN
    shown = {
        "passes": [_pass(request, spoken, one) for one in guests.own_guest_passes(site, actor)],
        "waiting": waiting(request, site, actor),
        "form": form,
        "starts": form.get("starts") or _local(site, now),
        "until": form.get("until") or _local(site, now + _LASTS),
        "longest": spoken.length(site.settings.access.longest_guest_pass),
        "trouble": trouble_of(request, said) if failed else "",
        "done": said == _LET_IN,
    }
    return resident_page(request, "resident_guests.html", shown, status=422 if failed else 200, sent=bool(said))


def _delegates(request: Request, site: Site, actor: Actor, form: Mapping[str, str], *, trouble: str = "") -> Response:
    spoken = speech_of(request, site)
    held = [way for way in own_ways.own_ways(site, actor) if way.kind in _CAN_BE_GIVEN and way.state is CredentialState.ACTIVE and not way.over]
    shown = {
        "delegates": [_delegate(request, spoken, one) for one in delegates.delegates(site, actor)],
        "held": [(way, spoken.moment(way.since)[:10]) for way in held],
        "form": form,
        "until": form.get("until") or _local(site, site.clock.now() + timedelta(days=7)),
        "trouble": trouble_of(request, trouble) if trouble else "",
    }
    return resident_page(request, "resident_delegates.html", shown, status=422 if trouble else 200, sent=bool(trouble))


def _guest_draft(site: Site, form: Mapping[str, str]) -> GuestDraft:
    uses = form.get("uses", "1")
    if not (uses.isascii() and uses.isdigit() and len(uses) < 4):  # noqa: PLR2004 - three digits
        raise InputError("guest.uses", "guest pass", "it is no number of times", "Choose a number.")
    doors = _doors(form)
    starts, until = _instant(site, form.get("starts", "")), _instant(site, form.get("until", ""))
    return GuestDraft(form.get("name"), doors, starts, until, None if uses == _EVERY_TIME else int(uses), "host" in form)


def _doors(form: Mapping[str, str]) -> tuple[str, ...]:
    """Return the doors that are ticked; each has a field of its own, because a field is read once."""
    return tuple(name.removeprefix("door-") for name in form if name.startswith("door-"))


def _instant(site: Site, text: str) -> datetime:
    """Return the instant that a form's local time names by the site's clock."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(site.settings.site.zone))
    except ValueError as error:
        raise InputError("guest.times", "time", "it cannot be read", "Choose a day and a time.") from error


def _local(site: Site, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(site.settings.site.zone)):%Y-%m-%dT%H:%M}"


def _pass(request: Request, spoken: Speech, one: GuestPass) -> _Listed:
    starts, until = spoken.moment(one.starts)[:16], spoken.moment(one.until)[:16]
    same_day = starts[:_DAY] == until[:_DAY]
    return _Listed(one, _door_names(request, one.doors), starts, until[_DAY:].strip() if same_day else until, one.state in _ENDED)


def _delegate(request: Request, spoken: Speech, one: Delegate) -> _Listed:
    until = spoken.moment(one.until)[:16] if one.until else ""
    return _Listed(one, _door_names(request, one.doors), spoken.moment(one.since)[:16], until, not one.standing)


def _door_names(request: Request, doors: Sequence[OwnDoor]) -> str:
    return ("、" if language_of(request) == "zh-CN" else ", ").join(door_name(request, door) for door in doors)
