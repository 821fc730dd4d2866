"""The first ``site.toml`` of a site: every key with its description above it; what was not answered stands there as a comment."""

from __future__ import annotations

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

import tomlkit

from consentry.platform.settings.fields import entries, tables
from consentry.platform.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from consentry.platform.settings.fields import FieldEntry

__all__ = ["new_settings_text"]

_WIDTH = 110
_HEAD = """\
## The settings of a site. Lines with ## explain; lines with one # are keys that are not used: take the # away to use one.
## `consentry config check` says what is wrong, `config diff` what a change takes, `config apply` puts the file in force.
## Passwords never stand here: each is a file in the folder secrets of the keys.
"""
_EXAMPLES: Mapping[str, object] = {
    "site.hours.monday": ["09:00-21:00"],
    "database.url": "postgresql+psycopg://consentry@localhost/consentry",
    "web.tls.files.certificate": "server.crt",
    "web.tls.files.key": "server.key",
    "web.tls.acme.contact": "it@example.com",
    "web.tls.acme.roots": "authority.pem",
    "alarms.email.host": "mail.example.com",
    "alarms.email.from": "consentry@example.com",
    "alarms.email.to": ["manager@example.com"],
    "alarms.email.user": "consentry@example.com",
    "alarms.webhook.url": "https://example.com/alarms",
    "camera[].id": "door",
    "camera[].name": {"zh": "大门", "en": "Main door"},
    "camera[].source": "rtsp://viewer:{secret}@192.0.2.10/stream",
    "camera[].zone_type": "entrance",
    "camera[].basis": "anonymous-counting",
    "camera[].secondary_use.document": "records/second-use.pdf",
    "camera[].secondary_use.necessity": "No sensor can hang over this door.",
    "camera[].secondary_use.signed_by": "Data-protection officer",
    "camera[].secondary_use.signed_on": "2026-01-31",
    "camera[].sign.text": {"zh": "此处统计人数，不识别任何人。", "en": "People are counted here; nobody is recognised."},
    "camera[].sign.place": "Left of the door, at eye level",
    "camera[].sign.photo": "signs/door.jpg",
    "camera[].sign.placed_on": "2026-01-31",
    "camera[].retention": "730 days",
    "camera[].region": [0, 0, 1920, 1080],
    "camera[].line[].id": "main",
    "camera[].line[].name": {"zh": "门口", "en": "Doorway"},
    "camera[].line[].from": [200, 600],
    "camera[].line[].to": [1700, 600],
    "camera[].area[].id": "shelf",
    "camera[].area[].name": {"zh": "货架", "en": "Shelf"},
    "camera[].area[].corners": [[0, 0], [400, 0], [400, 400]],
    "recognition.calibration": "calibration.json",
    "purpose[].id": "door_access",
    "purpose[].retention": "180 days",
    "purpose[].validity": "365 days",
    "purpose[].alternatives": ["card", "pin", "qr"],
    "station[].id": "gate",
    "station[].name": {"zh": "南门平板", "en": "Tablet at the south gate"},
    "station[].purposes": ["door_access"],
    "project[].id": "riverside",
    "project[].name": {"zh": "滨江一期", "en": "Riverside, phase one"},
    "project[].rulebook": "rulebook.toml",
    "project[].entrance_lines": ["door/main"],
    "door[].id": "gate",
    "door[].name": {"zh": "南门", "en": "South gate"},
    "door[].readers": ["card", "pin", "qr", "face"],
    "door[].free_exit": "button",
    "door[].station": "gate",
    "access.unit_digits": 4,
    "accuracy[].camera": "door",
    "accuracy[].line": "main",
    "accuracy[].measured_on": "2026-01-31",
    "accuracy[].detector": "rtmdet",
    "accuracy[].crossings": 400,
    "accuracy[].error_percent": -1.5,
    "accuracy[].low": -3.2,
    "accuracy[].high": 0.4,
}
_DAYS = {"camera[].secondary_use.signed_on", "camera[].sign.placed_on", "accuracy[].measured_on"}


def new_settings_text(answers: Mapping[str, object]) -> str:
    """Return the text of a settings file with ``answers`` (by dotted path) in force and all other keys as comments."""
    unknown = answers.keys() - {entry.path for entry in entries(Settings)}
    if unknown:
        msg = f"not keys of the settings: {sorted(unknown)}"
        raise KeyError(msg)
    described = dict(tables(Settings))
    groups = groupby(entries(Settings), key=_table)
    return _HEAD + "".join(f"{line}\n" for table, members in groups for line in _written(table, described[table], list(members), answers))


def _table(entry: FieldEntry) -> str:
    return entry.path.rpartition(".")[0]


def _written(table: str, description: str, keys: Sequence[FieldEntry], answers: Mapping[str, object]) -> Iterator[str]:
    used = any(entry.path in answers for entry in keys)
    name = table.replace("[]", "")
    header = f"[[{name}]]" if table.endswith("[]") else f"[{name}]"
    yield ""
    yield from _comment(description)
    yield header if used else f"# {header}"
    for entry in keys:
        yield from _comment(entry.description)
        yield from _key(entry, answers)


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="## ", subsequent_indent="## ", break_on_hyphens=False, break_long_words=False)


def _key(entry: FieldEntry, answers: Mapping[str, object]) -> Iterator[str]:
    name = entry.path.rpartition(".")[2]
    if entry.path in answers:
        yield f"{name} = {_value(answers[entry.path])}"
    else:
        example = _EXAMPLES.get(entry.path, entry.default)
        yield f"# {name} = {example if entry.path in _DAYS else _value(example)}"


def _value(value: object) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_value(inner)}' for key, inner in value.items())} }}"
    return tomlkit.item(value).as_string()
