"""The nouns of access: what a policy says, who holds what, what happens at a door, and what is decided. Names of events follow BACnet (ASHRAE 135)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, timedelta

__all__ = [
    "ADMITS_BY",
    "OUTSIDE",
    "AccessEvent",
    "AntiPassback",
    "Attempt",
    "ContactState",
    "Credential",
    "CredentialKind",
    "CredentialState",
    "Decision",
    "Door",
    "DoorEvent",
    "DoorMode",
    "EntryDigits",
    "Evidence",
    "Holiday",
    "Issuer",
    "PassbackMode",
    "Person",
    "Policy",
    "ReaderKind",
    "Rule",
    "Schedule",
    "Snapshot",
    "Span",
]

OUTSIDE = "outside"
"""The area beyond the outermost doors."""


class ReaderKind(StrEnum):
    """What stands at a door. ``concierge`` is a person who opens it."""

    CARD = "card"
    PIN = "pin"
    QR = "qr"
    FACE = "face"
    CONCIERGE = "concierge"


class CredentialKind(StrEnum):
    """What a person shows: a card, a number, a pass on their own telephone, a printed or mailed pass for a guest, their face."""

    CARD = "card"
    PIN = "pin"
    PHONE = "phone"
    GUEST = "guest"
    FACE = "face"


ADMITS_BY = {
    CredentialKind.CARD: ReaderKind.CARD,
    CredentialKind.PIN: ReaderKind.PIN,
    CredentialKind.PHONE: ReaderKind.QR,
    CredentialKind.GUEST: ReaderKind.QR,
    CredentialKind.FACE: ReaderKind.FACE,
}
"""Which reader takes which credential."""


class CredentialState(StrEnum):
    """How a credential stands. Only an active one ever opens a door."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    LOST = "lost"
    STOLEN = "stolen"
    ENDED = "ended"


class DoorMode(StrEnum):
    """What a door does. ``fire`` comes from its fire input and wins over everything; two named people set ``lockdown`` or ``free``."""

    NORMAL = "normal"
    LOCKDOWN = "lockdown"
    FREE = "free"
    FIRE = "fire"


class AntiPassback(StrEnum):
    """What becomes of somebody who enters an area that they are in already: hard denies, soft grants and reports, timed denies for a while."""

    OFF = "off"
    SOFT = "soft"
    HARD = "hard"
    TIMED = "timed"


class AccessEvent(StrEnum):
    """What was decided at a door and why: BACnetAccessEvent (ASHRAE 135, clause 21), those that can happen here."""

    GRANTED = "granted"
    PASSBACK_DETECTED = "passback-detected"
    DURESS = "duress"
    NO_ENTRY_AFTER_GRANTED = "no-entry-after-granted"
    LOCKOUT_MAX_ATTEMPTS = "lockout-max-attempts"
    LOCKOUT_RELINQUISHED = "lockout-relinquished"
    VERIFICATION_REQUIRED = "verification-required"
    DENIED_DENY_ALL = "denied-deny-all"
    DENIED_UNKNOWN_CREDENTIAL = "denied-unknown-credential"
    DENIED_INCORRECT_AUTHENTICATION_FACTOR = "denied-incorrect-authentication-factor"
    DENIED_AUTHENTICATION_UNAVAILABLE = "denied-authentication-unavailable"
    DENIED_POINT_NO_ACCESS_RIGHTS = "denied-point-no-access-rights"
    DENIED_OUT_OF_TIME_RANGE = "denied-out-of-time-range"
    DENIED_PASSBACK = "denied-passback"
    DENIED_AUTHENTICATION_FACTOR_LOST = "denied-authentication-factor-lost"
    DENIED_AUTHENTICATION_FACTOR_STOLEN = "denied-authentication-factor-stolen"
    DENIED_CREDENTIAL_NOT_YET_ACTIVE = "denied-credential-not-yet-active"
    DENIED_CREDENTIAL_EXPIRED = "denied-credential-expired"
    DENIED_CREDENTIAL_MANUAL_DISABLE = "denied-credential-manual-disable"
    DENIED_CREDENTIAL_MAX_USES = "denied-credential-max-uses"
    DENIED_LOCKOUT = "denied-lockout"
    DENIED_NO_ACCOMPANIMENT = "denied-no-accompaniment"
    DENIED_VERIFICATION_TIMEOUT = "denied-verification-timeout"
    DENIED_REPLAY = "denied-replay"
    DENIED_OTHER = "denied-other"


class DoorEvent(StrEnum):
    """What a door itself does or suffers: BACnet's door states and alarms, and what the controller says of itself."""

    NORMAL = "normal"
    UNLOCKED = "unlocked"
    OPENED = "opened"
    CLOSED = "closed"
    OPEN_TOO_LONG = "open-too-long"
    FORCED_OPEN = "forced-open"
    TAMPER = "tamper"
    DOOR_FAULT = "door-fault"
    FREE_ACCESS = "free-access"
    LOCKDOWN = "lockdown"
    EGRESS_OPEN = "egress-open"
    FIRE = "fire"
    READER_FAULT = "reader-fault"
    CLOCK_JUMP = "clock-jump"
    LOG_NEARLY_FULL = "log-nearly-full"
    EVENTS_LOST = "events-lost"
    POLICY_EXPIRED = "policy-expired"
    STARTED = "started"


