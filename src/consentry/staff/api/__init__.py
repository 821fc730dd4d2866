"""Staff over HTTP: signing in, accounts, API keys, and who sends a request."""

from __future__ import annotations

from consentry.staff.api.accounts import router as accounts_router
from consentry.staff.api.api_keys import router as api_keys_router
from consentry.staff.api.cookies import authenticate, session_token
from consentry.staff.api.own_account import router as own_account_router
from consentry.staff.api.sign_in import router as sign_in_router

__all__ = ["authenticate", "routers", "session_token"]

routers = (sign_in_router, own_account_router, accounts_router, api_keys_router)
"""The routers of staff, to be served under ``/api/v1``."""
