"""The guide describes every key as the program does."""

from __future__ import annotations

from consentry.platform.settings.refused_places import REFUSED_PLACES
from tests.platform.settings.reference import PAGE, page_with, reference


def test_the_guide_lists_every_key_as_the_settings_describe_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_with(reference()), "run `make surface`"


def test_the_guide_names_the_rules_of_refused_places() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert all(rule.split(" (")[0] in page for rule in set(REFUSED_PLACES.values()))
