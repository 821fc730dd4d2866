"""Who acts, and what they may do. Services check; routes and pages only say beforehand which permission they will need.

``permits`` marks a service function with the one permission it needs and refuses every actor that does not hold it, so that a route, a
page's event and a command meet the same check.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar, cast

from consentry.platform.errors import DeniedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from consentry.platform.site import Site

__all__ = ["NEEDS_CONFIRMATION", "Actor", "ActorKind", "Permission", "operator", "permission_of", "permits", "system"]


class Permission(StrEnum):
    """Everything that can be permitted. Roles are sets of these (``consentry.staff.rules``)."""

    VIEW_FIGURES = "view-figures"
    EXPORT_FIGURES = "export-figures"
    VIEW_CAMERAS = "view-cameras"
    VIEW_STILL = "view-still"
    EDIT_CAMERAS = "edit-cameras"
    VIEW_MODELS = "view-models"
    VIEW_SETTINGS = "view-settings"
    EDIT_SETTINGS = "edit-settings"
    VIEW_ALARMS = "view-alarms"
    HANDLE_ALARMS = "handle-alarms"
    VIEW_LEDGER = "view-ledger"
    ERASE_ENTRY = "erase-entry"
    VIEW_STAFF = "view-staff"
    MANAGE_STAFF = "manage-staff"
    MANAGE_API_KEYS = "manage-api-keys"
    MANAGE_OWN_ACCOUNT = "manage-own-account"
    PUBLISH_NOTICE = "publish-notice"
    SIGN_ASSESSMENT = "sign-assessment"
    VIEW_CONSENTS = "view-consents"
    HANDLE_REQUESTS = "handle-requests"
    ATTEND_STATION = "attend-station"
    MANAGE_STATIONS = "manage-stations"
    VIEW_ATTRIBUTION = "view-attribution"
    MANAGE_AGENCIES = "manage-agencies"
    RECEIVE_VISITORS = "receive-visitors"
    RECORD_DEALS = "record-deals"
    SIGN_VERDICTS = "sign-verdicts"
    DECIDE_APPEALS = "decide-appeals"
    VIEW_COMMISSION = "view-commission"
    REPORT_VISITORS = "report-visitors"
    VIEW_DOORS = "view-doors"
    VIEW_INSIDE = "view-inside"
    OPEN_DOORS = "open-doors"
    MANAGE_CREDENTIALS = "manage-credentials"
    MANAGE_DOORS = "manage-doors"
    SET_DOOR_MODE = "set-door-mode"
    LIVE_HERE = "live-here"


NEEDS_CONFIRMATION = frozenset(
    {
        Permission.ERASE_ENTRY,
        Permission.MANAGE_STAFF,
        Permission.MANAGE_API_KEYS,
        Permission.SIGN_ASSESSMENT,
        Permission.SIGN_VERDICTS,
        Permission.DECIDE_APPEALS,
        Permission.MANAGE_DOORS,
        Permission.SET_DOOR_MODE,
    }
)
"""What a session may do only for minutes after its password was given, so that a screen left alone is no open door."""


class ActorKind(StrEnum):
    """What kind of actor it is."""

    STAFF = "staff"
    API_KEY = "api-key"
    OPERATOR = "operator"
    SYSTEM = "system"
    STATION = "station"
    AGENT = "agent"
    RESIDENT = "resident"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever does something: a member of staff, an API key, an agent of an agency, a resident, the operator of this machine, or the system itself.

    ``id`` is what the ledger names: an opaque identifier, never a name or an address. A member of staff who signed in acts through
    ``session``, in which the password counts as given until ``confirmed_until``.
    """

    kind: ActorKind
    id: str
    permissions: frozenset[Permission] = field(default=frozenset(), repr=False)
    session: str | None = field(default=None, repr=False)
    confirmed_until: datetime | None = field(default=None, repr=False)

    @property
    def label(self) -> str:
        """Return how the ledger names the actor."""
        return f"{self.kind}:{self.id}"

    def require(self, permission: Permission) -> None:
        """Raise ``DeniedError`` unless the actor holds ``permission``."""
        if permission not in self.permissions:
            mend = "Ask an administrator for a role that has it."
            raise DeniedError("access.denied", self.label, f"it does not have the permission {permission}", mend)

    def require_confirmation(self, now: datetime) -> None:
        """Raise ``DeniedError`` where this acts through a session whose password was given too long ago."""
        if self.session is not None and (self.confirmed_until is None or now >= self.confirmed_until):
            raise DeniedError("access.confirm", self.label, "this needs the password again", "Confirm with the password, then repeat it.")


def operator(account: str) -> Actor:
    """Return the operator of this machine, who works at the command line under the account of that name."""
    return Actor(ActorKind.OPERATOR, account, frozenset(Permission))


def system(part: str) -> Actor:
    """Return the part of the system that acts by itself, such as ``retention``."""
    return Actor(ActorKind.SYSTEM, part, frozenset(Permission))


_MARK = "__permission__"

P = ParamSpec("P")
R = TypeVar("R")


def permits(permission: Permission) -> Callable[[Callable[Concatenate[Site, Actor, P], R]], Callable[Concatenate[Site, Actor, P], R]]:
    """Let a service function ``f(site, actor, ...)`` run only for actors that hold ``permission``, and confirmed it where that is needed."""

    def guard(function: Callable[Concatenate[Site, Actor, P], R]) -> Callable[Concatenate[Site, Actor, P], R]:
        @wraps(function)
        def guarded(site: Site, actor: Actor, *arguments: P.args, **named: P.kwargs) -> R:
            actor.require(permission)
            if permission in NEEDS_CONFIRMATION:
                actor.require_confirmation(site.clock.now())
            return function(site, actor, *arguments, **named)

        setattr(guarded, _MARK, permission)
        # wraps keeps the names of the parameters, which the declared type leaves open.
        return cast("Callable[Concatenate[Site, Actor, P], R]", guarded)

    return guard


def permission_of(function: Callable[..., object]) -> Permission | None:
    """Return the permission that a service function needs, or None where it names none."""
    found = getattr(function, _MARK, None)
    return found if isinstance(found, Permission) else None
