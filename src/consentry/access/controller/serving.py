"""The pages of a door, on the device beside it: a tablet's page as a software reader, and how the doors stand.

Anybody who reaches the address may read which doors there are and what works there; what goes on there is told only to a page of this origin that holds the
page's token. A reading is taken only from such a page, at most twice a second, and only for doors that have a software reader, so that no page elsewhere and
no other program's mistake tries numbers at a door. What the answer tells is what whoever stands at the door may know: never who they are, never whether a
number exists.
"""

from __future__ import annotations

import hmac
import logging
import re
import secrets
import threading
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Header, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.staticfiles import StaticFiles

from consentry.access.controller.way_back import LONGEST_BACK, NO_FACE
from consentry.access.model import AccessEvent
from consentry.access.proving import CardShown, CodeShown, PinShown
from consentry.platform.errors import DeniedError, InputError, NotFoundError, TooManyError
from consentry.platform.http.limits import RateLimit
from consentry.platform.http.problems import answer_problems
from consentry.platform.http.protection import BodyLimit, KnownHosts, SafeHeaders

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable

    from consentry.access.proving import Shown

__all__ = ["CARD_KIND", "SAID", "DoorPage", "DoorServer", "Doorkeeper", "Shows", "Standing", "Told", "door_app"]

CARD_KIND = "text"
"""What a card reader says that types like a keyboard, and types no number of a chip."""
_BETWEEN = re.compile(r"[\s:.-]")
_CHIP = re.compile(r"(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{14}|[0-9A-Fa-f]{20})", re.ASCII)
"""4, 7 or 10 bytes (ISO/IEC 14443-3)."""
TOKEN_MARK = "{{door-token}}"  # noqa: S105 - where the page's token goes
_TABLET = Path(__file__).parent / "tablet"
_LARGEST = 16 << 10
_GRACE_S = 5.0
_LONGEST_ENTRY_MS = 300_000
_CODE_LENGTH = 4096
_READS_A_SECOND = 2
"""Tries at one door: more than people make, too few to try numbers."""
_PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
        "font-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), usb=(), payment=()",
}
SAID = frozenset(
    {
        AccessEvent.GRANTED,
        AccessEvent.VERIFICATION_REQUIRED,
        AccessEvent.DENIED_DENY_ALL,
        AccessEvent.DENIED_AUTHENTICATION_UNAVAILABLE,
        AccessEvent.DENIED_OUT_OF_TIME_RANGE,
        AccessEvent.DENIED_PASSBACK,
        AccessEvent.DENIED_CREDENTIAL_NOT_YET_ACTIVE,
        AccessEvent.DENIED_CREDENTIAL_EXPIRED,
        AccessEvent.DENIED_CREDENTIAL_MAX_USES,
        AccessEvent.DENIED_LOCKOUT,
        AccessEvent.DENIED_NO_ACCOMPANIMENT,
        AccessEvent.DENIED_REPLAY,
    }
)
"""Reasons that may be told to whoever stands at the door; for every other one they hear that what was shown does not open it."""


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """What was decided about somebody at a door. ``waits``: ``second`` person, ``host``'s yes or the card's ``pin``, or None. ``locked_s``: of a lock-out."""

    granted: bool
    reason: AccessEvent
    release_s: float = 0.0
    delay_s: float = 0.0
    waits: str | None = None
    locked_s: float = 0.0


