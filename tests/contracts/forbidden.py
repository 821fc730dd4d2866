"""Words for what must never exist in the code, and where to look for them.

The rules F1 to F22 are those of docs/privacy.md. Names are looked at, not prose: a docstring may say what is absent.
"""

from __future__ import annotations

import ast
import re
import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Each pattern is matched against a name written as _lower_case_words_ with an underscore at both ends.
FORBIDDEN = {
    "F1 capture without a sign": "covert|unmarked_camera|no_sign|hidden_(camera|capture)",
    "F2 hiding from inspectors": "stealth|inspection_mode|hide_from|panic_(mode|switch)",
    "F3 tags on people": "journalists?|complainers?|person_tags?|free_tags?",
    "F4 ethnicity, religion, nationality": "ethnic|ethnicit(y|ies)|racial|religions?|religious|nationalit(y|ies)|skin_(tone|colou?r)",
    "F5 kinship and companions": "kinship|relatives|companions?|co_?presence|seen_with|accomplices?",
    "F6 trade in faces": "bulk_export|export_(faces|templates|gallery)|sell_\\w+",
    "F7 face as the only way": "face_only|only_face",
    "F8 emotion and attention": "emotions?|moods?|sentiments?|attention_score|gaze|facial_expressions?",
    "F9 age, sex, looks, wealth": "genders?|sex|age_(group|estimat\\w+|predict\\w+|classif\\w+|range)|(estimat|predict|classif)\\w*_age|attractiveness|wealth",
    "F10 matching everyone": "match_everyone|identify_all|open_camera_(match|identify)\\w*|ephemeral_templates?",
    "F11 re-identification": "re_?id|reidentif\\w+|re_identif\\w+|gait|clothing|appearance_(features?|embeddings?|model)",
    "F12 history across sites": "cross_(site|store|brand)\\w*|global_(visitor|person)_id",
    "F13 price by person": "(personal|dynamic)_pric(e|es|ing)|price_for_person",
    "F14 forced consent": "consent_(reward|bundle|forever|nag)\\w*|accept_all",
    "F15 cameras where people undress": "fitting_rooms?|toilets?|nursing_rooms?",
    "F16 lists of people": "(black|watch|vip|deny)_?lists?",
    "F17 training on visitors": "fine_?tun\\w+|train_on_\\w+|training_(frames|crops|images)",
    "F18 staff by camera": "productivity|time_?keeping|staff_(ranking|score)|idle_staff",
    "F19 cloud upload": "cloud_upload|upload_(frames?|faces?|video)",
    "F20 scraping": "scrap(e|er|ing)_\\w+|social_media|import_photos",
    "F21 phone probing": "mac_address(es)?|wi_?fi_\\w+|probe_requests?|imsi|bluetooth_\\w+",
    "F22 children": "(child|minor)_(enrol|face|template)\\w*",
}
PATTERNS = {rule: re.compile(f"_(?:{words})_") for rule, words in FORBIDDEN.items()}


def broken_rules(name: str) -> list[str]:
    """Return the rules that ``name`` (of a module, class, function, parameter, option or model) breaks."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name).strip("_").lower()
    return [rule for rule, pattern in PATTERNS.items() if pattern.search(f"_{words}_")]


def names_in_code(code: str) -> Iterator[str]:
    """Yield every name that Python ``code`` defines, and every string in it that is an option or a route."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"(--|/)[\w/{}-]+", node.value):
            yield node.value


def names_in_manifest(text: str) -> Iterator[str]:
    """Yield every key and every short value (a name, a task, a head) of a TOML ``text``."""
    pending: list[object] = [tomllib.loads(text)]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            yield from item
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, str) and re.fullmatch(r"[\w.-]+", item):
            yield item


def names_under(source: Path) -> Iterator[tuple[str, str]]:
    """Yield (file, name) for all code and model manifests under ``source``."""
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source).as_posix()
        if path.suffix == ".py":
            yield relative, relative.removesuffix(".py")
            yield from ((relative, name) for name in names_in_code(path.read_text(encoding="utf-8")))
        elif path.suffix == ".toml":
            yield from ((relative, name) for name in names_in_manifest(path.read_text(encoding="utf-8")))
