"""Impact assessments: who signs them, what they must say, and that a purpose closes with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from consentry.consent import service
from consentry.consent.model import Purpose
from consentry.platform.actors import Actor, ActorKind
from consentry.platform.errors import ConflictError, DeniedError, InputError
from tests.consent.shop import NOBODY, NOON, OFFICER, agree, draft, pass_by

if TYPE_CHECKING:
    from consentry.platform.site import Site


def test_an_assessment_is_signed_by_a_named_person_with_the_permission_confirmed(sqlite_bare: Site) -> None:
    key = Actor(ActorKind.API_KEY, "key-1", OFFICER.permissions)
    stale = replace(OFFICER, confirmed_until=NOON)
    for actor, code in ((key, "assessment.signer"), (NOBODY, "access.denied"), (stale, "access.confirm")):
        with pytest.raises(DeniedError) as refused:
            service.sign_assessment(sqlite_bare, actor, draft(sqlite_bare))
        assert refused.value.code == code
    signed = service.sign_assessment(sqlite_bare, OFFICER, draft(sqlite_bare))
    assert (signed.version, signed.signed_by) == (1, "staff:officer-1")
    assert service.sign_assessment(sqlite_bare, OFFICER, draft(sqlite_bare)).version == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lawfulness": ""}, "assessment.sections"),
        ({"impact": "short"}, "assessment.sections"),
        ({"risks": " " * 100}, "assessment.sections"),
        ({"protection": "x" * 10_001}, "assessment.sections"),
        ({"protection": "x" * 40 + "\x00"}, "assessment.sections"),
        ({"purpose": Purpose.SALE_ATTRIBUTION, "why_no_code": ""}, "assessment.sections"),
        ({"expires": NOON}, "assessment.expiry"),
        ({"expires": NOON + timedelta(days=1097)}, "assessment.expiry"),
    ],
)
def test_an_assessment_has_four_sections_and_an_end(sqlite_bare: Site, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as refused:
        service.sign_assessment(sqlite_bare, OFFICER, draft(sqlite_bare, **changes))
    assert refused.value.code == code


def test_why_no_code_is_asked_for_sale_attribution_alone(sqlite_bare: Site) -> None:
    assert service.sign_assessment(sqlite_bare, OFFICER, draft(sqlite_bare, why_no_code="")).why_no_code == ""


def test_a_purpose_closes_when_its_assessment_ends_and_nothing_new_is_given(site: Site) -> None:
    pass_by(site, days=365)
    assert [blocker.code for blocker in service.purpose_blockers(site, Purpose.GREETING)] == ["assessment.expired"]
    with pytest.raises(ConflictError) as refused:
        agree(site)
    assert refused.value.code == "consent.closed"
