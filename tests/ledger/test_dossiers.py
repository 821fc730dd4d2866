"""Bundles that hold a document: an entry must state its hash. And entries by index, each held against its leaf."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from consentry.ledger.lookup import entries_at, entries_of
from consentry.ledger.model import Act
from consentry.ledger.offline import Trust, verify_file
from consentry.ledger.rules.bundles import DOCUMENT_SHA256, document_sha256, read_bundle
from consentry.ledger.service import checkpoint, erase, log_key, receipts, record
from consentry.platform.actors import operator
from consentry.platform.errors import LedgerError, ProofError
from tests.ledger.logs import NOON, fill
from tests.ledger.test_offline import HONEST, REFUSED, verdicts

if TYPE_CHECKING:
    from consentry.ledger.model import JSONValue
    from consentry.platform.site import Site

ME = operator("one")
DOCUMENT: dict[str, JSONValue] = {"who": "nobody", "list": [1, {"b": None, "a": True}]}


def stated(site: Site, document: dict[str, JSONValue]) -> int:
    with site.database.transaction() as session:
        return record(session, Act("staff:0001", "camera.started", "document:1", "evidence", details={DOCUMENT_SHA256: document_sha256(document)}), NOON)


def test_a_document_whose_hash_an_entry_states_holds_for_both_verifiers(sqlite_site: Site) -> None:
    sealed = receipts(sqlite_site, ME, [stated(sqlite_site, DOCUMENT)], document=DOCUMENT)
    trust = Trust((log_key(sqlite_site),))
    assert verdicts(sealed.data, trust) == HONEST
    assert verify_file(sealed.data, trust).document == DOCUMENT
    assert read_bundle(sealed.data).bundle == sealed.bundle


@pytest.mark.parametrize("other", [{**DOCUMENT, "who": "somebody"}, {}])
def test_another_document_is_refused_although_the_log_sealed_it(sqlite_site: Site, other: dict[str, JSONValue]) -> None:
    sealed = receipts(sqlite_site, ME, [stated(sqlite_site, DOCUMENT)], document=other)
    assert verdicts(sealed.data, Trust((log_key(sqlite_site),))) == REFUSED


def test_a_document_that_is_no_object_is_refused(sqlite_site: Site) -> None:
    sealed = receipts(sqlite_site, ME, [stated(sqlite_site, DOCUMENT)], document=DOCUMENT)
    with pytest.raises(ProofError, match=r"something is no object"):
        read_bundle(sealed.data.replace(b'"document":{"list":[1,{"a":true,"b":null}],"who":"nobody"}', b'"document":[]'))


def test_a_bundle_without_document_is_what_it_was(sqlite_site: Site) -> None:
    fill(sqlite_site, 3)
    data = receipts(sqlite_site, ME, [1]).data
    assert b'"format":"consentry-evidence/1"' in data
    assert b'"document"' not in data


def test_entries_are_found_by_index_erased_ones_as_nothing_and_absent_ones_not_at_all(site: Site) -> None:
    fill(site, 4)
    checkpoint(site)
    erase(site, ME, operator("two"), 2, "request of the person")
    with site.database.reading() as session:
        found = entries_at(session, [1, 2, 999])
        listed = entries_of(session, ["camera.started"], NOON, site.clock.now())
        assert entries_of(session, ["camera.stopped"], NOON, site.clock.now()) == []
    assert set(found) == {1, 2}
    assert found[1] is not None
    assert found[2] is None
    assert [entry.index for entry in listed] == [1, 3, 4]


def test_an_entry_that_was_altered_is_not_given_out(sqlite_site: Site) -> None:
    fill(sqlite_site, 2)
    with sqlite_site.database.transaction() as session:
        session.execute(text("update ledger_entry set body = cast(replace(body, 'started', 'stopped') as blob) where number = 1"))
    with sqlite_site.database.reading() as session, pytest.raises(LedgerError, match=r"not what the log was signed over"):
        entries_at(session, [1])