@dataclass(frozen=True, slots=True)
class DoorPage:
    """A door as its page shows it. ``readers``: by way in, ``ok``, ``fault``, or ``unavailable`` where the server is needed and away.

    ``contact``: None for whoever may not know; ``asks_pin``: a card waits for its PIN.
    """

    id: str
    contact: str | None
    mode: str
    readers: dict[str, str]
    tablet: bool
    asks_pin: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a controller stands. ``online``: the server answered lately; ``server``: its address, None where there is none.

    ``unit_digits`` and ``pin_digits`` end a unit and a PIN at a keypad; None where a key of its own does. ``clock_in_doubt``: whoever may pass only at some
    hours may be refused within them, until somebody confirms the clock.
    """

    controller: str
    snapshot: int
    expired: bool
    online: bool
    server: str | None
    doors: tuple[DoorPage, ...]
    unit_digits: int | None = None
    pin_digits: int | None = None
    clock_in_doubt: bool = False


class Doorkeeper(Protocol):
    """The controller as its pages know it; all may be called from any thread."""

    def show(self, shown: Shown) -> Told:
        """Decide about what was shown at a software reader."""
        ...

    def standing(self, page: str | None = None) -> Standing:
        """Return how the doors stand. ``page``: the door whose page asks: what that page reads counts as working for a while."""
        ...

    def face_address(self, door: str, back: str) -> str | None:
        """Return where the server recognises a face for a door and then comes ``back`` to this page; None while the server is away."""
        ...


class Shows(BaseModel):
    """What the page read: a ``code``, or a ``card`` with or without its ``pin``, or a ``unit`` and its ``pin``, or the ``pin`` of the card that waits.

    ``took_ms``: from the first key of a ``pin`` or its ``unit`` to the last. It is counted with the passage and decides nothing.
    """

    model_config = ConfigDict(extra="forbid")

    door: Annotated[str, Field(max_length=64)]
    code: Annotated[str, Field(max_length=_CODE_LENGTH)] | None = None
    card: Annotated[str, Field(max_length=64)] | None = None
    unit: Annotated[str, Field(max_length=64)] | None = None
    pin: Annotated[SecretStr, Field(max_length=64)] | None = None
    took_ms: Annotated[int, Field(ge=0, le=_LONGEST_ENTRY_MS)] | None = None

    def shown(self) -> Shown:
        """Return it as the controller takes it.

        Raises:
            InputError: ``door.reading`` where it is none of these.
        """
        match (self.code, self.card, self.unit, self.pin):
            case (str(code), None, None, None):
                return CodeShown(self.door, code.strip())
            case (None, str(card), None, None):
                return _card(self.door, card)
            case (None, str(card), None, SecretStr() as pin):
                return self._entered(_card(self.door, card), pin)
            case (None, None, str(unit), SecretStr() as pin):
                return self._entered(unit, pin)
            case (None, None, None, SecretStr() as pin):
                return self._entered("", pin)
        raise InputError("door.reading", "reading", "it is no code, no card and no number with its PIN", "Show one thing at a time.")

    def _entered(self, unit: str | CardShown, pin: SecretStr) -> PinShown:
        took = None if self.took_ms is None else timedelta(milliseconds=self.took_ms)
        return PinShown(self.door, unit, pin.get_secret_value(), took)


class Answered(BaseModel):
    """What the page may say."""

    granted: bool
    reason: str
    release_s: float
    delay_s: float
    waits: str | None
    locked_s: float


def door_app(keeper: Doorkeeper, names: Iterable[str] = (), elapsed: Callable[[], float] = time.monotonic) -> FastAPI:
    """Return the application: ``GET /`` (the tablet's page), ``/tablet/...`` (what it loads), ``GET /state``, ``GET /face``, ``POST /read``.

    Args:
        keeper: Decides.
        names: Host names by which the device may be called besides those of this machine.
        elapsed: Tells seconds that never run backwards.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    token = secrets.token_urlsafe(32)
    known = tuple(names)
    answer_problems(app)
    _route_readings(app, keeper, token, elapsed)
    _route_page(app, keeper, token)
    app.add_middleware(SafeHeaders)
    app.add_middleware(BodyLimit, most=_LARGEST)
    app.add_middleware(KnownHosts, names=lambda: known)
    return app


def _route_readings(app: FastAPI, keeper: Doorkeeper, token: str, elapsed: Callable[[], float]) -> None:
    limit = RateLimit(_READS_A_SECOND, _READS_A_SECOND, elapsed)

    @app.get("/state")
    def state(response: Response, door: Annotated[str | None, Query(max_length=64)] = None, x_door_token: Annotated[str, Header()] = "") -> Standing:
        response.headers["Cache-Control"] = "no-store"
        if not x_door_token:
            return _for_anybody(keeper.standing())
        _require_token(x_door_token, token, "/state")
        return keeper.standing(door)

    @app.post("/read")
    def read(request: Request, shows: Shows, response: Response, x_door_token: Annotated[str, Header()] = "") -> Answered:
        _require_own_page(request, x_door_token, token)
        if not any(door.id == shows.door and door.tablet for door in keeper.standing().doors):
            raise NotFoundError("door.no-tablet", shows.door, "there is no software reader at this door", "Use the reader beside the door.")
        response.headers["Cache-Control"] = "no-store"
        _require_pause(limit, shows.door)
        return _answered(keeper.show(shows.shown()))


def _route_page(app: FastAPI, keeper: Doorkeeper, token: str) -> None:
    @app.get("/")
    def page() -> HTMLResponse:
        text = (_TABLET / "index.html").read_text(encoding="utf-8")
        return HTMLResponse(text.replace(TOKEN_MARK, token), headers=_PAGE_HEADERS)

    @app.get("/face")
    def face(request: Request, door: Annotated[str, Query(max_length=64)], spoken: Annotated[str, Query(alias="as", max_length=8)] = "") -> RedirectResponse:
        back = f"{_own_origin(request)}/?{request.url.query}"
        to = keeper.face_address(door, back) if len(back) <= LONGEST_BACK else None
        address = f"{back}#{NO_FACE}" if to is None else f"{to}&{urlencode({'lang': spoken})}"
        return RedirectResponse(address, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})

    app.mount("/tablet", StaticFiles(directory=_TABLET))


