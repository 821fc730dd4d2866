"""Who works at the command line, as the ledger names them."""

from __future__ import annotations

import os
import pwd
from typing import TYPE_CHECKING

from consentry.platform.actors import operator

if TYPE_CHECKING:
    from consentry.platform.actors import Actor

__all__ = ["this_operator"]


def this_operator() -> Actor:
    """Return the operator of this machine by the account that this process runs as, or by its number where it has no name."""
    try:
        return operator(pwd.getpwuid(os.geteuid()).pw_name)
    except KeyError:
        return operator(str(os.geteuid()))
