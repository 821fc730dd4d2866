"""The OpenAPI document: what it says of every operation, and that it changes only when that is meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.openapi.models import OpenAPI

from consentry.platform.actors import Permission
from tests.api.client import Client
from tests.api.document import SNAPSHOT, as_text, document

if TYPE_CHECKING:
    from fastapi import FastAPI

OPERATIONS = [(f"{method.upper()} {path}", operation) for path, methods in document()["paths"].items() for method, operation in methods.items()]
each = pytest.mark.parametrize("operation", [operation for _, operation in OPERATIONS], ids=[name for name, _ in OPERATIONS])


def test_the_document_is_the_one_of_the_snapshot() -> None:
    assert as_text(document()) == SNAPSHOT.read_text(encoding="utf-8"), "run `python -m tests.api.write_openapi` if the change is meant"


def test_the_server_gives_the_document_to_anyone(app: FastAPI) -> None:
    answer = Client(app).get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert as_text(answer.json()) == SNAPSHOT.read_text(encoding="utf-8")


def test_the_document_follows_openapi_3_1() -> None:
    assert document()["openapi"].startswith("3.1")
    OpenAPI.model_validate(document())


def test_everything_that_the_document_refers_to_is_in_it() -> None:
    text, schemas = as_text(document()), document()["components"]["schemas"]
    assert set(re.findall(r'"#/components/schemas/([^"]+)"', text)) <= set(schemas)
    assert "Problem" in schemas


@each
def test_every_operation_names_its_permission_and_how_to_sign_in(operation: dict[str, Any]) -> None:
    needed = operation["x-permission"]
    assert needed == "public" or needed in list(Permission)
    assert (operation["security"] == []) == (needed == "public")


@each
def test_every_operation_says_what_it_does_and_how_it_tells_of_problems(operation: dict[str, Any]) -> None:
    assert operation["description"].endswith(".")
    assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"]
    assert "422" not in operation["responses"]


def test_operations_have_different_names() -> None:
    names = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(set(names)) == len(names)


def test_every_post_of_a_signed_in_caller_can_be_repeated_safely() -> None:
    for name, operation in OPERATIONS:
        headers = [parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "header"]
        expected = name.startswith("POST ") and operation["x-permission"] != "public"
        assert ("Idempotency-Key" in headers) == expected, name


def test_what_needs_no_sign_in_lives_under_public() -> None:
    for name, operation in OPERATIONS:
        assert (operation["x-permission"] == "public") == name.split(" ")[1].startswith("/public/"), name
