"""What a form or a button of a page sends: names with their values. It comes from a browser, so nothing in it is trusted to be there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Answers"]


@dataclass(frozen=True, slots=True)
class Answers:
    """The values of each name, in the order of the form. Values may be secret, so none is shown by ``repr``."""

    values: Mapping[str, tuple[str, ...]] = field(repr=False)

    @classmethod
    def of(cls, fixed: Mapping[str, str], sent: Any = None) -> Answers:  # noqa: ANN401 - a browser can send anything
        """Join what the page fixed when it was drawn with what the browser sent; what the page fixed cannot be overruled."""
        given = {name: _texts(value) for name, value in sent.items() if isinstance(name, str)} if isinstance(sent, dict) else {}
        return cls({**given, **{name: (value,) for name, value in fixed.items()}})

    def one(self, name: str) -> str:
        """Return the value of ``name``, empty where it was left out."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Return all values of ``name``, such as those of boxes that were ticked."""
        return self.values.get(name, ())

    def need(self, name: str) -> str:
        """Return the value of ``name``.

        Raises:
            InputError: ``form.empty``: it is missing.
        """
        value = self.one(name).strip()
        if not value:
            raise InputError("form.empty", name, "this is still empty", "Fill it in.")
        return value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
