"""What staff may do and how signing in is judged. Pure: instants and counts come in, decisions go out.

Sources: NIST SP 800-63B-4 for passwords (section 3.1.1), guessing (3.2.2) and the life of sessions (2.2.3); PIPL 51 and 63 for roles.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address
from itertools import pairwise
from typing import TYPE_CHECKING

from consentry.platform.actors import Permission
from consentry.platform.errors import DeniedError, InputError
from consentry.staff.guessable import GUESSABLE
from consentry.staff.model import AccountState, Reason, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, tzinfo

__all__ = [
    "ACCOUNT_LIMIT",
    "ADDRESS_LIMIT",
    "CONFIRMATION_LIFE",
    "FORGET_AFTER",
    "IDLE_LIFE",
    "KEY_SCOPES",
    "LINK_LIFE",
    "LONGEST_DELAY",
    "LONGEST_KEY_LIFE",
    "PAIR_LIMIT",
    "ROLES",
    "SECOND_FACTOR_ROLES",
    "SESSION_LIMIT",
    "SHORTEST_REASON",
    "TICKET_LIFE",
    "Limit",
    "Tally",
    "address_group",
    "check_key_life",
    "check_name",
    "check_password",
    "check_reason",
    "check_scopes",
    "check_text",
    "findings",
    "is_alive",
    "key_permissions",
    "name_key",
    "normal_password",
    "permissions_of",
    "seconds_to_wait",
    "stated",
    "table_of_roles",
    "tally_failure",
    "watermark",
]

_LOOKING = frozenset(permission for permission in Permission if permission.name.startswith("VIEW_"))
_OWN = frozenset({Permission.MANAGE_OWN_ACCOUNT})
_DESK = frozenset({Permission.ATTEND_STATION, Permission.HANDLE_REQUESTS, Permission.VIEW_CONSENTS})
"""Standing beside a person at a station, and looking after what people ask for: whoever visitors can turn to."""

_SALES = frozenset(
    {
        Permission.VIEW_ATTRIBUTION,
        Permission.MANAGE_AGENCIES,
        Permission.RECEIVE_VISITORS,
        Permission.RECORD_DEALS,
        Permission.SIGN_VERDICTS,
        Permission.DECIDE_APPEALS,
        Permission.VIEW_COMMISSION,
    }
)
"""Running a sales office with agents. Whoever signs a verdict does not decide its appeal: that is checked of the person, not of the role."""

_OUTSIDE = frozenset({Permission.REPORT_VISITORS, Permission.LIVE_HERE})
"""What staff never do: people of agencies file reports, residents look after their own ways in."""

_DOORS = frozenset(
    {
        Permission.VIEW_DOORS,
        Permission.VIEW_INSIDE,
        Permission.OPEN_DOORS,
        Permission.MANAGE_CREDENTIALS,
        Permission.MANAGE_DOORS,
        Permission.SET_DOOR_MODE,
    }
)
"""Running doors. A mode for all is set by two people: that is checked of the persons, not of the role."""

ROLES: Mapping[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission) - _OUTSIDE,
    Role.STORE_MANAGER: _OWN
    | {
        Permission.VIEW_FIGURES,
        Permission.EXPORT_FIGURES,
        Permission.VIEW_CAMERAS,
        Permission.VIEW_STILL,
        Permission.VIEW_ALARMS,
        Permission.HANDLE_ALARMS,
    }
    | _DESK
    | _SALES
    | {Permission.VIEW_DOORS, Permission.VIEW_INSIDE, Permission.OPEN_DOORS},
    Role.FRONT_DESK: _OWN | _DESK | {Permission.VIEW_FIGURES, Permission.RECEIVE_VISITORS, Permission.VIEW_DOORS, Permission.OPEN_DOORS},
    Role.PROPERTY_MANAGER: _OWN | _DESK | _DOORS | {Permission.VIEW_FIGURES, Permission.VIEW_CAMERAS, Permission.VIEW_ALARMS, Permission.HANDLE_ALARMS},
    Role.DATA_PROTECTION_OFFICER: _OWN | _LOOKING | {Permission.ERASE_ENTRY, Permission.PUBLISH_NOTICE, Permission.SIGN_ASSESSMENT, Permission.HANDLE_REQUESTS},
    Role.AUDITOR: _OWN
    | {
        Permission.VIEW_CAMERAS,
        Permission.VIEW_SETTINGS,
        Permission.VIEW_MODELS,
        Permission.VIEW_ALARMS,
        Permission.VIEW_LEDGER,
        Permission.VIEW_STAFF,
        Permission.VIEW_CONSENTS,
        Permission.VIEW_ATTRIBUTION,
        Permission.VIEW_DOORS,
    },
    # PIPL 63: whoever inspects may look at everything and take copies. Being every permission to look, the set cannot fall behind.
    Role.INSPECTOR: _OWN | _LOOKING | {Permission.EXPORT_FIGURES},
}
"""What each role may do. No setting changes it, so that nobody can take something away from inspectors."""

SECOND_FACTOR_ROLES = frozenset({Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER})
"""Roles that can do nothing but enrol a second factor before they have one (R77)."""

KEY_SCOPES = frozenset(Permission) - {
    Permission.MANAGE_STAFF,
    Permission.MANAGE_API_KEYS,
    Permission.MANAGE_OWN_ACCOUNT,
    Permission.ERASE_ENTRY,
    Permission.SIGN_ASSESSMENT,
    Permission.SIGN_VERDICTS,
    Permission.DECIDE_APPEALS,
    Permission.SET_DOOR_MODE,
    Permission.OPEN_DOORS,
    Permission.MANAGE_CREDENTIALS,
    Permission.MANAGE_DOORS,
    *_OUTSIDE,
}
"""What an API key can hold at most: nothing that asks a person to confirm who they are, and nothing that lets anybody through a door."""

IDLE_LIFE = timedelta(hours=1)
CONFIRMATION_LIFE = timedelta(minutes=10)
TICKET_LIFE = timedelta(minutes=5)
LINK_LIFE = timedelta(hours=24)
LONGEST_KEY_LIFE = timedelta(days=366)
FORGET_AFTER = timedelta(days=1)
LONGEST_DELAY = timedelta(minutes=15)
STALE_SIGN_IN = timedelta(days=90)

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 128
LEAST_BESIDE_NAME = 8
LEAST_DIFFERENT = 5
LONGEST_NAME = 64
SHORTEST_REASON = 2
"""Characters in which a reason can be said: Chinese says why in two, such as 离职 or 重复."""
_LEAST_SAID = 4
"""Letters of the shortest reason, such as "lost"; a Chinese character says as much as two of them."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many failures are free before each further one doubles the delay, from one second."""

    free: int


