"""No module, class, function, option, route or model is named after a feature that must never exist (rules F1 to F22)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.contracts.forbidden import FORBIDDEN, broken_rules, names_in_code, names_in_manifest, names_under

ROOT = Path(__file__).resolve().parents[2]


def test_nothing_in_the_tree_is_named_after_a_forbidden_feature() -> None:
    found = [(file, name, rules) for file, name in names_under(ROOT / "src") if (rules := broken_rules(name))]
    assert found == []


def test_every_rule_of_the_privacy_page_has_its_words() -> None:
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    stated = set(re.findall(r"^\| (F\d+) ", page, re.MULTILINE))
    assert stated == {rule.split()[0] for rule in FORBIDDEN} == {f"F{number}" for number in range(1, 23)}


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("consentry/vision/emotion.py".removesuffix(".py"), "F8"),
        ("EmotionClassifier", "F8"),
        ("predict_gender", "F9"),
        ("ageEstimator", "F9"),
        ("estimate_age", "F9"),
        ("ethnicity", "F4"),
        ("--watchlist", "F16"),
        ("BlackList", "F16"),
        ("--stealth", "F2"),
        ("covert_capture", "F1"),
        ("person_reid", "F11"),
        ("ReIdModel", "F11"),
        ("appearance_embedding", "F11"),
        ("/api/v1/people/{id}/companions", "F5"),
        ("crossSiteHistory", "F12"),
        ("person-reidentification-retail-0277", "F11"),
        ("wifi_probe_scanner", "F21"),
        ("face_only_door", "F7"),
    ],
)
def test_a_forbidden_name_is_recognised(name: str, rule: str) -> None:
    assert rule in {broken.split()[0] for broken in broken_rules(name)}


@pytest.mark.parametrize(
    "name",
    ["age", "track_age", "image", "message", "storage", "probe", "identity_matrix", "residual", "grid", "trained_on", "cross", "crossings", "price", "list"],
)
def test_an_innocent_name_is_left_alone(name: str) -> None:
    assert broken_rules(name) == []


def test_names_are_found_wherever_code_can_define_them() -> None:
    code = "class A:\n    def b(self, c, *, d): e = 1\nf: int = 2\noption('--g-h')\nroute('/i/{j}')\ntext = 'emotion is absent'"
    assert set(names_in_code(code)) == {"A", "b", "self", "c", "d", "e", "f", "--g-h", "/i/{j}", "text"}


def test_names_are_found_wherever_a_manifest_can_state_them() -> None:
    text = '[[model]]\nname = "rtmdet"\ntask = "person-detection"\nnote = "no emotion here"\nheads = [{ output = "boxes" }]'
    assert set(names_in_manifest(text)) == {"model", "name", "rtmdet", "task", "person-detection", "note", "heads", "output", "boxes"}
