"""Who works at the command line, as the ledger names them."""

from __future__ import annotations

import getpass
import os
from typing import TYPE_CHECKING

from consentry.platform.actors import operator

if TYPE_CHECKING:
    from consentry.platform.actors import Actor

__all__ = ["this_operator"]


def this_operator() -> Actor:
    """Return the operator under whose account this process runs."""
    return operator(getpass.getuser() if os.environ.get("USER") else str(os.geteuid()))
