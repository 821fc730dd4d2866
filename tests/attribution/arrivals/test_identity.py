"""What every adapter to a document reader must do; the simulator is the first."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Protocol

import pytest

from consentry.attribution.identity import GROUP, IdentityCheck, SimulatedCard, SimulatedReader, attached_reader, hasher_for
from consentry.attribution.numbers import document_hash
from consentry.platform.errors import ConflictError, NotFoundError
from consentry.platform.keys import SiteKeys

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from consentry.attribution.identity import IdentityReader, NumberHasher

KEYS = SiteKeys(bytes(range(32)), "hall-1")
NUMBER = "11010119900101001X"


class Bench(Protocol):
    """A reader under test, and how a card gets onto it."""

    reader: IdentityReader

    def lay(self, number: str, *, passes: bool) -> None: ...


class SimulatedBench:
    def __init__(self, hashing: NumberHasher) -> None:
        self.reader = SimulatedReader(hashing)

    def lay(self, number: str, *, passes: bool) -> None:
        self.reader.lay(SimulatedCard(number, "王", passes=passes))


BENCHES = [SimulatedBench]
"""An adapter adds itself here, with what lays a card on it."""


@pytest.fixture(params=BENCHES)
def bench(request: pytest.FixtureRequest) -> Bench:
    make: Callable[[NumberHasher], Bench] = request.param
    return make(hasher_for(KEYS, "garden"))


@pytest.mark.parametrize("passes", [True, False])
def test_a_reader_tells_whether_the_bearer_passed_and_which_reader_it_was(bench: Bench, *, passes: bool) -> None:
    bench.lay(NUMBER, passes=passes)
    found = bench.reader.read()
    assert (found.passed, found.document_hash) == (passes, document_hash(KEYS, "garden", NUMBER))
    assert 1 <= len(found.reader_serial) <= 64


def test_no_number_leaves_a_reader(bench: Bench) -> None:
    bench.lay(NUMBER, passes=True)
    found = bench.reader.read()
    assert {field.name for field in fields(IdentityCheck)} == {"passed", "reader_serial", "document_hash", "family_name"}
    for shown in (repr(found), repr(bench.reader), *map(str, (found.reader_serial, found.family_name))):
        assert NUMBER not in shown
        assert NUMBER[:6] not in shown


def test_a_document_has_another_hash_in_another_project(bench: Bench) -> None:
    bench.lay(NUMBER, passes=True)
    assert bench.reader.read().document_hash != document_hash(KEYS, "lake", NUMBER)


def test_without_a_document_nothing_is_read(bench: Bench) -> None:
    for _ in range(2):
        with pytest.raises(NotFoundError) as refused:
            bench.reader.read()
        assert refused.value.code == "identity.no-document"
    bench.lay(NUMBER, passes=True)
    bench.reader.read()
    with pytest.raises(NotFoundError):
        bench.reader.read()


ADAPTER = """
from consentry.attribution.identity import SimulatedReader

def make(hashing):
    return SimulatedReader(hashing, "bench-7")
"""


def install(folder: Path, name: str) -> None:
    """Install a package that drives a reader, as pip would."""
    (folder / f"{name}.py").write_text(ADAPTER)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {name}:make\n")


def test_the_one_adapter_that_is_installed_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFoundError) as missing:
        attached_reader(KEYS, "garden")
    assert missing.value.code == "identity.no-reader"
    monkeypatch.syspath_prepend(tmp_path)
    install(tmp_path, "reader_of_acme")
    reader = attached_reader(KEYS, "garden")
    assert isinstance(reader, SimulatedReader)
    reader.lay(SimulatedCard(NUMBER))
    found = reader.read()
    assert (found.reader_serial, found.document_hash) == ("bench-7", document_hash(KEYS, "garden", NUMBER))
    install(tmp_path, "reader_of_others")
    with pytest.raises(ConflictError) as several:
        attached_reader(KEYS, "garden")
    assert several.value.code == "identity.readers"
