"""Forms edit the settings file and leave everything else in it as it was."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.console.settings_text import edited, form_entries, shown_value, shown_values

TEXT = """\
# The shop by the river.
[site]
id = "shop"  # never changes
name = { zh = "店", en = "Shop" }
zone = "Asia/Shanghai"
controller = "Demo Ltd"
contact = "+86 000"

[web]
port = 8000 # the usual one
names = ["shop.lan"]
"""


@pytest.mark.parametrize(
    ("part", "given_", "path", "value"),
    [
        ("site", {"site.contact": "desk"}, ("site", "contact"), "desk"),
        ("site", {"site.name.en": "River shop"}, ("site", "name"), {"zh": "店", "en": "River shop"}),
        ("site", {"site.controller.zh": "示范公司"}, ("site", "controller"), {"zh": "示范公司", "en": "Demo Ltd"}),
        ("web", {"web.port": "8443"}, ("web", "port"), 8443),
        ("web", {"web.port": "many"}, ("web", "port"), "many"),
        ("web", {"web.names": "a.lan\n\n b.lan "}, ("web", "names"), ["a.lan", "b.lan"]),
        ("web", {"web.names": ""}, ("web", "names"), None),
        ("web", {"web.tls.mode": "local-authority"}, ("web", "tls"), {"mode": "local-authority"}),
        ("processes", {"processes.one_user": "true"}, ("processes", "one_user"), True),
        ("processes", {"processes.one_user": ""}, ("processes",), None),
        ("retention", {"retention.heat": "30 days"}, ("retention", "heat"), "30 days"),
    ],
)
def test_a_form_changes_what_it_says(part: str, given_: dict[str, str], path: tuple[str, ...], value: object) -> None:
    found: object = tomllib.loads(edited(TEXT, part, given_))
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    assert found == value


def test_comments_and_all_other_keys_stay() -> None:
    changed = edited(TEXT, "web", {"web.port": "8443"})
    assert changed == TEXT.replace("port = 8000", "port = 8443")


@given(st.sampled_from(sorted(form_entries())))
def test_a_form_that_was_not_touched_changes_nothing(part: str) -> None:
    document = tomllib.loads(TEXT)
    given_ = {name: value for entry in form_entries()[part] for name, value in shown_values(document, entry).items()}
    assert edited(TEXT, part, given_) == TEXT


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40))
def test_whatever_is_typed_into_a_form_stays_inside_its_value(typed: str) -> None:
    changed = tomllib.loads(edited(TEXT, "site", {"site.contact": typed}))
    assert changed["site"].get("contact", "") == typed.strip()
    assert changed["web"] == {"port": 8000, "names": ["shop.lan"]}


@pytest.mark.parametrize(("value", "shown"), [(None, ""), (False, ""), (True, "true"), (0, "0"), ("x", "x"), (["a", "b"], "a\nb"), ([], "")])
def test_a_value_is_shown_as_a_form_holds_it(value: object, shown: str) -> None:
    assert shown_value(value) == shown


def test_lists_of_tables_are_not_edited_by_forms() -> None:
    assert all("[]" not in entry.path for part in form_entries().values() for entry in part)
    assert "camera" not in form_entries()
