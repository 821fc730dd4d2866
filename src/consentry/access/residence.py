"""The nouns of people who live or work behind the doors: their account, the guests and helpers they let in, and what a guest is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.access.model import AccessEvent, CredentialKind, CredentialState, ReaderKind
    from consentry.access.register import Why

__all__ = [
    "Delegate",
    "GuestCode",
    "GuestDraft",
    "GuestPass",
    "GuestState",
    "HostRequest",
    "IssuedGuest",
    "LoggedPass",
    "LoggedWho",
    "OwnDoor",
    "OwnWay",
    "PhonePassText",
    "Resident",
    "ResidentInvitation",
    "ResidentLink",
    "ResidentSession",
    "ResidentState",
    "SignedInResident",
]


class ResidentState(StrEnum):
    """How a resident's account stands; only an active one signs in."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class GuestState(StrEnum):
    """How a guest pass stands. Only one that is open lets anybody in."""

    WAITING = "waiting"
    OPEN = "open"
    USED = "used"
    OVER = "over"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Resident:
    """An account of somebody who may pass doors. ``person`` is who they are at the doors; no name stands in it."""

    id: str
    person: str
    state: ResidentState
    created: datetime
    last_sign_in: datetime | None


@dataclass(frozen=True, slots=True)
class ResidentLink:
    """A one-time link to choose a passphrase; ``path`` holds the secret behind its number sign."""

    resident: str
    path: str = field(repr=False)
    expires: datetime


@dataclass(frozen=True, slots=True)
class ResidentInvitation:
    """What a one-time link offers: the name to sign in with; ``recovers``: the account has a passphrase already."""

    name: str
    recovers: bool
    expires: datetime


@dataclass(frozen=True, slots=True)
class SignedInResident:
    """A session that began. ``token`` goes into the cookie and is kept nowhere."""

    token: str = field(repr=False)
    resident: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class ResidentSession:
    """Who is signed in. ``typed``: their unit as it is entered at a keypad before a PIN of ``pin_digits``; ``doors``: those that they may pass at some time."""

    resident: str
    person: str
    name: str
    unit: str | None
    typed: str | None
    pin_digits: int
    doors: tuple[OwnDoor, ...]


@dataclass(frozen=True, slots=True)
class OwnDoor:
    """A door that somebody may pass at some time, by its names, and what stands beside it."""

    id: str
    zh: str
    en: str
    readers: tuple[ReaderKind, ...]


@dataclass(frozen=True, slots=True)
class GuestDraft:
    """A guest pass as it is asked for. ``name`` may be None; ``uses``: how often it opens, None without limit; ``needs_host``: each use waits for a yes."""

    name: str | None
    doors: tuple[str, ...]
    starts: datetime
    until: datetime
    uses: int | None = 1
    needs_host: bool = False


@dataclass(frozen=True, slots=True)
class GuestPass:
    """A guest pass. ``host`` is the person who lets the guest in; ``name`` is None where none was given, or it is forgotten already."""

    id: str
    host: str
    name: str | None
    doors: tuple[OwnDoor, ...]
    starts: datetime
    until: datetime
    uses: int | None
    used: int
    needs_host: bool
    state: GuestState
    issued: datetime


@dataclass(frozen=True, slots=True)
class IssuedGuest:
    """A new guest pass, and the ``path`` of the page that its guest opens; its secret stands behind the number sign."""

    guest: GuestPass
    path: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class GuestCode:
    """What the page of a guest shows: the pass, and the text of its code (``CG1.…``), None unless it is open or waits for its time."""

    guest: GuestPass
    code: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class HostRequest:
    """A guest who stands at a door now and waits for the host's word, until ``expires``."""

    guest: str
    name: str | None
    door: OwnDoor
    at: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Delegate:
    """Somebody who helps for a time, such as family or a carer: what they hold, for which doors, until when. ``standing``: it opens doors still."""

    person: str
    name: str | None
    doors: tuple[OwnDoor, ...]
    since: datetime
    until: datetime | None
    way: CredentialKind | None
    standing: bool


@dataclass(frozen=True, slots=True)
class OwnWay:
    """One of somebody's ways in. ``over``: its time ended; ``why``: why it opens nothing, None where it does.

    ``with_card``: a PIN that goes with a card; ``pass_id``: by which a telephone knows its own pass; ``renew``: it should ask for a new one now.
    Whether there is a PIN for duress stands nowhere: whoever forces somebody may be looking on.
    """

    id: str
    kind: CredentialKind
    state: CredentialState
    over: bool
    why: Why | None
    since: datetime
    until: datetime | None
    with_card: bool
    pass_id: str | None = None
    renew: bool = False


class LoggedWho(StrEnum):
    """By whose credential a door was passed."""

    OWN = "own"
    GUEST = "guest"
    DELEGATE = "delegate"


@dataclass(frozen=True, slots=True)
class LoggedPass:
    """One event at a door. ``name`` of the guest or delegate, where there is one; ``way``: the reader; ``id`` grows in the order of arrival."""

    id: int
    at: datetime
    door: OwnDoor
    event: AccessEvent
    who: LoggedWho
    name: str | None
    way: ReaderKind | None


@dataclass(frozen=True, slots=True)
class PhonePassText:
    """The pass for the telephone that asked, before the telephone adds door, step and its own signature; ``server_time`` to compare its clock with."""

    id: str
    text: str = field(repr=False)
    expires: datetime
    server_time: datetime
