"""HTTP of consent: for visitors without sign-in, and for staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.consent.api.staff import routers as staff_routers
from consentry.consent.api.visitors import router as public_router

if TYPE_CHECKING:
    from consentry.platform.http.router import ApiRouter

__all__ = ["routers"]

routers: tuple[ApiRouter, ...] = (public_router, *staff_routers)
"""Served under ``/api/v1``."""
