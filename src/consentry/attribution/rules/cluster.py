"""R1: who belongs together. Links of identity join transitively; kin in scope enter by one step and never further."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.attribution.model import IdentityKind
from consentry.attribution.rules.admission import in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from consentry.attribution.model import Link
    from consentry.attribution.rules.admission import Admitted

__all__ = ["SAME_PERSON", "Cluster", "find_cluster"]

SAME_PERSON = frozenset({IdentityKind.ID, IdentityKind.PHONE, IdentityKind.FACE})
"""The kinds of link that make two pseudonyms one person."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The people whose visits count for one signing.

    ``identity``, ``kin``: the links that brought them in. ``number_changed``: links of document or face between different telephone numbers.
    ``contradicted``: links that part whom others join.
    """

    members: AbstractSet[str]
    identity: Sequence[Link]
    kin: Sequence[Link]
    number_changed: Sequence[Link]
    contradicted: Sequence[Link]


def find_cluster(admitted: Admitted) -> Cluster:
    """Return the cluster of the signing's buyers under the version that is in force at the signing."""
    identity = [link for link in admitted.links if link.kind in SAME_PERSON]
    classes = _Classes(identity)
    scope = frozenset(in_force(admitted.rulebook, admitted.signing.at).kin)
    buyers = classes.everyone_with(admitted.signing.buyers)
    kin = [link for link in admitted.links if link.kind in scope and (link.a in buyers or link.b in buyers)]
    members = classes.everyone_with([*buyers, *(person for link in kin for person in (link.a, link.b))])
    inside = [link for link in identity if link.a in members]
    return Cluster(members, inside, kin, _number_changes(inside), _contradictions(admitted.links, classes, members))


class _Classes:
    """Disjoint sets of people who are one person (union by size, paths halved)."""

    def __init__(self, links: Iterable[Link]) -> None:
        self._parent: dict[str, str] = {}
        self._people: dict[str, list[str]] = {}
        for link in links:
            self._join(link.a, link.b)

    def of(self, person: str) -> str:
        """Return the person who stands for the class of ``person``."""
        while (parent := self._parent.get(person, person)) != person:
            self._parent[person] = person = self._parent.get(parent, parent)
        return person

    def everyone_with(self, people: Iterable[str]) -> frozenset[str]:
        """Return everyone who is one person with one of ``people``."""
        return frozenset(same for root in {self.of(person) for person in people} for same in self._people.get(root, [root]))

    def _join(self, a: str, b: str) -> None:
        small, large = sorted((self.of(a), self.of(b)), key=lambda root: len(self._people.get(root, ())))
        if small != large:
            self._parent[small] = large
            self._people.setdefault(large, [large]).extend(self._people.pop(small, [small]))


def _number_changes(identity: Sequence[Link]) -> list[Link]:
    # Sharing a number is transitive: whoever is joined by telephone, also through a third, has not changed it.
    number = _Classes(link for link in identity if link.kind == IdentityKind.PHONE).of
    return [link for link in identity if link.kind != IdentityKind.PHONE and _parted(link, number)]


def _contradictions(links: Iterable[Link], classes: _Classes, members: AbstractSet[str]) -> list[Link]:
    return [link for link in links if link.kind == IdentityKind.NOT_SAME and link.a in members and not _parted(link, classes.of)]


def _parted(link: Link, class_of: Callable[[str], str]) -> bool:
    return class_of(link.a) != class_of(link.b)
