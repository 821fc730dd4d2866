"""The nouns of requests: what a person asks for, by when, and how it was answered (PIPL 44 to 50)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from consentry.ledger.model import SealedBundle

__all__ = [
    "Answer",
    "Decision",
    "RefusalGround",
    "Request",
    "RequestDetails",
    "RequestKind",
    "RequestReceipt",
    "RequestState",
]


class RequestKind(StrEnum):
    """What a person can ask for (PIPL 44 to 50). Withdrawing is not among them: that needs no request."""

    SEE = "see"
    COPY = "copy"
    TRANSFER = "transfer"
    CORRECT = "correct"
    SUPPLEMENT = "supplement"
    DELETE = "delete"
    RESTRICT = "restrict"
    EXPLAIN = "explain"
    OBJECT = "object"
    CLOSE = "close"
    ESTATE = "estate"
    """Somebody entitled to it asks for a person who died (PIPL 49)."""
    LOST = "lost"
    """The receipt is lost; filed by the system itself where the report fits a consent."""


class Decision(StrEnum):
    """How a request was answered."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"


class RefusalGround(StrEnum):
    """Why a request was refused, wholly or in part (PIPL 50, R57)."""

    NOT_IDENTIFIED = "not-identified"
    NOTHING_HELD = "nothing-held"
    DUTY_TO_KEEP = "duty-to-keep"
    RIGHTS_OF_OTHERS = "rights-of-others"
    NOT_FEASIBLE = "not-feasible"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class RequestReceipt:
    """What a person gets for a request at once: its number, which is also the key to its answer, and by when it is answered."""

    number: str = field(repr=False)
    kind: RequestKind
    filed: datetime
    due: datetime
    receipt: SealedBundle = field(repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as staff list it: nothing of who asks but the pseudonym and the consent, where a receipt told them."""

    id: str
    kind: RequestKind
    filed: datetime
    due: datetime
    person: str | None
    consent: str | None
    answered: datetime | None = None
    answered_by: str | None = None
    decision: Decision | None = None
    ground: RefusalGround | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """How a request is answered: in words, and with a ground where not all of it is granted."""

    decision: Decision
    text: str
    ground: RefusalGround | None = None


@dataclass(frozen=True, slots=True)
class RequestDetails:
    """A request with what the person wrote; shown only after a reason was given."""

    request: Request
    contact: str = field(repr=False)
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RequestState:
    """How a request stands, for the person who holds its number. ``remedy``: by language, what can be done against a refusal."""

    kind: RequestKind
    filed: datetime
    due: datetime
    answered: datetime | None
    decision: Decision | None
    ground: RefusalGround | None
    text: str
    remedy: Mapping[str, str]