PAIR_LIMIT = Limit(5)
ADDRESS_LIMIT = Limit(20)
# Many addresses guessing one name: NIST allows at most 100 failures in a row before a limit must act.
ACCOUNT_LIMIT = Limit(50)
SESSION_LIMIT = Limit(5)


@dataclass(frozen=True, slots=True)
class Tally:
    """Failures counted under one key, and when the last one was."""

    failures: int
    last: datetime


def permissions_of(role: Role, state: AccountState, factors: int) -> frozenset[Permission]:
    """Return what an account may do now: nothing unless active, only enrol where the role demands a second factor that is missing."""
    if state is not AccountState.ACTIVE:
        return frozenset()
    if role in SECOND_FACTOR_ROLES and factors == 0:
        return _OWN
    return ROLES[role]


def key_permissions(scopes: frozenset[Permission], maker: frozenset[Permission]) -> frozenset[Permission]:
    """Return what an API key may do now: its scopes, as far as whoever made it may still do them."""
    return scopes & maker & KEY_SCOPES


def check_scopes(scopes: frozenset[Permission], maker: frozenset[Permission]) -> None:
    """Refuse scopes of an API key that are none, too powerful for a key, or beyond its maker.

    Raises:
        InputError: ``api-key.no-scope`` or ``api-key.scope``.
        DeniedError: ``api-key.beyond-maker``.
    """
    if not scopes:
        raise InputError("api-key.no-scope", "API key", "it has no scope", "Choose at least one permission.")
    if excess := scopes - KEY_SCOPES:
        raise InputError("api-key.scope", "API key", f"a key cannot hold {_listed(excess)}", "Leave these out; a person signs in for them.")
    if excess := scopes - maker:
        raise DeniedError("api-key.beyond-maker", "API key", f"you do not have {_listed(excess)} yourself", "Leave these out.")


def check_key_life(now: datetime, expires: datetime) -> None:
    """Refuse an API key that has expired or outlives ``LONGEST_KEY_LIFE``.

    Raises:
        InputError: ``api-key.expiry``.
    """
    if not now < expires <= now + LONGEST_KEY_LIFE:
        mend = f"Choose an expiry between now and {LONGEST_KEY_LIFE.days} days from now."
        raise InputError("api-key.expiry", "API key", f"{expires.isoformat()} is no possible expiry", mend)


def name_key(name: str) -> str:
    """Return the form under which names are compared, or an empty string, which is nobody's, for what cannot be a name."""
    key = unicodedata.normalize("NFKC", name).casefold().strip()
    return key if len(key) <= LONGEST_NAME and key.isprintable() else ""


def check_name(name: str) -> str:
    """Return ``name`` tidied, as it will be shown.

    Raises:
        InputError: ``staff.name`` for an empty, long or unprintable one.
    """
    if not name_key(name):
        raise InputError("staff.name", "name", "it is empty, too long or not printable", f"Choose 1 to {LONGEST_NAME} printable characters.")
    return unicodedata.normalize("NFKC", name).strip()


def check_text(text: str, subject: str, shortest: int = 1, longest: int = 200) -> str:
    """Return ``text`` without blanks around it.

    Raises:
        InputError: ``input.text`` where it is too short, too long or not printable.
    """
    tidy = text.strip()
    if not (shortest <= len(tidy) <= longest and tidy.isprintable()):
        raise InputError("input.text", subject, "it is empty, too long or not printable", f"Write {shortest} to {longest} characters on one line.")
    return tidy


