"""What the settings say about sales that agents bring visitors to: each project with its rulebook and its forms. None of it is on until it is written."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field, Strict

from consentry.platform.settings.values import Duration, Part, Slug, Text, Words, lasting

__all__ = ["PhoneForm", "Project"]

_DAY = timedelta(days=1)


class PhoneForm(StrEnum):
    """How much of a telephone number an agent shows before the visitor arrives."""

    FIRST_3_LAST_4 = "3+4"
    FIRST_4_LAST_3 = "4+3"
    FULL = "full"


class Project(Part):
    """A development that is sold here. Agents report visitors for it, and its rulebook says whose client a buyer is."""

    id: Slug = Field(description="Its name in addresses, receipts and the ledger; another id is another project.")
    name: Text = Field(description="What people call it.")
    rulebook: Words | None = Field(
        default=None, description="The TOML file of its rules by version, relative to this one. Without it the rules that Consentry brings are in force."
    )
    phone_form: PhoneForm = Field(
        default=PhoneForm.FIRST_3_LAST_4, description="What a report shows of a telephone number: 3+4 and 4+3 hide four digits until the visitor arrives."
    )
    daily_cap: Annotated[int, Strict(), Field(ge=1, le=10_000)] = Field(default=200, description="How many visitors an agency may report in a day.")
    code_life: Annotated[Duration, lasting(timedelta(minutes=5), 7 * _DAY)] = Field(
        default=12 * timedelta(hours=1), description="How long a visit code may be shown at the desk; it works once."
    )
    lapsed_retention: Annotated[Duration, lasting(timedelta(0), 90 * _DAY)] = Field(
        default=7 * _DAY, description="How long a report is kept after it lapsed without a visit; then what it says of the person is deleted."
    )
    visit_retention: Annotated[Duration, lasting(_DAY, 1826 * _DAY)] = Field(
        default=400 * _DAY, description="How long visits without a contract are kept, for verdicts and appeals."
    )
    deal_retention: Annotated[Duration, lasting(30 * _DAY, 3653 * _DAY)] = Field(
        default=1826 * _DAY, description="How long contracts, verdicts and their evidence are kept."
    )
    verdict_within: Annotated[Duration, lasting(timedelta(hours=1), 90 * _DAY)] = Field(
        default=3 * _DAY, description="How long after a contract its verdict is due; then staff are told."
    )
    entrance_lines: tuple[Words, ...] = Field(
        default=(),
        max_length=16,
        description="Counted lines of the sales office's entrance, as camera/line, beside which recorded visits are checked by the hour.",
    )
