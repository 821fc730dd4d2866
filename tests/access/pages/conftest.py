"""A house whose doors are tried, and a screen that only speaks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from consentry.console.speech import speech
from tests.access.register.conftest import house

if TYPE_CHECKING:
    from consentry.console.screen import Screen

__all__ = ["house"]

ZONE = "Asia/Shanghai"


def speaking(language: str = "en", **query: str) -> Screen:
    """Return a screen that says things in a language, and cannot be drawn on."""
    said = speech(language, ZONE)
    settings = SimpleNamespace(site=SimpleNamespace(zone=ZONE), door=lambda _: None)

    def term(kind: str, word: str) -> str:
        return said.term(kind, word) or word

    parts: dict[str, Any] = {"say": said.say, "say_count": said.say_count, "term": term, "speech": said, "own": said.own, "query": query}
    return cast("Screen", SimpleNamespace(site=SimpleNamespace(settings=settings), **parts))


@pytest.fixture
def english() -> Screen:
    return speaking()


@pytest.fixture
def chinese() -> Screen:
    return speaking("zh-CN")
