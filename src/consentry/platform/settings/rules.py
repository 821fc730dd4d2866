"""What two parts of the settings say about each other: contradictions, each with where it stands and how to mend it. All are found at once."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from consentry.platform.settings.doors import DoorReader
from consentry.platform.settings.faces import FacePurpose
from consentry.platform.settings.model import Encryption, TlsMode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from consentry.platform.settings.doors import DoorSettings
    from consentry.platform.settings.model import Accuracy, Camera, Email, Settings, Station, Web
    from consentry.platform.settings.projects import Project

__all__ = ["Finding", "KeyPath", "contradictions", "is_loopback"]

KeyPath = tuple[str | int, ...]
"""Where a value stands: names of tables and keys, and positions in arrays, as ``("camera", 0, "line", 1, "from")``."""

BUILT_IN_CLAIM = timedelta(days=37)
"""How long a visit can matter by the rules of attribution that Consentry brings, besides the time for a verdict: 30 days of protection and 7 to appeal."""
DATABASE_SECRET = "database"  # noqa: S105 - the name of a file, not what is in it

_OUTSIDE = "outside"
"""The area beyond the outermost doors."""
_WEB_ADDRESS = re.compile(r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[^/?#:@\s\[\]]+)(?::\d{1,5})?(?:[/?][^\s#]*)?", re.IGNORECASE)
_HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"://[^/@]*:[^/@]*@")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the value at ``path``."""

    path: KeyPath
    code: str
    problem: str
    mend: str


