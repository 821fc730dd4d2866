"""Everyone who is enrolled: rows on disk, keys beside them, and a gallery in memory for each purpose, kept in step."""

from __future__ import annotations

import heapq
import logging
from typing import TYPE_CHECKING

import numpy as np

from consentry.platform.errors import KeyStoreError
from consentry.recognition.gallery import Gallery
from consentry.recognition.refusals import RefusalCode, refusal
from consentry.recognition.transform import KeyedTransform
from consentry.recognition.vault import tokens
from consentry.recognition.vault.buffers import bound, open_sealed, seal, wiped
from consentry.recognition.vault.order import THREADS
from consentry.recognition.vault.templates import NewTemplate

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from numpy.typing import NDArray

    from consentry.consent.model import ConsentGrant, Purpose
    from consentry.platform.keys import SiteKeys
    from consentry.recognition.vault.keystore import PersonKeys
    from consentry.recognition.vault.registers import Registers
    from consentry.recognition.vault.templates import StoredTemplate, TemplateStore

    Vector = NDArray[np.float32]

__all__ = ["CAPACITY", "Enrolled", "ModelSpace"]

CAPACITY = 1_000_000
"""Templates of one purpose."""
_MOST_DUPLICATES = 10

log = logging.getLogger(__name__)


class ModelSpace:
    """The model whose vectors these are (``family``, ``dimension``), and the keyed transform of each purpose."""

    def __init__(self, family: str, dimension: int, keys: SiteKeys, transforms: dict[Purpose, tuple[int, int]]) -> None:
        """``transforms``: number and root epoch by purpose."""
        self.family = family
        self.dimension = dimension
        self._keys = keys
        self.numbers = {purpose: number for purpose, (number, _) in transforms.items()}
        self._transforms = {purpose: self._transform(purpose, *numbers) for purpose, numbers in transforms.items()}

    def rotated(self, purpose: Purpose, vector: Vector) -> Vector:
        """Return ``vector``, float32 [D], as it is compared within ``purpose``."""
        image: Vector = self._transforms[purpose].apply(vector[None])[0]
        return image

    def renew(self, purpose: Purpose, number: int, epoch: int) -> None:
        """Use another transform for ``purpose`` from now on."""
        self._transforms[purpose].wipe()
        self._transforms[purpose] = self._transform(purpose, number, epoch)
        self.numbers[purpose] = number

    def _transform(self, purpose: Purpose, number: int, epoch: int) -> KeyedTransform:
        return KeyedTransform(self._keys.derive(f"transform-{purpose.replace('_', '-')}-{number}", epoch=epoch), self.dimension)


