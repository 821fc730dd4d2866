"""A face is never the only way through a door, whatever breaks: every combination of what stands at a door and what works."""

from __future__ import annotations

from itertools import product

from consentry.access.model import ReaderKind
from consentry.access.ways import readiness_of

OBSTACLE = ("vault.away", "保险库没有应答", "The vault does not answer.")
HOW = (None, True, False)
"""Of a reader: nothing was told, it works, it does not."""
OTHERS: list[ReaderKind] = [reader for reader in ReaderKind if reader is not ReaderKind.FACE]


def test_the_face_works_only_where_another_way_works_and_nothing_hinders_it() -> None:
    for stands in product((False, True), repeat=len(OTHERS)):
        readers = [ReaderKind.FACE, *(reader for reader, there in zip(OTHERS, stands, strict=True) if there)]
        for said, obstacle in product(product(HOW, repeat=len(readers)), (None, OBSTACLE)):
            told = {reader: works for reader, works in zip(readers, said, strict=True) if works is not None}
            ready = readiness_of("front", readers, told, obstacle)
            works = {way.reader for way in ready.ways if way.works}
            expected: set[ReaderKind] = {reader for reader in readers if told.get(reader) is True and reader is not ReaderKind.FACE}
            expected |= {ReaderKind.CONCIERGE} & set(readers) if told.get(ReaderKind.CONCIERGE) is not False else set()
            face_itself = obstacle is None and told.get(ReaderKind.FACE) is not False
            assert works == (expected | {ReaderKind.FACE} if face_itself and expected else expected)
            # A controller that stops its own face reader because nothing else works says that it does not work.
            assert ready.face_sole == (obstacle is None and not expected)
            assert [way.reader for way in ready.ways if not way.works and not way.code] == []


def test_a_door_without_a_face_reader_is_hindered_by_nothing_of_recognition() -> None:
    ready = readiness_of("hall", [ReaderKind.CARD], {ReaderKind.CARD: True}, OBSTACLE)
    assert [way.works for way in ready.ways] == [True]
    assert not ready.face_sole


def test_what_hinders_the_face_is_said_in_both_languages() -> None:
    face = readiness_of("front", [ReaderKind.CARD, ReaderKind.FACE], {ReaderKind.CARD: True}, OBSTACLE).ways[-1]
    assert (face.code, face.zh, face.en) == OBSTACLE
