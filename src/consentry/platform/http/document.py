"""The OpenAPI 3.1 document of the interface for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from consentry import __version__
from consentry.platform.http.access import PUBLIC
from consentry.platform.http.problems import SCHEMAS, Problem
from consentry.platform.http.router import PERMISSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

__all__ = ["API_ROOT", "DESCRIPTION", "describe"]

API_ROOT = "/api/v1"

DESCRIPTION = """Figures, cameras, alarms, ledger and staff of one site.

Errors are `application/problem+json` (RFC 9457) with a stable `type` and a `mend`. Lists come in pages: send `next` back as `cursor`. Every GET
has an `ETag`. A POST of a signed-in caller can be repeated safely with an `Idempotency-Key`. `x-permission` names what a caller must hold."""

_SCHEMES = {
    "apiKey": {"type": "http", "scheme": "bearer", "description": "An API key of the site, shown once when it is made."},
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-consentry", "description": "A signed-in browser; changes from the same origin only."},
}


def describe(api: FastAPI) -> dict[str, Any]:
    """Return the document of ``api``, made once: every operation says who may call it."""
    if api.openapi_schema is None:
        document = get_openapi(title="Consentry", version=__version__, description=DESCRIPTION, routes=api.routes, servers=[{"url": API_ROOT}])
        components = document.setdefault("components", {})
        components["securitySchemes"] = _SCHEMES
        problem = Problem.model_json_schema(ref_template=f"{SCHEMAS}{{model}}")
        components.setdefault("schemas", {}).update({**problem.pop("$defs"), "Problem": problem})
        for operation in _operations(document):
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = _sendable(parameter["schema"])
            operation["security"] = [] if operation[PERMISSION] == PUBLIC.value else [{"apiKey": []}, {"session": []}]
        api.openapi_schema = document
    return api.openapi_schema


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document.get("paths", {}).values():
        yield from path.values()


def _sendable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter's schema without null, which no address and no header can carry: what is optional is left out."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    if len(kinds) != 1:
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**rest, **kinds[0]}
