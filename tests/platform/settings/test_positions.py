"""Where each key of a text stands: checked on texts written by another program from random settings."""

from __future__ import annotations

import tomllib

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from consentry.platform.settings.positions import line_of, positions
from tests.platform.settings.texts import everything

KEYS = st.text("abAB-_ .\"'é#=[]", min_size=1, max_size=5)
VALUES = st.one_of(
    st.integers(-9, 9),
    st.booleans(),
    st.text("ab\"\\'#[]{}=\n", max_size=9),
    st.lists(st.text('a"]#', max_size=4), max_size=3),
    st.dictionaries(st.text("ab", min_size=1, max_size=2), st.integers(0, 9), min_size=1, max_size=2),
)
TABLES = st.dictionaries(KEYS, st.one_of(VALUES, st.lists(st.dictionaries(KEYS, VALUES, max_size=3), min_size=1, max_size=3)), max_size=5)


@given(st.dictionaries(KEYS, TABLES, max_size=4))
def test_the_line_of_every_key_is_where_it_is_written(document: dict[str, dict[str, object]]) -> None:
    text = tomlkit.dumps(document)
    lines = text.split("\n")
    found = positions(text)
    assert tomllib.loads(text) == document
    for path, line in found.items():
        name = next(part for part in reversed(path) if isinstance(part, str))
        written = tomlkit.key(name).as_string() if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii() else name
        assert written in lines[line - 1], (path, line)
    for table, content in document.items():
        if content:
            assert (table,) in {path[:1] for path in found}


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2", ("b",), 2),
        ("[a]\nb = 2", ("a", "b"), 2),
        ("[a.b]\nc = 1", ("a", "b", "c"), 2),
        ("[a]\nb.c = 1", ("a", "b", "c"), 2),
        ("[[a]]\nb = 1\n[[a]]\nb = 2", ("a", 1, "b"), 4),
        ("[[a]]\n[[a.b]]\n[[a.b]]\nc = 1\n[[a]]\n[[a.b]]\nc = 2", ("a", 1, "b", 0, "c"), 7),
        ("[[a]]\n[a.b]\nc = 1", ("a", 0, "b", "c"), 3),
        ('a = """\nb = 1\n"""\nb = 2', ("b",), 4),
        ("a = '''\nb = 1\n[c]'''\nb = 2", ("b",), 4),
        ("a = [\n  1, # ]\n  2,\n]\nb = 2", ("b",), 5),
        ("a = [\n '[',\n \"]\"\n]\nb = 2", ("b",), 5),
        ('a = "\\"[" # [\nb = 2', ("b",), 2),
        ('a = """x\\""" # \n[b]"""\nb = 2', ("b",), 3),
        ("# [a]\n# b = 1\n[ a ] # c\nb=1", ("a", "b"), 4),
        ("\"a b\" . 'c' = 1", ("a b", "c"), 1),
        ("[a]\nb = { c = 1 }", ("a", "b", "c"), 2),
        ("[a]\nb = [ { c = 1 } ]", ("a", "b", 0, "c"), 2),
        ("[a]\n", ("a", "b"), 1),
        ("[a]\n", ("c", "b"), None),
    ],
)
def test_a_key_or_the_nearest_thing_around_it_has_its_line(text: str, path: tuple[str | int, ...], line: int | None) -> None:
    assert line_of(path, positions(text)) == line


def test_every_key_of_the_template_has_a_line_of_its_own() -> None:
    text = everything()
    lines = text.split("\n")
    found = positions(text)
    named = [path for path in found if isinstance(path[-1], str)]
    assert len(named) > 80
    for path in named:
        assert str(path[-1]) in lines[found[path] - 1]
