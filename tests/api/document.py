"""The OpenAPI document of the application as it is now, and the snapshot that it is compared with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from consentry.cli.web_app import slice_routers
from consentry.platform.http.document import describe

SNAPSHOT = Path(__file__).with_name("openapi.json")


def document() -> dict[str, Any]:
    """Return the document; it needs no site."""
    api = FastAPI(openapi_url=None)
    for router in slice_routers():
        api.include_router(router)
    return describe(api)


def as_text(found: dict[str, Any]) -> str:
    """Return the document as the snapshot keeps it; the release is left out, because it changes without the interface."""
    found = {**found, "info": {**found["info"], "version": "0"}}
    return json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
