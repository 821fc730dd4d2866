"""The nouns of people who live or work behind the doors: their account, the guests and helpers they let in, and what a guest is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "Delegate",
    "DelegateDraft",
    "GuestCode",
    "GuestDraft",
    "GuestPass",
    "GuestState",
    "HostRequest",
    "IssuedGuest",
    "LoggedPass",
    "OwnDoor",
    "OwnFace",
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
    """An account of somebody who may pass doors. ``person`` is who they are at the doors; ``helps``: the person who let them in for a time."""

    id: str
    person: str
    name: str
    state: ResidentState
    created: datetime
    last_sign_in: datetime | None
    helps: str | None


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
    """Who is signed in. ``helps``: they help somebody for a time, and let nobody else in; ``doors`` are those that they may pass at some time."""

    resident: str
    person: str
    name: str
    helps: bool
    doors: tuple[OwnDoor, ...]


@dataclass(frozen=True, slots=True)
class OwnDoor:
    """A door that somebody may pass at some time, and what stands beside it."""

    id: str
    name: str
    readers: tuple[str, ...]


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

    id: str
    guest: str
    name: str | None
    door: OwnDoor
    at: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class DelegateDraft:
    """Somebody who is to help for a time: a name to sign in with, from when, until when."""

    name: str
    starts: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Delegate:
    """Somebody who helps for a time, with an account and ways in of their own. ``link``: a new one-time link, where one was made just now."""

    resident: str
    person: str
    name: str
    starts: datetime
    until: datetime
    state: ResidentState
    link: ResidentLink | None = None


@dataclass(frozen=True, slots=True)
class LoggedPass:
    """One event at a door. ``who``: ``own``, ``guest`` or ``delegate``; ``name`` of the guest or delegate; ``way``: what was shown."""

    id: str
    at: datetime
    door: OwnDoor
    event: str
    who: str
    name: str | None
    way: str | None


@dataclass(frozen=True, slots=True)
class OwnFace:
    """A face that opens doors: the consent behind it, and until when it holds."""

    credential: str
    consent: str
    until: datetime | None
