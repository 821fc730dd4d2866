"""Checking a document: the port to a certified reader, and a simulator with the same manners.

A reader compares document and bearer, and tells whether that passed. The number on the document is hashed inside of the adapter, by the function that
it is made with, and leaves it in no other form; the picture of the chip does not leave the reader at all. Consentry ships no driver.

An adapter is a package that names what makes its reader, a function of a ``NumberHasher``, under the entry point group ``GROUP``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol

from consentry.attribution.numbers import document_hash
from consentry.platform.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from consentry.attribution.numbers import NumberHash
    from consentry.platform.keys import SiteKeys

__all__ = ["GROUP", "IdentityCheck", "IdentityReader", "NumberHasher", "SimulatedCard", "SimulatedReader", "attached_reader", "hasher_for"]


GROUP = "consentry.identity_readers"
"""Under which installed packages name the reader that they drive."""


class NumberHasher(Protocol):
    """Hashes the number of a document for one project."""

    def __call__(self, number: str, /) -> NumberHash:
        """Return its keyed hashes.

        Raises:
            InputError: ``document.form``.
        """
        ...


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """What a reader found: whether the bearer passed, which reader it was, the hashes of the number where one could be read, and at most a family name."""

    passed: bool
    reader_serial: str
    document_hash: NumberHash | None = None
    family_name: str | None = field(default=None, repr=False)


class IdentityReader(Protocol):
    """Reads the document that lies on it."""

    def read(self) -> IdentityCheck:
        """Check the document and its bearer, within seconds. A document that did not pass may still have a number.

        Raises:
            NotFoundError: ``identity.no-document`` where none lies on it.
        """
        ...


@dataclass(frozen=True, slots=True)
class SimulatedCard:
    """A made-up document, and whether its bearer passes."""

    number: str = field(repr=False)
    family_name: str | None = field(default=None, repr=False)
    passes: bool = True


class SimulatedReader:
    """A reader without a device, for tests and demonstrations: a card is laid on it, and taken off by reading it."""

    def __init__(self, hashing: NumberHasher, serial: str = "simulator-1") -> None:
        """Start with no card; ``hashing`` is what a number leaves as."""
        self._hashing = hashing
        self._serial = serial
        self._card: SimulatedCard | None = None

    def lay(self, card: SimulatedCard) -> None:
        """Lay a card on the reader."""
        self._card = card

    def read(self) -> IdentityCheck:
        """Check the card; see :class:`IdentityReader`."""
        card, self._card = self._card, None
        if card is None:
            raise NotFoundError("identity.no-document", f"reader {self._serial}", "no document lies on it", "Lay the document on the reader.")
        return IdentityCheck(card.passes, self._serial, self._hashing(card.number), card.family_name)


def hasher_for(keys: SiteKeys, project: str) -> Callable[[str], NumberHash]:
    """Return what an adapter hashes the numbers of documents with: other projects and other sites cannot compare them."""
    return lambda number: document_hash(keys, project, number)


def attached_reader(keys: SiteKeys, project: str) -> IdentityReader:
    """Return the reader whose adapter is installed here. The simulator is none: what it says of a bearer means nothing.

    Raises:
        NotFoundError: ``identity.no-reader``.
        ConflictError: ``identity.readers`` where there are several.
    """
    found = entry_points(group=GROUP)
    if not found:
        raise NotFoundError("identity.no-reader", "document reader", "no adapter is installed", "Install one, or leave the document unchecked.")
    if len(found) > 1:
        names = ", ".join(sorted(one.name for one in found))
        raise ConflictError("identity.readers", "document reader", f"several adapters are installed: {names}", "Keep the one that is used.")
    make: Callable[[NumberHasher], IdentityReader] = next(iter(found)).load()
    return make(hasher_for(keys, project))
