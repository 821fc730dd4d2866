"""The operating-system users that the processes run as when ``consentry serve`` is started as root."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Account", "Part", "account_of", "accounts"]


class Part(StrEnum):
    """A kind of process."""

    WEB = "web"
    VAULT = "vault"
    CAMERA = "camera"
    STATION = "station"


@dataclass(frozen=True, slots=True)
class Account:
    """A user and a group, by number."""

    user: int
    group: int


# Numbers of the range that systemd uses for dynamic users (61184 to 65519), which no package and no administrator gives out.
_FALLBACK = {part: Account(number, number) for number, part in enumerate(Part, start=64801)}


def account_of(part: Part) -> Account:
    """Return the account ``consentry-<part>`` where this machine has one (``deploy/consentry.sysusers``), otherwise a fixed number."""
    try:
        entry = pwd.getpwnam(f"consentry-{part}")
    except KeyError:
        return _FALLBACK[part]
    return Account(entry.pw_uid, entry.pw_gid)


def accounts(*, one_user: bool) -> dict[Part, Account] | None:
    """Return who each part runs as; None where all run as whoever started the supervisor.

    ``one_user``: the setting ``[processes] one_user``. Whoever is not root cannot give processes other users.
    """
    if one_user or os.geteuid() != 0:
        return None
    return {part: account_of(part) for part in Part}
