"""Letting the browser speak to a security key (WebAuthn level 3, the JSON forms of its options and answers)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, Literal

from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from consentry.console.screen import Screen

__all__ = ["ask_security_key"]

PATIENCE_S: Final = 120.0

# toJSON and parse…FromJSON are missing in older browsers; then the reader is told, and another way is open.
_SCRIPTS: Final = {
    "get": "publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options)",
    "create": "publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options)",
}


async def ask_security_key(screen: Screen, method: Literal["get", "create"], options: str) -> str:
    """Return the answer of a security key as JSON text.

    Raises:
        InputError: ``security-key.unanswered``: the browser has no such thing, or nobody touched the key.
    """
    code = f"""
      try {{
        const options = {options};
        const credential = await navigator.credentials.{method}({{ {_SCRIPTS[method]} }});
        return JSON.stringify(credential.toJSON());
      }} catch (error) {{ return ""; }}
    """
    answer = await screen.client.run_javascript(code, timeout=PATIENCE_S)
    if not isinstance(answer, str) or not answer or not json.loads(answer):
        mend = "Touch the key when it blinks, or use another way. The page must be open under the site's name over TLS, or on this machine."
        raise InputError("security-key.unanswered", "security key", "it gave no answer", mend)
    return answer
