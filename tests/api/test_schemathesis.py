"""The running server keeps to its document, whatever is sent to it (property-based, by schemathesis)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from consentry.staff.rules import KEY_SCOPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemathesis import Case

EXAMPLES = int(os.environ.get("CONSENTRY_API_EXAMPLES", "8"))
"""Requests of each kind for each operation; more by hand before a release."""


@pytest.fixture(scope="module")
def headers(key_for: Callable[..., dict[str, str]]) -> dict[str, str]:
    return key_for(KEY_SCOPES)


@pytest.fixture(scope="module")
def described(server: str, headers: dict[str, str]) -> Any:  # noqa: ANN401 - schemathesis' own type
    return schemathesis.openapi.from_url(f"{server}/api/v1/openapi.json", headers=headers)


every_operation = schemathesis.pytest.from_fixture("described")


@pytest.mark.slow
@every_operation.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
def test_the_server_keeps_to_its_document(case: Case[Any], headers: dict[str, str]) -> None:
    case.call_and_validate(headers=headers)
