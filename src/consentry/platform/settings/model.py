"""The settings of a site as typed, fixed data. What two parts say about each other is checked in ``rules``.

Lengths of time are ``timedelta``, times of day minutes after midnight, paths text relative to the settings file.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from consentry.platform.settings.camera import Area, Basis, Camera, Line, SecondaryUse, Sign, ZoneType
from consentry.platform.settings.doors import Access, DoorSettings
from consentry.platform.settings.faces import PurposeTerms, Recognition, Station
from consentry.platform.settings.fields import RESTARTS, SENSITIVE
from consentry.platform.settings.projects import Project  # noqa: TC001 - pydantic reads the annotation
from consentry.platform.settings.values import DayTime, Duration, Flag, Number, Opening, Openings, Part, Point, PortNumber, Slug, Text, Words, ZoneName, lasting

__all__ = [
    "Accuracy",
    "Acme",
    "Alarms",
    "Area",
    "Basis",
    "Camera",
    "CertificateFiles",
    "DataPlace",
    "DatabasePlace",
    "Email",
    "Encryption",
    "Hours",
    "KeysPlace",
    "Language",
    "Line",
    "Opening",
    "Point",
    "Processes",
    "PurposeTerms",
    "Recognition",
    "Retention",
    "SecondaryUse",
    "Settings",
    "Sign",
    "SiteIdentity",
    "Station",
    "Text",
    "Tls",
    "TlsMode",
    "Web",
    "Webhook",
    "ZoneType",
]

_DAY = timedelta(days=1)
_TEN_YEARS = timedelta(days=3660)
_THREE_YEARS = timedelta(days=1096)

_Figures = Annotated[Duration, lasting(_DAY, _TEN_YEARS)]


class Language(StrEnum):
    """A language of the interface."""

    CHINESE = "zh-CN"
    ENGLISH = "en"


class Hours(Part):
    """When the site is open on each weekday. Outside these hours the figures say closed."""

    monday: Openings = Field(default=(), description='Spans such as ["09:00-21:00"]; none: closed all day.')
    tuesday: Openings = Field(default=(), description="As monday.")
    wednesday: Openings = Field(default=(), description="As monday.")
    thursday: Openings = Field(default=(), description="As monday.")
    friday: Openings = Field(default=(), description="As monday.")
    saturday: Openings = Field(default=(), description="As monday.")
    sunday: Openings = Field(default=(), description="As monday.")

    def on(self, weekday: int) -> tuple[Opening, ...]:
        """Return the spans of a weekday, Monday being 0 as in ``date.weekday``."""
        days = (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday)
        return days[weekday]


class SiteIdentity(Part):
    """Which place this is, and who answers for it."""

    id: Slug = Field(description="The site's name in keys and the ledger. It never changes: another id makes other keys.", json_schema_extra=RESTARTS)
    name: Text = Field(description="What people call the site.")
    zone: ZoneName = Field(description="The time zone in which its days begin, an IANA name.")
    controller: Text = Field(description="Who decides on the processing and answers for it: the legal name.")
    contact: Words = Field(description="How people reach the controller: a telephone number, an address.")
    languages: tuple[Language, ...] = Field(
        default=(Language.CHINESE, Language.ENGLISH), min_length=1, description="Languages of the pages, the first one first."
    )
    hours: Hours | None = Field(default=None, description="Opening hours; without them the site counts as always open.")
    occupancy_reset: DayTime = Field(default=4 * 60, description="When the number of people inside is set to zero each day.")


class DataPlace(Part):
    """Where records are kept."""

    folder: Words = Field(default="data", description="Folder of the records, relative to this file.", json_schema_extra=RESTARTS)


class KeysPlace(Part):
    """Where keys and secrets are kept."""

    folder: Words = Field(default="keys", description="Folder of main.key, vault.key and secrets/; never inside the data folder.", json_schema_extra=RESTARTS)


class DatabasePlace(Part):
    """The main database, where it is not SQLite in the data folder."""

    url: Words | None = Field(
        default=None,
        description="A PostgreSQL address, postgresql+psycopg://user@host/name. The password comes from the file secrets/database.",
        json_schema_extra=RESTARTS | SENSITIVE,
    )


class TlsMode(StrEnum):
    """Where the server's certificate comes from."""

    OFF = "off"
    FILES = "files"
    ACME = "acme"
    LOCAL_AUTHORITY = "local-authority"