def _require_own_page(request: Request, given: str, token: str) -> None:
    if request.headers.get("origin") != _own_origin(request):
        raise _other_page("/read")
    _require_token(given, token, "/read")


def _require_token(given: str, token: str, path: str) -> None:
    if not hmac.compare_digest(given.encode(), token.encode()):
        raise _other_page(path)


def _other_page(path: str) -> DeniedError:
    return DeniedError("door.other-page", path, "it does not come from the page of this door", "Load the page of the door anew.")


def _require_pause(limit: RateLimit, door: str) -> None:
    try:
        limit.spend(door)
    except TooManyError as error:
        problem, mend = f"there were more than {_READS_A_SECOND} tries in a second", "Wait as long as Retry-After says."
        raise TooManyError("door.too-fast", door, problem, mend, retry_after=error.retry_after) from None


def _for_anybody(standing: Standing) -> Standing:
    """Return how the doors stand without what goes on there: nobody else is to learn who comes and goes when."""
    return replace(standing, doors=tuple(replace(door, contact=None, asks_pin=False) for door in standing.doors))


def _card(door: str, typed: str) -> CardShown:
    """Return the card whose number a reader typed: the chip's, in hexadecimal, as the register has it, or else its characters."""
    plain = _BETWEEN.sub("", typed)
    chip = _CHIP.fullmatch(plain) is not None
    return CardShown(door, "uid", bytes.fromhex(plain)) if chip else CardShown(door, CARD_KIND, typed.strip().encode())


def _own_origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers.get('host', '').lower()}"


def _answered(told: Told) -> Answered:
    reason = told.reason if told.reason in SAID else AccessEvent.DENIED_INCORRECT_AUTHENTICATION_FACTOR
    waits = {"release_s": told.release_s, "delay_s": told.delay_s, "waits": told.waits, "locked_s": told.locked_s}
    return Answered.model_validate({"granted": told.granted, "reason": reason.value, **waits})


class DoorServer:
    """Serves an application in a thread of its own."""

    def __init__(self, app: FastAPI, listener: socket.socket, certificate: tuple[Path, Path] | None) -> None:
        """Serve ``app`` at a bound socket, over TLS with a certificate and its key.

        Raises:
            InputError: ``door.certificate`` where they cannot be used.
        """
        chain, key = certificate or (None, None)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", proxy_headers=False, server_header=False, ssl_certfile=chain, ssl_keyfile=key
        )
        try:
            config.load()
        except OSError as error:  # also what TLS finds wrong with them
            problem, mend = f"it, or its key, cannot be used: {error.strerror or error}", "Give a chain of certificates and its key as PEM files."
            raise InputError("door.certificate", str(chain), problem, mend) from error
        self._server = uvicorn.Server(config)
        self._listener = listener
        self._thread = threading.Thread(target=self._run, name="pages", daemon=True)

    def start(self) -> None:
        """Begin to take requests."""
        self._thread.start()

    def stop(self) -> None:
        """End after the requests that are open."""
        self._server.should_exit = True
        self._thread.join(_GRACE_S)

    def _run(self) -> None:
        try:
            self._server.run([self._listener])
        except Exception:
            # Doors go on without their pages.
            log.exception("the pages of the door ended")
