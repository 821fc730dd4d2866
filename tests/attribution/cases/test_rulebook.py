"""Rulebooks: read from TOML, hashed in one form, the built-in one is that of the specification."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from consentry.attribution.model import Mode, Rulebook, RulebookVersion
from consentry.attribution.rulebook import built_in, read_rulebook, rulebook_document, version_sha256
from consentry.platform.errors import InputError

TWO = """
[[version]]
from = 2026-03-01T00:00:00+08:00
lead = "PT1H"
kin = ["spouse"]
mode = "report_first"

[[version]]
from = "2026-01-01T00:00:00Z"
"""


def test_the_built_in_rulebook_is_that_of_the_specification() -> None:
    (version,) = built_in().versions
    assert version == RulebookVersion(start=datetime(2000, 1, 1, tzinfo=UTC))
    assert (version.lead, version.report_valid) == (timedelta(minutes=30), timedelta(days=2))
    assert (version.visit_protection, version.natural_protection) == (timedelta(days=30), timedelta(days=30))
    assert (version.kin, version.mode) == (("self", "spouse", "parent", "child"), Mode.VISIT_FIRST)
    assert (version.reply_within, version.appeal_within) == (timedelta(minutes=30), timedelta(days=7))


def test_versions_are_put_in_order_and_keep_the_defaults_where_they_say_nothing() -> None:
    first, second = read_rulebook(TWO.encode(), "rules.toml").versions
    assert first == RulebookVersion(start=datetime(2026, 1, 1, tzinfo=UTC))
    assert second == RulebookVersion(datetime(2026, 2, 28, 16, tzinfo=UTC), lead=timedelta(hours=1), kin=("spouse",), mode=Mode.REPORT_FIRST)


def test_the_hash_names_what_a_version_says_and_not_how_it_is_written() -> None:
    sixty = read_rulebook(b'[[version]]\nfrom = 2026-01-01T08:00:00+08:00\nlead = "PT60M"', "a").versions[0]
    hour = read_rulebook(b'[[version]]\nlead = "PT1H"\nfrom = "2026-01-01T00:00:00Z"\nreport_valid = "PT48H"', "b").versions[0]
    assert version_sha256(sixty) == version_sha256(hour) != version_sha256(built_in().versions[0])
    assert len(version_sha256(hour)) == 64


def test_a_rulebook_is_written_as_a_case_writes_it() -> None:
    assert rulebook_document(Rulebook())["rulebook"] == {
        "lead": "PT30M",
        "report_valid": "P2D",
        "visit_protection": "P30D",
        "natural_protection": "P30D",
        "kin": ["self", "spouse", "parent", "child"],
        "mode": "visit_first",
        "reply_within": "PT30M",
        "appeal_within": "P7D",
    }
    documents = rulebook_document(read_rulebook(TWO.encode(), "rules.toml"))["rulebooks"]
    assert isinstance(documents, list)
    assert [document["from"] for document in documents] == ["2026-01-01T00:00:00Z", "2026-02-28T16:00:00Z"]


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("[[version", "rulebook", "no TOML"),
        ("", "missing-key", '"version"'),
        ("version = []", "rulebook", "0 versions"),
        ("[[version]]\nlead = 'PT1H'", "missing-key", '"from"'),
        ("[[version]]\nfrom = 2026-01-01", "time", '"from"'),
        ("[[version]]\nfrom = 2026-01-01T00:00:00", "time", "offset"),
        ("[[version]]\nfrom = 2026-01-01T00:00:00Z\n[[version]]\nfrom = 2026-01-01T08:00:00+08:00", "rulebook", "version[1]"),
        ("[[version]]\nfrom = 2026-01-01T00:00:00Z\nlead = 30", "duration", '"lead"'),
        ("[[version]]\nfrom = 2026-01-01T00:00:00Z\nlaed = 'PT1H'", "unknown-key", '"laed"'),
        ("[[version]]\nfrom = 2026-01-01T00:00:00Z\nkin = ['id']", "kin", '"kin"'),
        ("title = 'x'\n[[version]]\nfrom = 2026-01-01T00:00:00Z", "unknown-key", '"title"'),
    ],
)
def test_a_broken_rulebook_is_refused_with_place_and_key(text: str, code: str, named: str) -> None:
    with pytest.raises(InputError, match=r"rules\.toml") as refused:
        read_rulebook(text.encode(), "rules.toml")
    assert refused.value.code == f"attribution.{code}"
    assert named in str(refused.value)