class CertificateFiles(Part):
    """A certificate given as files."""

    certificate: Words = Field(description="PEM file of the certificate and those between it and the root, relative to this file.")
    key: Words = Field(description="PEM file of its private key, readable by the web process alone.")


class Acme(Part):
    """A certificate from an authority on the internet by ACME (RFC 8555)."""

    directory: Words = Field(default="https://acme-v02.api.letsencrypt.org/directory", description="Address of the authority's directory.")
    contact: Words = Field(description="Mail address for the authority's warnings.", json_schema_extra=SENSITIVE)
    terms_agreed: Flag = Field(default=False, description="That the authority's terms were read and are agreed to.")
    challenge_port: PortNumber = Field(default=80, description="Port at which the authority's HTTP-01 challenge arrives here.")
    roots: Words | None = Field(
        default=None, description="PEM file of the roots that the directory's own certificate is checked against; default: the system's."
    )


class Tls(Part):
    """How the web pages are protected on their way. TLS 1.3 is the least."""

    mode: TlsMode = Field(default=TlsMode.OFF, description="off (this machine only), files, acme, or local-authority (made by init; phones install it once).")
    files: CertificateFiles | None = Field(default=None, description="For the mode files.")
    acme: Acme | None = Field(default=None, description="For the mode acme.")


class Web(Part):
    """Where the pages and the interface for programs are served."""

    host: Words = Field(default="127.0.0.1", description="Address to listen on; 0.0.0.0 for every network of this machine.", json_schema_extra=RESTARTS)
    port: PortNumber = Field(default=8000, description="Port to listen on.", json_schema_extra=RESTARTS)
    names: tuple[Words, ...] = Field(default=(), description="Names and addresses by which browsers reach it on the LAN.", json_schema_extra=RESTARTS)
    tls: Tls = Field(default=Tls(), description="How the pages are protected on their way.", json_schema_extra=RESTARTS)


class Processes(Part):
    """How the parts of the server are kept apart."""

    one_user: Flag = Field(
        default=False,
        description="Run all parts as one user where the server starts as root. Weaker: a broken part reads the keys of the others.",
        json_schema_extra=RESTARTS,
    )


class Retention(Part):
    """How long each kind of record is kept. Everything ends."""

    figures: _Figures = Field(default=timedelta(days=730), description="Figures of cameras that are no longer in this file; each camera has its own retention.")
    heat: _Figures = Field(default=timedelta(days=90), description="Hourly heat grids and dwell histograms.")
    alarms: _Figures = Field(default=timedelta(days=365), description="Alarms that are over.")
    sessions: Annotated[Duration, lasting(timedelta(minutes=5), timedelta(days=30))] = Field(
        default=timedelta(hours=12), description="How long a sign-in lasts at most."
    )
    ledger_bodies: Annotated[Duration, lasting(_THREE_YEARS, _TEN_YEARS)] = Field(
        default=_THREE_YEARS, description="What the ledger's entries say; their hashes stay. Three years at least (PIPL 56)."
    )
    idempotency: Annotated[Duration, lasting(timedelta(hours=1), timedelta(days=7))] = Field(
        default=timedelta(hours=24), description="Answers that are remembered for repeated requests of programs."
    )


class Accuracy(Part):
    """How exact the figures of a line proved on the spot; without it, the band comes from the detector's benchmark."""

    camera: Slug = Field(description="The camera.")
    line: Slug | None = Field(default=None, description="The line; without it, every line of the camera.")
    measured_on: date = Field(description="The day of the measurement.")
    detector: Words = Field(description="The detector that counted.")
    crossings: Annotated[int, Field(ge=1)] = Field(description="How many people crossed, counted by hand.")
    error_percent: Annotated[Number, Field(ge=-100, le=1000)] = Field(description="Counted less true, in per cent of true.")
    low: Annotated[Number, Field(ge=-100, le=1000)] = Field(description="Lower end of the error's 95 % interval, in per cent.")
    high: Annotated[Number, Field(ge=-100, le=1000)] = Field(description="Upper end of the error's 95 % interval, in per cent.")


class Encryption(StrEnum):
    """How mail is protected on its way to the server."""

    STARTTLS = "starttls"
    TLS = "tls"
    OFF = "off"


