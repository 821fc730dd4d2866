"""What changed between two versions of the settings, key by key, and what each change takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import BaseModel

from consentry.platform.settings.fields import Effect, effect_of, is_sensitive, key_of, part_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from consentry.platform.settings.model import Settings

__all__ = ["Change", "diff"]

_ORDER = tuple(Effect)


@dataclass(frozen=True, slots=True)
class Change:
    """A changed value: ``path`` such as ``camera.door.source``; ``old`` or ``new`` is None where it was or is absent.

    Values are as in the file. A ``sensitive`` one may tell an address or an account: it is shown to administrators only and never
    written to the ledger. A part that came or went, such as a camera, is one change.
    """

    path: str
    old: object = field(repr=False)
    new: object = field(repr=False)
    effect: Effect
    sensitive: bool = False


def diff(old: Settings, new: Settings) -> list[Change]:
    """Return the changes from ``old`` to ``new`` in the order of the file; cameras, lines and areas are told apart by their ids."""
    return list(_in_part(old, new, "", Effect.LIVE))


def _in_part(old: BaseModel, new: BaseModel, prefix: str, effect: Effect) -> Iterator[Change]:
    before, after = _as_written(old), _as_written(new)
    for name, info in type(new).model_fields.items():
        key, own = key_of(name, info), effect_of(info, effect)
        earlier, later = getattr(old, name), getattr(new, name)
        if earlier == later:
            continue
        if part_in(info.annotation) is None:
            yield Change(f"{prefix}{key}", before[key], after[key], own, is_sensitive(info))
        else:
            yield from _in_tables(earlier, later, f"{prefix}{key}", own)


def _in_tables(old: object, new: object, path: str, effect: Effect) -> Iterator[Change]:
    if isinstance(old, BaseModel) and isinstance(new, BaseModel):
        yield from _in_part(old, new, f"{path}.", effect)
    elif isinstance(old, tuple) or isinstance(new, tuple):
        yield from _in_members(_members(old), _members(new), path, effect)
    else:
        yield _part_change(old, new, path, effect)


def _in_members(old: dict[str, BaseModel], new: dict[str, BaseModel], path: str, effect: Effect) -> Iterator[Change]:
    for name in {**old, **new}:
        before, after = old.get(name), new.get(name)
        if before is not None and after is not None:
            yield from _in_part(before, after, f"{path}.{name}.", effect)
        else:
            yield _part_change(before, after, f"{path}.{name}", effect)


def _members(value: object) -> dict[str, BaseModel]:
    """Return the tables of an array by their ids, or by their places where they have none."""
    parts = [part for part in value if isinstance(part, BaseModel)] if isinstance(value, tuple) else []
    return {str(getattr(part, "id", place)): part for place, part in enumerate(parts)}


def _part_change(old: object, new: object, path: str, effect: Effect) -> Change:
    part = new if isinstance(new, BaseModel) else old
    infos = list(_fields(type(part), effect)) if isinstance(part, BaseModel) else []
    strongest = max((own for _, own in infos), key=_ORDER.index, default=effect)
    return Change(path, _shown_part(old), _shown_part(new), strongest, any(is_sensitive(info) for info, _ in infos))


def _fields(model: type[BaseModel], effect: Effect) -> Iterator[tuple[FieldInfo, Effect]]:
    for info in model.model_fields.values():
        own = effect_of(info, effect)
        yield info, own
        inner = part_in(info.annotation)
        if inner is not None:
            yield from _fields(inner, own)


def _shown_part(part: object) -> object:
    return _as_written(part) if isinstance(part, BaseModel) else None


def _as_written(part: BaseModel) -> dict[str, object]:
    return part.model_dump(mode="json", by_alias=True)
