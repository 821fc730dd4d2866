"""Writes ``phone.json``: what a telephone must sign and show, for its page in JavaScript to be held to. ``python -m tests.access.proofs.vectors``."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key

from consentry.access.passes import PhonePass, issue_phone_pass, phone_code, step_at
from tests.access.proofs.house import DAY, NOW, SITE, holder_point, issuer, public_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

__all__ = ["PATH", "vectors"]

PATH = Path(__file__).with_name("phone.json")
ISSUER = issuer(2, 7)
SHOWN = [("pass-1", 12345, "gate", None), ("0198c0de-0000-7000-8000-000000000001", 2**200 + 7, "north-lobby", ("north-lobby", "gate")), ("p", 3, "a", None)]


def vectors() -> dict[str, Any]:
    """Return the document; only its ECDSA signatures differ from one time to the next."""
    return {"site": SITE, "issuer": {"kid": ISSUER.kid, "public_key": public_key(ISSUER).public_key}, "codes": [_vector(*one) for one in SHOWN]}


def _vector(name: str, number: int, door: str, doors: tuple[str, ...] | None) -> dict[str, Any]:
    holder = derive_private_key(number, SECP256R1())
    issued = issue_phone_pass(ISSUER, PhonePass(SITE, name, holder_point(holder), NOW - DAY, NOW + DAY, doors))
    step = step_at(NOW)
    return {
        "issued": issued,
        "pass": name,
        "holder": _jwk(holder),
        "door": door,
        "unix_ms": int(NOW.timestamp() * 1000),
        "step": step,
        "signed_text": f"consentry/door/v1\n{name}\n{door}\n{step}",
        "code": phone_code(issued, name, holder, door, step),
    }


def _jwk(holder: EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = holder.private_numbers()
    point = {"x": numbers.public_numbers.x, "y": numbers.public_numbers.y, "d": numbers.private_value}
    return {"kty": "EC", "crv": "P-256", **{name: base64.urlsafe_b64encode(value.to_bytes(32, "big")).rstrip(b"=").decode() for name, value in point.items()}}


if __name__ == "__main__":
    PATH.write_text(json.dumps(vectors(), indent=1) + "\n", encoding="utf-8")