def is_loopback(host: str) -> bool:
    """Tell whether nothing but this machine reaches a server that listens on ``host``."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def contradictions(settings: Settings) -> list[Finding]:
    """Return everything that is wrong although each value is right by itself, in the order of the file."""
    found = [*_web(settings.web), *_database(settings.database.url)]
    if settings.alarms.email is not None:
        found += _email(settings.alarms.email)
    if settings.alarms.webhook is not None:
        found += _https(("alarms", "webhook", "url"), settings.alarms.webhook.url)
    found += _twins(("camera",), "camera", [camera.id for camera in settings.cameras])
    for position, camera in enumerate(settings.cameras):
        found += _camera(("camera", position), camera, _taken_secrets(settings))
    found += _twins(("purpose",), "purpose", [purpose.id for purpose in settings.purposes])
    found += _twins(("station",), "station", [station.id for station in settings.stations])
    found += [finding for position, station in enumerate(settings.stations) for finding in _station(("station", position), station, settings)]
    found += _twins(("project",), "project", [project.id for project in settings.projects])
    found += [finding for position, project in enumerate(settings.projects) for finding in _project(("project", position), project, settings)]
    found += _twins(("door",), "door", [door.id for door in settings.doors])
    found += [finding for position, door in enumerate(settings.doors) for finding in _door(("door", position), door, settings)]
    found += _ways_out(settings.doors)
    for position, measured in enumerate(settings.accuracy):
        found += _accuracy(("accuracy", position), measured, settings)
    return found


def _web(web: Web) -> Iterator[Finding]:
    tls = web.tls
    if tls.mode is TlsMode.OFF and not is_loopback(web.host):
        mend = 'Choose a mode in [web.tls], such as "local-authority", or listen on 127.0.0.1.'
        yield Finding(("web", "tls", "mode"), "settings.plain-http", f"plain HTTP on {web.host} could be read by others in the network", mend)
    if tls.mode is TlsMode.FILES and tls.files is None:
        yield Finding(("web", "tls"), "settings.tls-files", "the mode files needs the certificate", "Add [web.tls.files] with certificate and key.")
    if tls.mode is TlsMode.ACME:
        yield from _acme(web)
    for position, name in enumerate(web.names):
        if not _is_host(name):
            mend = 'Write names and addresses as browsers do, without https:// and port, such as "counter.lan".'
            yield Finding(("web", "names", position), "settings.host-name", f"{name!r} is neither a host name nor an address", mend)


def _acme(web: Web) -> Iterator[Finding]:
    acme = web.tls.acme
    if acme is None:
        yield Finding(("web", "tls"), "settings.acme", "the mode acme needs an account", "Add [web.tls.acme] with contact and terms_agreed.")
        return
    if not acme.terms_agreed:
        mend = "Read the terms of the authority and set terms_agreed = true."
        yield Finding(("web", "tls", "acme", "terms_agreed"), "settings.acme-terms", "the authority's terms are not agreed to", mend)
    if not web.names:
        yield Finding(("web", "names"), "settings.acme-names", "no name is given to make a certificate for", "Add the public name of this server to names.")
    yield from _https(("web", "tls", "acme", "directory"), acme.directory)


def _is_host(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return _HOST_NAME.fullmatch(name) is not None
    return True


def _https(path: KeyPath, url: str) -> Iterator[Finding]:
    address = _WEB_ADDRESS.fullmatch(url)
    if address is None:
        yield Finding(path, "settings.web-address", "this is not a web address", "Write it as https://host/path, without a password in it.")
    elif address["scheme"].lower() == "http" and not is_loopback(address["host"]):
        yield Finding(path, "settings.plain-http", "over http:// others in the network read what is sent", "Write an https:// address.")


def _database(url: str | None) -> Iterator[Finding]:
    if url is None:
        return
    path: KeyPath = ("database", "url")
    if _URL_PASSWORD.search(url):
        mend = f"Put it into the file secrets/{DATABASE_SECRET} of the keys folder and leave it out here."
        yield Finding(path, "settings.password", "the address holds a password", mend)
    if not url.startswith(("postgresql+psycopg://", "postgresql://", "sqlite:///")):
        yield Finding(
            path, "settings.database", "this is no database that works here", "Write postgresql+psycopg://user@host/name, or leave it out for SQLite."
        )


def _email(email: Email) -> Iterator[Finding]:
    if email.encryption is Encryption.OFF and not is_loopback(email.host):
        mend = "Choose starttls or tls."
        yield Finding(("alarms", "email", "encryption"), "settings.plain-mail", f"mail to {email.host} could be read by others in the network", mend)
    addresses: dict[KeyPath, str] = {("from",): email.sender, **{("to", position): address for position, address in enumerate(email.recipients)}}
    for place, address in addresses.items():
        if not re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", address):
            yield Finding(("alarms", "email", *place), "settings.mail-address", "this is not a mail address", "Write it as name@host.")


def _taken_secrets(settings: Settings) -> set[str]:
    alarms = settings.alarms
    return {DATABASE_SECRET, *(part.secret for part in (alarms.email, alarms.webhook) if part is not None)}


def _camera(path: KeyPath, camera: Camera, taken: set[str]) -> Iterator[Finding]:
    if camera.id in taken:
        problem = f"secrets/{camera.id} already holds something else"
        yield Finding((*path, "id"), "settings.secret-taken", problem, "Give the camera another id.")
    yield from _twins((*path, "line"), "line", [line.id for line in camera.lines])
    yield from _twins((*path, "area"), "area", [area.id for area in camera.areas])
    for name in sorted({line.id for line in camera.lines} & {area.id for area in camera.areas}):
        place = [area.id for area in camera.areas].index(name)
        mend = "Give the area another id."
        yield Finding((*path, "area", place, "id"), "settings.same-id", f"a line of the camera is called {name!r} as well", mend)
    for position, line in enumerate(camera.lines):
        if line.start == line.end:
            yield Finding((*path, "line", position, "to"), "settings.line", "the line ends where it starts", "Give two different points.")
    if camera.region is not None:
        left, top, right, bottom = camera.region
        if not (0 <= left < right and 0 <= top < bottom):
            yield Finding(
                (*path, "region"), "settings.region", "this is no rectangle", "Write [left, top, right, bottom] in pixels, left < right, top < bottom."
            )


def _station(path: KeyPath, station: Station, settings: Settings) -> Iterator[Finding]:
    for place, purpose in enumerate(station.purposes):
        if settings.purpose(purpose) is None:
            problem = f"the purpose {str(purpose)!r} is not in use here"
            yield Finding((*path, "purposes", place), "settings.unknown-purpose", problem, "Add a [[purpose]] with that id, or leave it out.")


def _project(path: KeyPath, project: Project, settings: Settings) -> Iterator[Finding]:
    lines = {f"{camera.id}/{line.id}" for camera in settings.cameras for line in camera.lines}
    for place, name in enumerate(project.entrance_lines):
        if name not in lines:
            mend = f"Lines here: {', '.join(sorted(lines)) or 'none'}."
            yield Finding((*path, "entrance_lines", place), "settings.unknown-line", f"there is no line {name!r}", mend)
    least = BUILT_IN_CLAIM + project.verdict_within
    if project.rulebook is None and project.visit_retention < least:
        problem = "visits would be deleted while a claim that rests on them can still be judged or appealed against"
        mend = f"Keep them for at least {least.days + bool(least.seconds)} days."
        yield Finding((*path, "visit_retention"), "settings.visit-retention", problem, mend)


def _door(path: KeyPath, door: DoorSettings, settings: Settings) -> Iterator[Finding]:
    others = [reader for reader in door.readers if reader is not DoorReader.FACE]
    if DoorReader.FACE in door.readers:
        for reader in others:
            if door.wait.of(reader) > door.wait.face:
                mend = "Let it wait no longer than the face: the other ways are as fast (R62)."
                yield Finding((*path, "wait", reader.value), "settings.door-slower", f"who shows a {reader.value} waits longer than who shows a face", mend)
    if door.leads_from == door.leads_into:
        yield Finding((*path, "leads_into"), "settings.door-areas", "the door leads into the area it comes from", "Name two different areas.")
    yield from _door_station(path, door, settings)


def _ways_out(doors: Sequence[DoorSettings]) -> Iterator[Finding]:
    """Find readers on the way out beside which nothing else is said to open: whoever has nothing to show must get out too."""
    far = _doors_to_outside(doors)
    for position, door in enumerate(doors):
        is_way_out = door.leads_into in far and far[door.leads_into] < far[door.leads_from]
        if is_way_out and door.free_exit is None:
            mend = 'Wire an exit button or sensor to the strike, or fit a handle, and write it: free_exit = "button". Escape routes depend on no program.'
            yield Finding(("door", position, "leads_into"), "settings.door-no-exit", "only a reader lets people out through this door", mend)


def _doors_to_outside(doors: Sequence[DoorSettings]) -> dict[str, int]:
    """Return through how many doors at least one gets outside, by area; of areas that lead there at all."""
    far, beside = dict[str, int](), {_OUTSIDE}
    while beside:
        far |= dict.fromkeys(beside, len(set(far.values())))
        pairs = [pair for door in doors for pair in ((door.leads_from, door.leads_into), (door.leads_into, door.leads_from))]
        beside = {area for area, other in pairs if other in far} - far.keys()
    return far


def _door_station(path: KeyPath, door: DoorSettings, settings: Settings) -> Iterator[Finding]:
    if door.station is None:
        return
    station = settings.station(door.station)
    if station is None:
        yield Finding((*path, "station"), "settings.unknown-station", f"there is no station {door.station!r}", "Add a [[station]] with that id.")
    elif FacePurpose.DOOR_ACCESS not in station.purposes:
        yield Finding((*path, "station"), "settings.door-purpose", f"station {door.station!r} is not for doors", 'Add "door_access" to its purposes.')
    if DoorReader.FACE not in door.readers:
        yield Finding((*path, "station"), "settings.door-no-face", "the door has no face reader", 'Add "face" to its readers, or leave station out.')


def _accuracy(path: KeyPath, measured: Accuracy, settings: Settings) -> Iterator[Finding]:
    camera = settings.camera(measured.camera)
    if camera is None:
        yield Finding((*path, "camera"), "settings.unknown-camera", f"there is no camera {measured.camera!r}", "Name a camera of this file.")
    elif measured.line is not None and measured.line not in {line.id for line in camera.lines}:
        yield Finding((*path, "line"), "settings.unknown-line", f"camera {camera.id!r} has no line {measured.line!r}", "Name a line of that camera.")
    if not measured.low <= measured.error_percent <= measured.high:
        mend = "Give low ≤ error_percent ≤ high."
        yield Finding((*path, "error_percent"), "settings.accuracy", "the error lies outside its own interval", mend)


def _twins(path: KeyPath, kind: str, names: Sequence[str]) -> Iterator[Finding]:
    for name in _repeated(names):
        last = len(names) - 1 - list(reversed(names)).index(name)
        yield Finding((*path, last, "id"), "settings.same-id", f"two {kind}s are called {name!r}", f"Give each {kind} an id of its own.")


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
