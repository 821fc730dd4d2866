"""``/public/copies``: everything that is held about oneself, for whoever holds the receipt. It stands above every part that holds something."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from consentry.access.service import copies
from consentry.consent.api.shapes import SecretIn
from consentry.platform.http.router import PUBLIC, ApiRouter, SiteDep

__all__ = ["router"]

router = ApiRouter(prefix="/public", tag="public")


@router.post("/copies", permission=PUBLIC)
def read_own_copy(site: SiteDep, body: SecretIn, response: Response) -> dict[str, Any]:
    """Return what is held under a receipt (PIPL 45): consents, requests, when and where one was recognised, what one's face did at doors.

    Of where one was, nothing while the consent rests or after it ended with a lost receipt, and nothing from after its end: ``movements_until``.
    """
    response.headers["Cache-Control"] = "no-store"
    return copies.copy_of(site, body.secret)
