"""Errors as documents: ``application/problem+json`` (RFC 9457), with a ``mend`` that says what to do.

``type`` is a URN made of the error's stable code, such as ``urn:consentry:error:camera.unknown``. ``instance`` is a URN of the request, which the
log names too, so that a reader of the log finds what the caller saw. A defect of the server shows nothing of its inside, and its troubles, such as
a database that cannot be reached, nothing to strangers.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from math import ceil
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from consentry.platform.errors import ConsentryError, RecordsError, SignInError, TooManyError
from consentry.platform.http.methods import allowed_methods

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

__all__ = ["ANSWER", "MEDIA_TYPE", "REQUEST_ID", "SCHEMAS", "FieldProblem", "Problem", "answer_problems", "http_problem", "problem_response"]

MEDIA_TYPE = "application/problem+json"
SCHEMAS = "#/components/schemas/"
"""Where the OpenAPI document keeps its schemas."""

ANSWER = {"description": "What went wrong, and how to mend it.", "content": {MEDIA_TYPE: {"schema": {"$ref": f"{SCHEMAS}Problem"}}}}
"""How the OpenAPI document tells of a problem."""

RETRY_AFTER_S = 5
"""How long a caller should wait for records that are briefly not to be had."""

REQUEST_ID = "consentry.request"
"""The key of the ASGI scope that holds the number of the request (``consentry.platform.http.observation``)."""

log = logging.getLogger(__name__)


class FieldProblem(BaseModel):
    """What is wrong with one part of a request."""

    field: str = Field(description="Where it stands: body, query, path or header, then the names, joined by dots.")
    problem: str = Field(description="What is wrong with it.")


class Problem(BaseModel):
    """Why a request was not carried out (RFC 9457)."""

    type: str = Field(description="urn:consentry:error: and the error's stable code.")
    title: str = Field(description="The meaning of the status.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong, and with what.")
    mend: str = Field(description="What to do about it.")
    instance: str = Field(description="urn:consentry:request: and the number of the request, which the server's log names too.")
    errors: list[FieldProblem] | None = Field(default=None, description="Each part of the request that cannot be used.")


@dataclass(frozen=True, slots=True)
class _Told:
    """What the caller is told: what is wrong, how to mend it, and which fields are concerned."""

    detail: str
    mend: str
    errors: list[FieldProblem] | None = None


# Code and mend of what HTTP itself refuses; the phrases of http.HTTPStatus differ between releases of Python.
_PLAIN = {
    400: ("http.bad-request", "Send a request that follows HTTP and the document at /api/v1/openapi.json."),
    404: ("http.not-found", "Check the address; /api/v1/openapi.json lists what there is."),
    405: ("http.method-not-allowed", "Use one of the methods that the header Allow names."),
    413: ("http.too-large", "Send less at once."),
    415: ("http.unsupported-media-type", "Send JSON, with the header Content-Type: application/json."),
    421: ("http.unknown-host", "Use a name or address that [web] names of the settings lists."),
}


def answer_problems(app: FastAPI) -> None:
    """Let ``app`` answer every error with a problem document."""
    app.add_exception_handler(ConsentryError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, http_problem)
    app.add_exception_handler(Exception, _of_defect)


def problem_response(request: Request, error: ConsentryError) -> JSONResponse:
    """Return the answer to ``request`` that tells of ``error``."""
    told = _Told(_detail_for(request, error), error.mend)
    return _answer(request, error.http_status, error.code, told, _headers_for(error))


def _detail_for(request: Request, error: ConsentryError) -> str:
    """Return what is wrong; where it is the server's own trouble, addresses and paths in it are no business of a stranger."""
    own_trouble = error.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if own_trouble and getattr(request.state, "actor", None) is None:
        return "the server cannot do this now; its log says why"
    return f"{error.subject}: {error.problem}"


def _headers_for(error: ConsentryError) -> dict[str, str]:
    if isinstance(error, TooManyError):
        return {"Retry-After": str(max(1, ceil(error.retry_after)))}
    if isinstance(error, RecordsError):
        return {"Retry-After": str(RETRY_AFTER_S)}
    if isinstance(error, SignInError):
        return {"WWW-Authenticate": 'Bearer realm="consentry"'}
    return {}


def _answer(request: Request, status: int, code: str, told: _Told, headers: Mapping[str, str] | None = None) -> JSONResponse:
    problem = Problem(
        type=f"urn:consentry:error:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=told.detail,
        mend=told.mend,
        instance=f"urn:consentry:request:{request.scope.get(REQUEST_ID, 'unknown')}",
        errors=told.errors,
    )
    return JSONResponse(problem.model_dump(exclude_none=True), status, headers, MEDIA_TYPE)


async def _of_ours(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ConsentryError):
        raise error
    if error.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s [%s]", error, error.code)
    return problem_response(request, error)


async def _of_validation(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    found = [_field_problem(one) for one in error.errors()]
    detail = "the request cannot be used: " + "; ".join(f"{one.field}: {one.problem}" for one in found)
    told = _Told(detail, "Mend the named fields and send it again.", found)
    return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, "request.invalid", told)


def _field_problem(error: Mapping[str, Any]) -> FieldProblem:
    """Name the field and the problem, never the value: it may be a password."""
    return FieldProblem(field=".".join(str(part) for part in error["loc"]), problem=str(error["msg"]))


async def http_problem(request: Request, error: Exception) -> JSONResponse:
    """Return the answer to ``request`` that tells of an ``HTTPException``: a status of HTTP itself, such as 404."""
    if not isinstance(error, HTTPException):
        raise error
    code, mend = _PLAIN.get(error.status_code, (f"http.{error.status_code}", "See /api/v1/openapi.json."))
    told = _Told(f"{request.method} {request.url.path}: {HTTPStatus(error.status_code).phrase.lower()}", mend)
    return _answer(request, error.status_code, code, told, _allowing(request, error))


def _allowing(request: Request, error: HTTPException) -> Mapping[str, str] | None:
    """Let a 405 list every method of the resource; the router names those of one route alone."""
    if error.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
        return error.headers
    return {"Allow": ", ".join(allowed_methods(request.app.routes, request.scope))}


async def _of_defect(request: Request, _: Exception) -> JSONResponse:
    """Tell nothing of the defect; the server raises it again after the answer, and so it reaches the log."""
    told = _Told("the server has a defect that this request met", "Tell the operator the request's number; the log has the rest.")
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "server.defect", told)