def stated(reason: str, longest: int = 200) -> str:
    """Return ``reason``, why somebody did something, without blanks around it: it must say something, in whatever language.

    Raises:
        InputError: ``input.text`` where it says too little, is longer than ``longest`` or not printable.
    """
    tidy = check_text(reason, "reason", longest=longest)
    if sum(map(_worth, tidy)) < _LEAST_SAID:
        raise InputError("input.text", "reason", "it says too little", "Write why, in a word or two.")
    return tidy


def _worth(sign: str) -> int:
    """Return how many letters say as much: two where the sign is a syllable or a word."""
    return 2 if sign.isalpha() and unicodedata.east_asian_width(sign) == "W" else 1


def check_reason(reason: Reason) -> Reason:
    """Return ``reason`` tidied.

    Raises:
        InputError: ``input.text`` where the words or the ticket are missing.
    """
    return Reason(stated(reason.text), check_text(reason.ticket, "ticket", longest=64))


def normal_password(password: str) -> str:
    """Return the form that is hashed, the same on every keyboard (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, name: str) -> None:
    """Refuse a password that is short, or among the first guesses. What it is composed of is left to its owner.

    Raises:
        InputError: ``password.short``, ``password.long``, ``password.name`` or ``password.guessable``.
    """
    plain = normal_password(password).casefold()
    if len(plain) < SHORTEST_PASSWORD:
        raise InputError("password.short", "password", f"it has fewer than {SHORTEST_PASSWORD} characters", "Use a few words in a row.")
    if len(plain) > LONGEST_PASSWORD:
        raise InputError("password.long", "password", f"it has more than {LONGEST_PASSWORD} characters", "Choose a shorter one.")
    if (key := name_key(name)) and len(plain) - plain.count(key) * len(key) < LEAST_BESIDE_NAME:
        raise InputError("password.name", "password", "it is little more than the name", "Choose words that have nothing to do with it.")
    if plain in GUESSABLE or len(set(plain)) < LEAST_DIFFERENT or _is_run(plain):
        raise InputError("password.guessable", "password", "it is among the first that attackers try", "Use a few words of your own in a row.")


def seconds_to_wait(tally: Tally | None, limit: Limit, now: datetime) -> float:
    """Return how many seconds the next try under this key must wait: at most ``LONGEST_DELAY``, whatever the clock does."""
    if tally is None or now - tally.last >= FORGET_AFTER:
        return 0.0
    delay = _delay(tally.failures, limit)
    return min(max((tally.last + delay - now).total_seconds(), 0.0), delay.total_seconds())


def tally_failure(tally: Tally | None, now: datetime) -> Tally:
    """Return the tally after one more failure; what is older than ``FORGET_AFTER`` is forgotten."""
    fresh = tally is not None and now - tally.last < FORGET_AFTER
    return Tally(tally.failures + 1 if tally is not None and fresh else 1, now)


def is_alive(now: datetime, last_seen: datetime, expires: datetime) -> bool:
    """Return whether a session still holds: neither idle too long nor past its absolute end."""
    return now < expires and now - last_seen < IDLE_LIFE


def address_group(address: str) -> str:
    """Return what counts as one address: an IPv4 address, the /64 network of an IPv6 address, or the text as it stands."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped) if parsed.ipv4_mapped else f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(parsed)


def watermark(name: str, now: datetime, zone: tzinfo) -> str:
    """Return the line laid over screens and put on exports that show personal data: who looked, and when (R79)."""
    return f"{name} · {now.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def findings(role: Role, state: AccountState, factors: int, last_sign_in: datetime | None, now: datetime) -> tuple[str, ...]:
    """Return what an access review should look at in one account: ``no-second-factor``, ``unused``, ``not-accepted``."""
    if state is AccountState.INVITED:
        return ("not-accepted",)
    if state is AccountState.DISABLED:
        return ()
    missing = ("no-second-factor",) if role in SECOND_FACTOR_ROLES and factors == 0 else ()
    unused = ("unused",) if last_sign_in is None or now - last_sign_in >= STALE_SIGN_IN else ()
    return missing + unused


def table_of_roles() -> str:
    """Return the table of roles and permissions in Markdown, one permission a row."""
    head = ["permission", *Role]
    rows = [[permission, *("yes" if permission in ROLES[role] else "" for role in Role)] for permission in Permission]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, ["---"] * len(head), *rows])


def _delay(failures: int, limit: Limit) -> timedelta:
    beyond = failures - limit.free
    # 2**10 seconds is already beyond the longest delay.
    return min(timedelta(seconds=2 ** min(beyond, 10)), LONGEST_DELAY) if beyond >= 0 else timedelta(0)


def _is_run(text: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps <= {1} or steps <= {-1}


def _listed(permissions: Iterable[Permission]) -> str:
    return ", ".join(sorted(permissions))
