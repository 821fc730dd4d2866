"""What a yes must bring along before it counts (PIPL 14, 29, 31; R2, R6, R67)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NoReturn

from consentry.platform.errors import ConflictError, InputError
from consentry.platform.settings.faces import Profile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.consent.model import Choice, Notice

__all__ = ["LONGEST_ALIAS", "check_action", "check_alias", "check_choice", "least_age", "refuse_child"]

LONGEST_ALIAS = 40

_LEAST_AGES: Final[Mapping[Profile, int]] = {Profile.CN: 14, Profile.EU: 16}

_ACTION = re.compile(r"[0-9A-Za-z-]{16,64}")
_MEND = "Show the person the notice as it is now, and let them choose."


def least_age(profile: Profile) -> int:
    """Return the age in years from which a person agrees for themselves: 14 (PIPL 31, R67), or 16 (GDPR 8, R71), where no member state says less."""
    return _LEAST_AGES[profile]


def check_choice(choice: Choice, notice: Notice) -> None:
    """Refuse a yes that is none: of a child, to another text than the one in force, or without an act of its own.

    Raises:
        InputError: ``consent.under-14``, ``guardian.unattended``, ``consent.action``, ``consent.alias`` or ``consent.language``.
        ConflictError: ``consent.notice-changed``.
    """
    if not choice.at_least_14 and choice.guardian is None:
        refuse_child(notice.profile)
    if choice.guardian is not None and (choice.station is None or choice.staff is None):
        mend = "Ask at a station, with a member of staff present; offer the other ways."
        raise InputError("guardian.unattended", "consent", "a guardian decides at a station, with staff present", mend)
    check_action(choice.action_id)
    check_alias(choice.alias)
    if choice.language not in notice.sha256:
        raise InputError("consent.language", "consent", "the notice is not written in this language", _MEND)
    if choice.notice_sha256 != notice.sha256[choice.language]:
        raise ConflictError("consent.notice-changed", "consent", "the text that was shown is not the notice in force", _MEND)


def refuse_child(profile: Profile) -> NoReturn:
    """Refuse somebody who is too young to agree, and for whom nobody else may here.

    Raises:
        InputError: ``consent.under-14``.
    """
    problem = f"the person is under {least_age(profile)}, and this site enrols no children on their own"
    raise InputError("consent.under-14", "consent", problem, "Offer the other ways; nothing was kept.")


def check_action(action: str) -> None:
    """Refuse what cannot name one act.

    Raises:
        InputError: ``consent.action``.
    """
    if not _ACTION.fullmatch(action):
        raise InputError("consent.action", "consent", "its action is not named", "Send 16 to 64 random letters and digits, new for each press.")


def check_alias(alias: str | None) -> None:
    """Refuse an alias that is long or not printable.

    Raises:
        InputError: ``consent.alias``.
    """
    if alias is not None and not (0 < len(alias.strip()) <= LONGEST_ALIAS and alias.isprintable()):
        raise InputError("consent.alias", "alias", "it is empty, too long or not printable", f"Choose 1 to {LONGEST_ALIAS} characters, or none.")
