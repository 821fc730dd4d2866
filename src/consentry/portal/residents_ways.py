"""A resident's own ways in, and their log: what they hold and how it stands, their PIN, what was lost, their face, and who passed by what is theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from consentry.access.model import CredentialKind, CredentialState
from consentry.access.register import Why
from consentry.access.service import delegates, hosting, own_face, own_log, own_pin, own_ways
from consentry.platform.actors import Permission
from consentry.platform.errors import ConflictError, InputError, NotFoundError, TooManyError
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep
from consentry.portal.agents_place import go_to
from consentry.portal.deciding import Form
from consentry.portal.papers import proof_of
from consentry.portal.phrases import phrases
from consentry.portal.rendering import language_of, speech_of
from consentry.portal.residents_place import ResidentRoute, door_name, resident_page, trouble_of

if TYPE_CHECKING:
    from consentry.access.residence import HostRequest, LoggedPass, OwnWay
    from consentry.console.speech import Speech
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["router", "waiting"]

_PAGE_SIZE = 30
_CAN_BE_LOST = frozenset({CredentialKind.CARD, CredentialKind.PHONE})

router = ApiRouter(prefix="", tag="portal")
router.route_class = ResidentRoute


@dataclass(frozen=True, slots=True)
class _Way:
    """A way in as it is shown. ``stands``: the word for how it stands; ``can_be_lost``: the resident may report it so; ``is_lent``: somebody else has it."""

    own: OwnWay
    stands: str
    since: str
    until: str
    can_be_lost: bool
    is_lent: bool


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A guest who stands at a door now, in the reader's words."""

    guest: str
    door_id: str
    name: str
    line: str


@dataclass(frozen=True, slots=True)
class _Logged:
    """One line of the log."""

    logged: LoggedPass
    door: str
    at: str


@router.get("/resident", permission=Permission.LIVE_HERE, include_in_schema=False)
def show_own_ways(request: Request, site: SiteDep, actor: ActorDep) -> Response:
    """Show who waits at a door, and the resident's ways in."""
    return _home(request, site, actor)


@router.post("/resident/pin", permission=Permission.LIVE_HERE, include_in_schema=False)
def choose_pin(request: Request, site: SiteDep, actor: ActorDep, form: Form) -> Response:
    """Set the PIN, and the one for duress where one is typed; the passphrase proves who chooses."""
    if form.get("pin", "") != form.get("again", ""):
        return _home(request, site, actor, trouble="pin.differs")
    try:
        own_pin.choose_own_pin(site, actor, form.get("passphrase", ""), form.get("pin", ""), form.get("duress", "").strip() or None)
    except (InputError, ConflictError, TooManyError) as error:
        return _home(request, site, actor, trouble=error.code)
    return _home(request, site, actor, done="pin")


@router.post("/resident/ways/{credential}/lost", permission=Permission.LIVE_HERE, include_in_schema=False)
def report_lost(request: Request, site: SiteDep, actor: ActorDep, credential: str) -> Response:
    """Report a card or a telephone lost."""
    own_ways.report_own_lost(site, actor, credential)
    return _home(request, site, actor, done="lost")


@router.post("/resident/ways/{credential}/back", permission=Permission.LIVE_HERE, include_in_schema=False)
def have_card_back(request: Request, site: SiteDep, actor: ActorDep, credential: str) -> Response:
    """Take a card back that was lent; it opens for its owner again."""
    try:
        delegates.have_card_back(site, actor, credential)
    except ConflictError as error:
        return _home(request, site, actor, trouble=error.code)
    return _home(request, site, actor, done="back")


@router.get("/resident/face", permission=Permission.LIVE_HERE, include_in_schema=False)
def ask_about_face(request: Request, site: SiteDep, actor: ActorDep) -> Response:
    """Say what turning the face off does, before it is done; to whoever has one."""
    held = own_ways.own_ways(site, actor)
    if CredentialKind.FACE not in {way.kind for way in held}:
        return go_to(request, "/resident")
    others = [way for way in held if way.kind is not CredentialKind.FACE and way.state is CredentialState.ACTIVE and not way.over]
    return resident_page(request, "resident_face.html", {"ended": "", "proof": None, "others": others})


@router.post("/resident/face", permission=Permission.LIVE_HERE, include_in_schema=False)
def turn_face_off(request: Request, site: SiteDep, actor: ActorDep) -> Response:
    """Turn the face off: the consent is withdrawn, and the receipt of its end is handed out."""
    try:
        ended = own_face.turn_face_off(site, actor)
    except NotFoundError:
        return go_to(request, "/resident")
    shown = {"ended": speech_of(request, site).moment(ended.at), "proof": proof_of(ended.receipt, f"consent-{ended.consent}-end"), "others": []}
    return resident_page(request, "resident_face.html", shown, sent=True)


@router.get("/resident/log", permission=Permission.LIVE_HERE, include_in_schema=False)
def show_own_log(request: Request, site: SiteDep, actor: ActorDep, before: int | None = None) -> Response:
    """List who passed by the resident's credentials, newest first."""
    found = own_log.own_log(site, actor, before=before, limit=_PAGE_SIZE + 1)
    spoken = speech_of(request, site)
    lines = [_Logged(one, door_name(request, one.door), spoken.moment(one.at)) for one in found[:_PAGE_SIZE]]
    older = found[_PAGE_SIZE - 1].id if len(found) > _PAGE_SIZE else None
    kept = spoken.length(site.settings.access.event_retention)
    return resident_page(request, "resident_log.html", {"lines": lines, "older": older, "before": before, "kept": kept})


@router.get("/resident/waiting", permission=Permission.LIVE_HERE, include_in_schema=False)
def tell_who_waits(request: Request, site: SiteDep, actor: ActorDep) -> Response:
    """Tell a page that is open who stands at a door now, in its words."""
    found = [{"guest": one.guest, "door": one.door_id, "name": one.name, "line": one.line} for one in waiting(request, site, actor)]
    return JSONResponse(found, headers={"Cache-Control": "no-store"})


def waiting(request: Request, site: Site, actor: Actor) -> list[_Waiting]:
    """Return the guests who stand at a door now and wait for the resident's word."""
    return [_waiting(request, speech_of(request, site), one) for one in hosting.host_requests(site, actor)]


def _waiting(request: Request, spoken: Speech, one: HostRequest) -> _Waiting:
    words = phrases(language_of(request))["resident"]["waiting"]
    line = words["at"].format(door=door_name(request, one.door), at=spoken.clock(one.at))
    return _Waiting(one.guest, one.door.id, one.name or words["somebody"], line)


def _home(request: Request, site: Site, actor: Actor, *, trouble: str = "", done: str = "") -> Response:
    spoken = speech_of(request, site)
    shown = {
        "ways": [_way(spoken, way) for way in own_ways.own_ways(site, actor)],
        "waiting": waiting(request, site, actor),
        "trouble": trouble_of(request, trouble) if trouble else "",
        "done": done,
    }
    return resident_page(request, "resident_ways.html", shown, status=422 if trouble else 200, sent=bool(trouble or done))


def _way(spoken: Speech, way: OwnWay) -> _Way:
    stands = "over" if way.over and way.state is CredentialState.ACTIVE else (way.why or way.state)
    gone = way.state in {CredentialState.LOST, CredentialState.STOLEN}
    until = spoken.moment(way.until)[:16] if way.until else ""
    is_lent = way.state is CredentialState.SUSPENDED and way.why is Why.LENT
    return _Way(way, stands, spoken.moment(way.since)[:16], until, way.kind in _CAN_BE_LOST and not gone, is_lent)