class Enrolled:
    """The templates of a site. One thread at a time may use it."""

    def __init__(  # noqa: PLR0913 - where everything lies
        self, site: str, space: ModelSpace, store: TemplateStore, keys: PersonKeys, registers: Registers, *, in_tokens: bool
    ) -> None:
        """Take where things lie, and whether templates may lie in tokens only; :meth:`rebuild` comes before any search."""
        self.space = space
        self._site = site
        self._store = store
        self._keys = keys
        self._registers = registers
        self._in_tokens = in_tokens
        self._galleries = {purpose: Gallery(space.dimension, CAPACITY, threads=THREADS) for purpose in space.numbers}
        self._expiries: list[tuple[float, int, Purpose]] = []

    def rebuild(self) -> None:
        """Fill the galleries from the disk; delete what has no key any more, was revoked, is of an earlier transform, or may not be stored (R32).

        Templates of another model stay on the disk until their consents end, and match nothing.
        """
        stored = {one.template.consent: one for one in self._store.all()}
        self._keys.destroy([consent for consent in stored if consent in self._registers.revoked])
        sound = set()
        for consent, key in self._keys.read(list(stored)):
            with wiped(key):
                if self._restore(stored[consent], key):
                    sound.add(consent)
        lost = stored.keys() - sound
        if lost:
            log.warning("%s templates without a key, of an earlier transform, or of the other profile are deleted", len(lost))
            self._keys.destroy(lost)
            self._store.delete(lost)

    def _restore(self, stored: StoredTemplate, key: NDArray[np.uint8]) -> bool:
        """Put a template into its gallery; return False where it belongs to nobody any more."""
        template = stored.template
        if self._in_tokens and template.sealed is not None:
            return False
        if template.family != self.space.family:
            return True
        if template.transform != self.space.numbers.get(template.purpose):
            return False
        if template.sealed is None or template.consent in self._registers.suspended:
            return True
        try:
            vector = self._opened(template, key)
        except KeyStoreError:
            return False
        with wiped(vector):
            self._show(stored, vector)
        return True

    def find(self, consent: str) -> StoredTemplate | None:
        """Return what is stored for a consent."""
        return self._store.find(consent)

    def count(self, purpose: Purpose) -> int:
        """Return how many templates of ``purpose`` can match."""
        gallery = self._galleries.get(purpose)
        return 0 if gallery is None else len(gallery)

    def add(self, grant: ConsentGrant, grant_bytes: bytes, image: Vector) -> None:
        """Store a template (``image``: rotated, float32 [D]), durably, and let the next search see it.

        Raises:
            ConflictError: ``vault.full``.
        """
        if self.count(grant.purpose) >= CAPACITY:
            raise refusal(RefusalCode.FULL)
        key, half = self._keys.create(grant.consent), image.astype(np.float16)
        with wiped(key, half):
            new = self._new(grant, grant_bytes)
            sealed = seal(key, half.view(np.uint8), bound(new.names(self._site)))
            row = self._store.add(self._new(grant, grant_bytes, sealed))
            self._galleries[grant.purpose].add(row, image)
            heapq.heappush(self._expiries, (new.expires, row, grant.purpose))

    def add_token(self, grant: ConsentGrant, grant_bytes: bytes, image: Vector) -> str:
        """Store that a consent was enrolled, nothing of the face, and return the token that holds its template."""
        key, new = self._keys.create(grant.consent), self._new(grant, grant_bytes)
        with wiped(key):
            token = tokens.issue(grant.consent, key, image, new.names(self._site))
        self._store.add(new)
        return token

    def vector(self, stored: StoredTemplate, token: str) -> Vector | None:
        """Return the rotated vector of a template, float32 [D], which the caller overwrites; None where its key is gone.

        Raises:
            ConflictError: ``vault.token`` where the template lies in a token and this is not it.
        """
        template = stored.template
        key = self._keys.find(template.consent)
        if key is None or template.transform != self.space.numbers.get(template.purpose):
            return None
        with wiped(key):
            return self._opened(template, key) if template.sealed is not None else tokens.opened(token, key, template.names(self._site))

    def best_two(self, purpose: Purpose, image: Vector, floor: float, now: datetime) -> list[tuple[StoredTemplate, float]]:
        """Return the most similar live template of ``purpose`` and the second, with their scores; none that scores below ``floor``."""
        self._expire(now)
        found = self._galleries[purpose].best_two(image, floor=floor)
        return [(stored, score) for row, score in found if (stored := self._store.at(row)) is not None]

    def alike(self, purpose: Purpose, image: Vector, threshold: float) -> tuple[str, ...]:
        """Return the consents whose template scores ``threshold`` or more, most similar first."""
        gallery = self._galleries[purpose]
        if not len(gallery):
            return ()
        ids, scores = gallery.search(image[None], min(_MOST_DUPLICATES, len(gallery)), floor=threshold)
        rows = [int(row) for row, score in zip(ids[0], scores[0], strict=True) if row >= 0 and score >= threshold]
        return tuple(stored.template.consent for row in rows if (stored := self._store.at(row)) is not None)

    def erase(self, consents: Collection[str]) -> None:
        """Destroy the templates of ``consents`` in memory, their keys, and their rows, in this order."""
        for stored in filter(None, map(self._store.find, consents)):
            self._hide(stored.template.purpose, stored.row)
        self._keys.destroy(consents)
        self._store.delete(consents)

    def suspend(self, consent: str) -> None:
        """Take a consent's template out of its gallery; it stays on the disk."""
        stored = self._store.find(consent)
        if stored is not None:
            self._hide(stored.template.purpose, stored.row)

    def resume(self, consent: str) -> None:
        """Let searches see a consent's template again, if there is one that can be compared."""
        stored, key = self._store.find(consent), self._keys.find(consent)
        if stored is None or key is None:
            return
        with wiped(key):
            gallery = self._galleries.get(stored.template.purpose)
            if gallery is not None and stored.row not in gallery:
                self._restore(stored, key)

    def renew(self, purpose: Purpose, number: int, epoch: int) -> None:
        """Take up another transform of ``purpose``; its templates are destroyed."""
        self.erase([one.template.consent for one in self._store.all() if one.template.purpose is purpose])
        self.space.renew(purpose, number, epoch)

    def wipe(self) -> None:
        """Overwrite all galleries with zeros."""
        for gallery in self._galleries.values():
            gallery.wipe()

    def _new(self, grant: ConsentGrant, grant_bytes: bytes, sealed: bytes | None = None) -> NewTemplate:
        number = self.space.numbers[grant.purpose]
        return NewTemplate(grant.consent, grant.person, grant.purpose, self.space.family, number, grant_bytes, grant.expires.timestamp(), sealed)

    def _opened(self, template: NewTemplate, key: NDArray[np.uint8]) -> Vector:
        half = open_sealed(key, template.sealed or b"", bound(template.names(self._site)))
        with wiped(half):
            return half.view(np.float16).astype(np.float32)

    def _show(self, stored: StoredTemplate, vector: Vector) -> None:
        vector /= np.linalg.norm(vector)
        self._galleries[stored.template.purpose].add(stored.row, vector)
        heapq.heappush(self._expiries, (stored.template.expires, stored.row, stored.template.purpose))

    def _hide(self, purpose: Purpose, row: int) -> None:
        gallery = self._galleries.get(purpose)
        if gallery is not None and row in gallery:
            gallery.remove(row)

    def _expire(self, now: datetime) -> None:
        """Take those whose consent has expired out of the galleries; their rows go when the site's retention says so."""
        while self._expiries and self._expiries[0][0] <= now.timestamp():
            _, row, purpose = heapq.heappop(self._expiries)
            self._hide(purpose, row)
