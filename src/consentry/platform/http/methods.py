"""Which methods a resource has: what the header ``Allow`` of a 405 must list, all of them (RFC 9110 section 10.2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.routing import iter_route_contexts
from starlette.routing import Match

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute
    from starlette.types import Scope

__all__ = ["allowed_methods"]


def allowed_methods(routes: Sequence[BaseRoute], scope: Scope) -> list[str]:
    """Return the methods of the resource at the scope's path, sorted.

    Several routes share a path; where a fixed path and one with parameters fit, the fixed one is the resource, as in OpenAPI.
    """
    methods: dict[str, set[str]] = {}
    for route in iter_route_contexts(routes):
        if route.path is not None and route.methods and route.matches(dict(scope))[0] is not Match.NONE:
            methods.setdefault(route.path, set()).update(route.methods)
    path = min(methods, key=lambda found: found.count("{"), default=None)
    return sorted(methods[path]) if path is not None else []
