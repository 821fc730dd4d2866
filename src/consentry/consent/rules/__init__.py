"""What decides on consent, without clock, chance or records: notices and their wording, assessments, validity, records, clocks of requests."""

from __future__ import annotations

from consentry.consent.rules.notices import sections, sha256_of, shown

__all__ = ["sections", "sha256_of", "shown"]