class ContactState(StrEnum):
    """What the contact in the frame says."""

    CLOSED = "closed"
    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a day, minutes after local midnight, ``end`` excluded; ``end`` may be 1440 and is larger than ``start``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something holds, by the site's local time. ``week``: seven tuples of spans, Monday first; ``holidays``: spans of a holiday by its kind.

    On a day that is a holiday of a kind that stands here, those spans hold instead of the weekday's; of a kind that does not, none hold.
    """

    id: str
    week: tuple[tuple[Span, ...], ...]
    holidays: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day that is not as its weekday; ``kind`` names which spans of a schedule hold then."""

    day: date
    kind: str


@dataclass(frozen=True, slots=True)
class PassbackMode:
    """How an area deals with somebody who enters it twice; ``within`` for timed."""

    mode: AntiPassback = AntiPassback.OFF
    within: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """A door from one area into another, as the settings and the policy set it up.

    ``unlock_s``: seconds for which it unlocks, ``longer_unlock_s`` for people who need longer; ``held_s``: seconds open until that is reported.
    ``delay_s``: seconds between grant and release by reader, none longer than face's. ``first_card``: while the schedule of that id holds and
    since somebody of ``first_card_groups`` was let in, it stands unlocked. ``two_people_s``: within so many seconds a second person must be
    granted too; 0 for one.
    """

    id: str
    readers: tuple[ReaderKind, ...]
    from_area: str = OUTSIDE
    to_area: str = "inside"
    unlock_s: float = 5.0
    held_s: float = 30.0
    delay_s: Mapping[ReaderKind, float] = field(default_factory=dict)
    first_card: str | None = None
    first_card_groups: tuple[str, ...] = ()
    two_people_s: float = 0.0
    face_one_to_n: bool = False
    longer_unlock_s: float = 15.0


@dataclass(frozen=True, slots=True)
class Rule:
    """People of a group pass these doors while the schedule holds (None: always). Where ``deny`` it takes that away, over every rule that allows."""

    id: str
    group: str
    doors: tuple[str, ...]
    schedule: str | None = None
    deny: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """What people may do where and when. ``zone``: IANA name. ``passback``: by the area that is entered."""

    version: int
    zone: str
    doors: tuple[Door, ...]
    schedules: tuple[Schedule, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    rules: tuple[Rule, ...] = ()
    passback: Mapping[str, PassbackMode] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever may hold credentials, by pseudonym. Contractors and guests have a ``host``, without whom they hold nothing; times as those of a credential."""

    id: str
    groups: tuple[str, ...]
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    suspended: bool = False
    host: str | None = None
    passback_exempt: bool = False
    longer_release: bool = False


@dataclass(frozen=True, slots=True)
class Credential:
    """One thing that a person shows. Valid from ``valid_from``, before ``valid_until``.

    ``mark``: what the controller's keyed hash of what was shown must be (card, PIN); the pass id (phone, guest pass); the consent (face). ``number``: for a
    PIN the mark of the unit number or card that goes with it; ``salt``: of its Argon2id; ``duress``: the mark of the PIN that opens and alarms silently.
    ``doors``: the only doors it opens, None for all those of its person. ``uses``: how often it opens at this controller, which takes off
    its own uses and not those that others told the server; None without limit. ``needs_host``: each use waits for the host's word.
    """

    id: str
    person: str
    kind: CredentialKind
    mark: str = field(repr=False)
    state: CredentialState = CredentialState.ACTIVE
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    number: str | None = field(default=None, repr=False)
    salt: str | None = field(default=None, repr=False)
    duress: str | None = field(default=None, repr=False)
    doors: tuple[str, ...] | None = None
    uses: int | None = None
    needs_host: bool = False


@dataclass(frozen=True, slots=True)
class Issuer:
    """A key that signs passes and face admissions: its number, and base64 of the Ed25519 public key."""

    kid: int
    public_key: str


@dataclass(frozen=True, slots=True)
class EntryDigits:
    """How many digits of a ``unit`` and of a ``pin`` end what is entered at a keypad; None where ``#`` ends it."""

    unit: int | None = None
    pin: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that one controller knows: the policy of its own doors and the people who may pass them, good before ``expires``. ``number`` grows by one."""

    number: int
    site: str
    controller: str
    issued: datetime
    expires: datetime
    policy: Policy
    people: tuple[Person, ...]
    credentials: tuple[Credential, ...]
    issuers: tuple[Issuer, ...]
    modes: Mapping[str, DoorMode] = field(default_factory=dict)
    revoked: tuple[str, ...] = ()
    entry: EntryDigits = EntryDigits()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a reader's checks found before any rule is asked: which credential was shown and proved, or why none was.

    ``credential``: its id in the snapshot, None for an unknown one. ``fault``: why it was not proved, None where it was. ``duress``: the PIN was the
    one for duress. ``host_agreed``: the host said yes just now. ``number``: the mark of the unit or card that a PIN was entered after, whether or not
    anybody has it, so that tries are counted alike for both. ``took``: to capture a face or enter a PIN,
    where the door did not see that begin.
    """

    reader: ReaderKind
    credential: str | None
    fault: AccessEvent | None = None
    duress: bool = False
    host_agreed: bool = False
    number: str | None = field(default=None, repr=False)
    took: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody shows something at a door at a moment (UTC)."""

    door: str
    at: datetime
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided. ``reason`` says why in any case; ``reports``: what is told besides (duress, soft passback). ``release_s``: for how long it unlocks.

    ``locked_until``: where it is refused by a lock-out, when that ends.
    """

    granted: bool
    reason: AccessEvent
    door: str
    at: datetime
    person: str | None = None
    credential: str | None = None
    reports: tuple[AccessEvent, ...] = ()
    release_s: float = 0.0
    delay_s: float = 0.0
    waits_for_second: bool = False
    locked_until: datetime | None = None
