"""What decides whose client a buyer is, without clock, chance or records. ``judge`` is the specification's function, rules R0 to R10.

admission    R0       what may count
edits        R0       which edits are flagged
cluster      R1       who belongs together
claims       R2-R4    which visits make a claim
decision     R5-R9    which claim comes first, and what only people decide
explaining   R10      the verdict, its steps, and the steps replayed
extract               one deal's case out of everything that the log knows
wording      R10      the reason, from the phrases of both languages
documents, notation   events, times and lengths as JSON writes them
reports, fraud        where a report stands, and signs that hold a payment; no part of the judge
"""

from __future__ import annotations

from consentry.attribution.rules.admission import in_force
from consentry.attribution.rules.explaining import explain, judge, replay

__all__ = ["explain", "in_force", "judge", "replay"]
