"""The words of the public pages, in both languages: where people agree, are recognised, withdraw and ask, and where agents and buyers work."""

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
    """Return the words of a language (a key of ``LANGUAGES``) by page and name, as ``locale/<language>.toml`` and ``locale/*.<language>.toml`` have them."""
    catalogues = (file for file in files("consentry.portal").joinpath("locale").iterdir() if f".{file.name}".endswith(f".{language}.toml"))
    return {page: words for file in catalogues for page, words in tomllib.loads(file.read_text(encoding="utf-8")).items()}


def other_language(language: str) -> str:
    """Return the language that a page offers beside its own."""
    return next(known for known in LANGUAGES if known != language)
