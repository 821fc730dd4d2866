"""The running server keeps to its document, whatever is sent to it (property-based, by schemathesis)."""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from consentry.platform.http.document import API_ROOT
from consentry.platform.http.problems import Problem
from consentry.staff.rules import KEY_SCOPES
from tests.api.document import document

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemathesis import Case, Response

EXAMPLES = int(os.environ.get("CONSENTRY_API_EXAMPLES", "8"))
"""Requests of each kind for each operation; more by hand before a release."""


@pytest.fixture(scope="module")
def headers(key_for: Callable[..., dict[str, str]]) -> dict[str, str]:
    return key_for(KEY_SCOPES)


# What is right by the schema may still be refused for its meaning (a cursor of another list, settings that contradict each other): 422 and
# 412 are expected then, and ``not_called_invalid`` sees to it that the schema itself never was the reason. 413 comes before any schema.
RIGHT = ["2xx", "3xx", "401", "403", "404", "409", "412", "413", "422", "429", "503"]
WRONG = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429", "503"]
CONFIG = SchemathesisConfig.from_dict(
    {"checks": {"positive_data_acceptance": {"expected-statuses": RIGHT}, "negative_data_rejection": {"expected-statuses": WRONG}}}
)

schema = schemathesis.openapi.from_dict(document(), config=CONFIG)


def not_called_invalid(_: object, response: Response, case: Case[Any]) -> None:
    """Check that data which the schema allows is not refused as if it did not."""
    meta = case.meta
    if meta is not None and meta.generation.mode.is_positive and response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
        assert response.json()["type"] != "urn:consentry:error:request.invalid", response.text


def problems_are_whole(_: object, response: Response, __: object) -> None:
    """Check that every refusal is a problem document that says what to do."""
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        problem = Problem.model_validate(response.json())
        assert problem.status == response.status_code
        assert problem.mend


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
def test_the_server_keeps_to_its_document(case: Case[Any], server: str, headers: dict[str, str]) -> None:
    case.call_and_validate(base_url=f"{server}{API_ROOT}", headers=headers, additional_checks=[not_called_invalid, problems_are_whole])
