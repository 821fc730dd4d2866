"""Time stamps of an outside authority on checkpoints (RFC 3161): they prove that a checkpoint existed by then, whatever the site's clock said.

Needs the extra ``timestamp`` (rfc3161-client), which parses and verifies; the exchange itself is one HTTP request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
from cryptography.x509 import load_pem_x509_certificates

from consentry.ledger.checkpoints import TIMESTAMP_KIND, attest, sign
from consentry.ledger.rules.notes import read_checkpoint
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import InputError, MissingPartError, ProofError

if TYPE_CHECKING:
    from datetime import datetime
    from types import ModuleType

    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["stamp", "verify_stamp"]

_TIMEOUT_S = 30.0
_QUERY = "application/timestamp-query"


@permits(Permission.EDIT_SETTINGS)
def stamp(site: Site, actor: Actor, authority: str, roots: bytes, client: httpx.Client | None = None) -> tuple[str, bytes]:  # noqa: ARG001 - permits checks the actor
    """Sign a checkpoint, have ``authority`` stamp it, keep the token; return the checkpoint's text and the token (DER).

    Args:
        site: The site.
        actor: Who asks.
        authority: The address of a time-stamping authority.
        roots: The certificates (PEM) to which the authority's must lead.
        client: What sends the request; a new one where none is given.

    Raises:
        MissingPartError: ``timestamp.missing``.
        ProofError: ``timestamp.refused`` where the authority's answer is none, or not about this checkpoint.
    """
    library = _library()
    with site.database.transaction() as session:
        text = sign(session, site).text
    request = library.TimestampRequestBuilder().data(text.encode()).hash_algorithm(library.HashAlgorithm.SHA256).build()
    token = _asked(client or httpx.Client(timeout=_TIMEOUT_S), authority, request.as_bytes())
    verify_stamp(text, token, roots, nonce=request.nonce)
    with site.database.transaction() as session:
        attest(session, site, read_checkpoint(text).size, TIMESTAMP_KIND, token)
    return text, token


def verify_stamp(text: str, token: bytes, roots: bytes, *, nonce: int | None = None) -> datetime:
    """Return when an authority that leads to ``roots`` (PEM) saw the checkpoint ``text``.

    Raises:
        MissingPartError: ``timestamp.missing``.
        InputError: ``timestamp.roots`` where ``roots`` holds no certificate.
        ProofError: ``timestamp.refused``.
    """
    library = _library()
    builder = library.VerifierBuilder() if nonce is None else library.VerifierBuilder().nonce(nonce)
    for certificate in _certificates(roots):
        builder = builder.add_root_certificate(certificate)
    try:
        response = library.decode_timestamp_response(token)
        builder.build().verify_message(response, text.encode())
    except (ValueError, library.VerificationError) as error:
        raise _refused(str(error)) from error
    found: datetime = response.tst_info.gen_time
    return found


def _library() -> ModuleType:
    try:
        import rfc3161_client  # noqa: PLC0415 - an optional part
    except ImportError as error:
        mend = "Install it: pip install 'consentry[timestamp]'"
        raise MissingPartError("timestamp.missing", "rfc3161-client", "the package for time stamps is not installed", mend) from error
    return rfc3161_client


def _asked(client: httpx.Client, authority: str, query: bytes) -> bytes:
    try:
        with client:
            answer = client.post(authority, content=query, headers={"content-type": _QUERY}).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _refused(f"{authority}: {str(error) or type(error).__name__}") from error
    return answer.content


def _certificates(roots: bytes) -> list[object]:
    try:
        return list(load_pem_x509_certificates(roots))
    except ValueError as error:
        raise InputError("timestamp.roots", "certificates", "there is no certificate in PEM form", "Give the authority's root certificate.") from error


def _refused(problem: str) -> ProofError:
    return ProofError("timestamp.refused", "time stamp", problem.rstrip("."), "Check the authority's address and certificates.")
