"""The words of the pages on which people agree, are recognised, withdraw and ask, in both languages."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from consentry.console.speech import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["other_language", "phrases"]


@cache
def phrases(language: str) -> Mapping[str, Any]:
    """Return the words of a language (a key of ``LANGUAGES``) by page and name, as ``locale/<language>.toml`` has them."""
    return tomllib.loads(files("consentry.portal").joinpath("locale", f"{language}.toml").read_text(encoding="utf-8"))


def other_language(language: str) -> str:
    """Return the language that a page offers beside its own."""
    return next(known for known in LANGUAGES if known != language)
