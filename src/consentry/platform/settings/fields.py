"""What each key of the settings is: its dotted path, description, default, and what a change of it takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import BaseModel, TypeAdapter

from consentry.platform.settings.values import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.config import JsonDict
    from pydantic.fields import FieldInfo

__all__ = ["RESTARTS", "RESTARTS_CAMERA", "SENSITIVE", "Effect", "FieldEntry", "effect_of", "entries", "is_sensitive", "key_of", "part_in", "tables"]


class Effect(StrEnum):
    """What a changed value takes before it is in force, from least to most."""

    LIVE = "live"
    CAMERA_RESTART = "camera-restart"
    RESTART = "restart"


# What a field says of itself beyond its type and description; a part inside a part takes over what its own fields do not say.
RESTARTS_CAMERA: JsonDict = {"effect": Effect.CAMERA_RESTART}
RESTARTS: JsonDict = {"effect": Effect.RESTART}
SENSITIVE: JsonDict = {"sensitive": True}


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """A key as documents and forms show it. ``path`` is ``camera[].line[].from``: one entry stands for every camera.

    ``kind`` is its JSON schema; ``default`` is as in the file, None where there is none.
    """

    path: str
    description: str
    kind: JsonDict
    default: object
    required: bool
    effect: Effect
    sensitive: bool


def key_of(name: str, info: FieldInfo) -> str:
    """Return the key under which a field stands in the file."""
    return info.alias or name


def effect_of(info: FieldInfo, around: Effect) -> Effect:
    """Return what a change of the field takes; ``around`` is that of the part that holds it."""
    return Effect(str(_said(info).get("effect", around)))


def is_sensitive(info: FieldInfo) -> bool:
    """Tell whether the value may tell an address or an account."""
    return bool(_said(info).get("sensitive"))


def part_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - a type is written in many ways
    """Return the table that a field holds, one or many of, or None where it holds a plain value."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := part_in(part)) is not None), None)


def entries(model: type[BaseModel], prefix: str = "", effect: Effect = Effect.LIVE) -> Iterator[FieldEntry]:
    """Yield every key of the settings in the order of the file: a table's own keys, then those of the tables in it."""
    schemas = model.model_json_schema(by_alias=True)
    for name, info in model.model_fields.items():
        if _table_of(info) is None:
            key = key_of(name, info)
            kind = _resolved(schemas["properties"][key], schemas)
            description = info.description or ""
            yield FieldEntry(f"{prefix}{key}", description, kind, _default(info), info.is_required(), effect_of(info, effect), is_sensitive(info))
    for name, info in model.model_fields.items():
        inner = _table_of(info)
        if inner is not None:
            yield from entries(inner, f"{_table_path(prefix, name, info)}.", effect_of(info, effect))


def tables(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield path and description of every table of the settings, as ``camera[].line[]``."""
    for name, info in model.model_fields.items():
        inner = _table_of(info)
        if inner is not None:
            path = _table_path(prefix, name, info)
            yield path, info.description or ""
            yield from tables(inner, f"{path}.")


def _table_of(info: FieldInfo) -> type[BaseModel] | None:
    """Return the table of a field, or None for a plain value; words in two languages are one value."""
    inner = part_in(info.annotation)
    return None if inner is None or issubclass(inner, Text) else inner


def _table_path(prefix: str, name: str, info: FieldInfo) -> str:
    many = getattr(info.annotation, "__origin__", None) is tuple
    return f"{prefix}{key_of(name, info)}{'[]' if many else ''}"


def _default(info: FieldInfo) -> object:
    """Return a field's default as it stands in the file."""
    if info.is_required() or info.default is None:
        return None
    annotation: Any = info.annotation
    adapter: TypeAdapter[object] = TypeAdapter(Annotated[(annotation, *info.metadata)] if info.metadata else annotation)
    return adapter.dump_python(info.default, mode="json")


def _said(info: FieldInfo) -> JsonDict:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


def _resolved(schema: JsonDict, schemas: dict[str, Any]) -> JsonDict:
    """Return a field's schema with the definition it refers to written out."""
    options = schema.get("anyOf")
    if isinstance(options, list) and options and isinstance(options[0], dict):
        return _resolved({**schema, **options[0], "anyOf": None}, schemas)
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    definition = schemas.get("$defs", {}).get(name, {})
    return {**definition, **{key: value for key, value in schema.items() if key != "$ref" and value is not None}}