class Email(Part):
    """Where alarms are mailed."""

    host: Words = Field(description="The mail server.")
    port: PortNumber = Field(default=587, description="Its port: 587 for starttls, 465 for tls.")
    sender: Words = Field(alias="from", description="The address that mails come from.", json_schema_extra=SENSITIVE)
    recipients: tuple[Words, ...] = Field(alias="to", min_length=1, description="The addresses that mails go to.", json_schema_extra=SENSITIVE)
    user: Words | None = Field(default=None, description="The account at the mail server, where it asks for one.", json_schema_extra=SENSITIVE)
    secret: Slug = Field(default="mail", description="The file of secrets/ that holds the account's password.")
    encryption: Encryption = Field(default=Encryption.STARTTLS, description="starttls, tls, or off (a server on this machine only).")


class Webhook(Part):
    """The program that is told of alarms; each message is signed."""

    url: Words = Field(description="Its https:// address.", json_schema_extra=SENSITIVE)
    secret: Slug = Field(default="webhook", description="The file of secrets/ whose text signs the messages.")


class Alarms(Part):
    """Who is told when something needs attention."""

    email: Email | None = Field(default=None, description="By mail.")
    webhook: Webhook | None = Field(default=None, description="By a signed message to a program.")
    escalate_after: Annotated[Duration, lasting(timedelta(minutes=1), timedelta(days=7))] = Field(
        default=timedelta(minutes=30), description="How long an alarm may stay unacknowledged before it is sent again to everyone."
    )


class Settings(Part):
    """Everything that ``site.toml`` says."""

    site: SiteIdentity = Field(description="Which place this is, and who answers for it.")
    data: DataPlace = Field(default=DataPlace(), description="Where records are kept.")
    keys: KeysPlace = Field(default=KeysPlace(), description="Where keys and secrets are kept.")
    database: DatabasePlace = Field(default=DatabasePlace(), description="The main database, where it is not SQLite in the data folder.")
    web: Web = Field(default=Web(), description="Where the pages and the interface for programs are served.")
    processes: Processes = Field(default=Processes(), description="How the parts of the server are kept apart.")
    retention: Retention = Field(default=Retention(), description="How long each kind of record is kept. Everything ends.")
    alarms: Alarms = Field(default=Alarms(), description="Who is told when something needs attention.")
    cameras: tuple[Camera, ...] = Field(default=(), alias="camera", max_length=64, description="The cameras.")
    recognition: Recognition = Field(default=Recognition(), description="How those who agreed are recognised. Without a purpose and a station nobody is.")
    purposes: tuple[PurposeTerms, ...] = Field(
        default=(), alias="purpose", max_length=3, description="What people may agree to be recognised for; each also needs a notice and an assessment."
    )
    stations: tuple[Station, ...] = Field(default=(), alias="station", max_length=16, description="Where a person activates recognition.")
    projects: tuple[Project, ...] = Field(default=(), alias="project", max_length=16, description="What is sold here with agents who bring visitors.")
    access: Access = Field(default=Access(), description="How doors are run. Without a [[door]] nothing of it is.")
    doors: tuple[DoorSettings, ...] = Field(default=(), alias="door", max_length=256, description="The doors that open for people.")
    accuracy: tuple[Accuracy, ...] = Field(default=(), max_length=2048, description="How exact the figures proved on the spot.")

    def camera(self, name: str) -> Camera | None:
        """Return the camera of that id, or None."""
        return next((camera for camera in self.cameras if camera.id == name), None)

    def purpose(self, name: str) -> PurposeTerms | None:
        """Return what is set for a purpose, or None where it is not in use."""
        return next((purpose for purpose in self.purposes if purpose.id == name), None)

    def station(self, name: str) -> Station | None:
        """Return the station of that id, or None."""
        return next((station for station in self.stations if station.id == name), None)

    def project(self, name: str) -> Project | None:
        """Return the project of that id, or None."""
        return next((project for project in self.projects if project.id == name), None)

    def door(self, name: str) -> DoorSettings | None:
        """Return the door of that id, or None."""
        return next((door for door in self.doors if door.id == name), None)

    def accuracy_of(self, camera: str, line: str) -> Accuracy | None:
        """Return the newest measurement of a line, or of all lines of its camera, or None where nobody measured."""
        measured = [found for found in self.accuracy if found.camera == camera and found.line in {line, None}]
        return max(measured, key=lambda found: (found.line is not None, found.measured_on), default=None)
