"""The rules of visit attribution once more, read from the specification alone: whole numbers, sets and exhaustive search, none of the judge's code.

``python -m tests.attribution.rules.oracle 100000`` compares both on that many random histories.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import datetime
from functools import cache
from itertools import product
from time import perf_counter
from typing import Any

from consentry.attribution.cases import read_case_document
from consentry.attribution.rules import explain, replay
from tests.attribution.rules.histories import history

Document = dict[str, Any]
Answer = tuple[str, frozenset[str], frozenset[str]]
"""Verdict, agencies, flags."""

UNITS = {"D": 86_400, "H": 3_600, "M": 60, "S": 1}
DEFAULTS: Document = {
    "lead": "PT30M",
    "report_valid": "P2D",
    "visit_protection": "P30D",
    "natural_protection": "P30D",
    "kin": ["self", "spouse", "parent", "child"],
    "mode": "visit_first",
    "reply_within": "PT30M",
}


def answer(document: Document) -> Answer:
    """Return what the specification says of ``document``: R9 around everything else."""
    if is_about_clocks(document):
        return "manual", frozenset(), frozenset({"OUTAGE"})
    return Reading(document, own_clock=False).answer()


def is_about_clocks(document: Document) -> bool:
    """Whether the two clocks disagree about ``document``."""
    return Reading(document, own_clock=False).answer()[:2] != Reading(document, own_clock=True).answer()[:2]


class Reading:
    """One reading of a history: by the log's clock, or by the desks' own where they were cut off."""

    def __init__(self, document: Document, *, own_clock: bool) -> None:
        self.versions = [{**DEFAULTS, **version} for version in document.get("rulebooks", [document.get("rulebook", {})])]
        self.signing = next(event for event in document["events"] if event["type"] == "signing")
        self.signed = instant(self.signing["at"])
        events = [event for event in document["events"] if "at" not in event or instant(event["at"]) <= self.signed]
        events = [event for event in events if not (event["type"] in {"link", "visit"} and event.get("grade") == "X")]
        self.events = {kind: [event for event in events if event["type"] == kind] for kind in {event["type"] for event in events}}
        self.reports = {event["id"]: event for event in self.of("report")}
        self.own_clock = own_clock
        self.people = {person for event in self.of("link") for person in (event["a"], event["b"])} | set(self.signing["buyers"])
        self.same = closure(self.people, self.pairs({"id", "phone", "face"}))
        self.number = closure(self.people, self.pairs({"phone"}))
        self.cluster = self.members()
        self.visits = sorted(
            (visit for visit in self.of("visit") if visit["person"] in self.cluster and self.arrived(visit) <= self.signed),
            key=lambda visit: (self.arrived(visit), 0 if visit["report"] else 1, visit["id"]),
        )
        self.claims = cache(self.claims_at)
        self.is_contact = cache(self.contact_at)

    def of(self, kind: str) -> list[Document]:
        return self.events.get(kind, [])

    def pairs(self, kinds: set[str]) -> set[tuple[str, str]]:
        return {(link["a"], link["b"]) for link in self.of("link") if link["kind"] in kinds}

    def version(self, at: int) -> Document:
        begun = [version for version in self.versions if "from" not in version or instant(version["from"]) <= at]
        return max(begun, key=lambda version: instant(version["from"]) if "from" in version else 0)

    def of_report(self, report: Document, key: str) -> int:
        return seconds(self.version(instant(report["at"]))[key])

    def arrived(self, visit: Document) -> int:
        return instant(visit["claimed_at"] if self.own_clock and "claimed_at" in visit else visit["at"])

    def members(self) -> set[str]:
        """R1: a person is in where a buyer, or somebody one kin link from a buyer, is the same person."""
        scope = set(self.version(self.signed)["kin"])
        kin = self.pairs(scope) | {(b, a) for a, b in self.pairs(scope)}
        anyone = self.people
        buyers = {one for one, buyer in product(anyone, self.signing["buyers"]) if (one, buyer) in self.same}
        related = {one for one, buyer in product(anyone, buyers) if (one, buyer) in kin}
        return {one for one, other in product(anyone, buyers | related) if (one, other) in self.same}

    def failure(self, index: int) -> str | None:
        """R3: the first reason in its order why visit ``index``, which names a report, makes no claim."""
        visit = self.visits[index]
        report = self.reports.get(visit["report"])
        if not visit["bound"]:
            return "MASK_ONLY"
        if report is None:
            return "LATE"
        told, came = instant(report["at"]), self.arrived(visit)
        contracts = [one for one in self.of("contract") if one["agency"] == report["agency"]]
        refusals = [instant(one["at"]) - told for one in self.of("refusal") if one["report"] == report["id"]]
        ends = [told - instant(one["until"]) for one in self.of("outage") if instant(one["from"]) < told]
        late = came - told < self.of_report(report, "lead")
        others = [claim for earlier in range(index) for claim in self.claims(earlier) if claim["report"]["agency"] != report["agency"]]
        reasons = {
            "NO_CONTRACT": contracts and not any(instant(one["from"]) <= told <= instant(one["until"]) for one in contracts),
            "MISMATCH": report["client"] not in self.cluster,
            "REFUSED": any(after <= self.of_report(report, "reply_within") for after in refusals),
            "OUTAGE": late and any(0 <= after <= 5 * 60 for after in ends),
            "LATE": late,
            "EXPIRED": came - told > self.of_report(report, "report_valid"),
            "UNDER_PROTECTION": self.mode() == "visit_first" and any(alive(claim, told) for claim in others),
        }
        return next((flag for flag, holds in reasons.items() if holds), None)

    def washed(self, index: int) -> bool:
        """R4: whether the report of visit ``index`` came after a natural contact and within the protection of it."""
        report = self.reports[self.visits[index]["report"]]
        told, protection = instant(report["at"]), self.of_report(report, "natural_protection")
        contacts = [self.arrived(self.visits[earlier]) for earlier in range(index) if self.is_contact(earlier)]
        return any(contact < told and told - contact <= protection for contact in contacts)

    def claims_at(self, index: int) -> list[Document]:
        """Return the claim that visit ``index`` makes and does not lose, or none."""
        visit = self.visits[index]
        if visit["report"] is None or self.failure(index) or self.washed(index):
            return []
        report = self.reports[visit["report"]]
        return [{"report": report, "from": self.arrived(visit), "until": self.arrived(visit) + self.of_report(report, "visit_protection")}]

    def contact_at(self, index: int) -> bool:
        """R4: whether visit ``index`` is a natural contact."""
        visit = self.visits[index]
        if visit["report"] is not None:
            return self.failure(index) not in {None, "UNDER_PROTECTION"}
        return not any(alive(claim, self.arrived(visit)) for earlier in range(index) for claim in self.claims(earlier))

    def mode(self) -> str:
        return str(self.version(self.signed)["mode"])

    def flags(self) -> set[str]:
        named = [index for index, visit in enumerate(self.visits) if visit["report"] is not None]
        raised = {self.failure(index) or ("WASHING" if self.washed(index) else "") for index in named} - {""}
        touched = {visit["id"] for visit in self.of("visit") if visit["person"] in self.cluster}
        touched |= {visit["report"] for visit in self.of("visit") if visit["person"] in self.cluster and visit["report"] in self.reports}
        touched |= {report["id"] for report in self.reports.values() if report["client"] in self.cluster}
        if any(edit["of"] in touched for edit in self.of("edit")):
            raised.add("TIME_EDITED")
        if any(a in self.cluster and (a, b) not in self.number for a, b in self.pairs({"id", "face"})):
            raised.add("PHONE_CHANGE")
        if any(one["credible"] and one["person"] in self.cluster for one in self.of("statement")):
            raised.add("HIDDEN_VISIT")
        return raised

    def answer(self) -> Answer:
        """R5 to R8 and R10: everyone whom no live claim beats."""
        if any({a, b} <= self.cluster and (a, b) in self.same for a, b in self.pairs({"not_same"})):
            return "manual", frozenset(), frozenset({"CONTRADICTION"})
        raised = self.flags()
        if raised & {"OUTAGE", "HIDDEN_VISIT"}:
            return "manual", frozenset(), frozenset(raised)
        live = [claim for index in range(len(self.visits)) for claim in self.claims(index) if alive(claim, self.signed)]
        first = {claim["report"]["agency"] for claim in live if not any(self.beats(other, claim) for other in live)}
        verdict = "natural" if not first else "channel" if len(first) == 1 else "split"
        return verdict, frozenset(first), frozenset(raised)

    def beats(self, one: Document, other: Document) -> bool:
        if self.mode() == "report_first":
            return instant(one["report"]["at"]) < instant(other["report"]["at"])
        return bool(one["from"] < other["from"])


def closure(people: set[str], pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the smallest equivalence over ``people`` that holds ``pairs`` (Warshall)."""
    found = pairs | {(b, a) for a, b in pairs} | {(one, one) for one in people}
    for middle in people:
        found |= {(a, b) for a, b in product(people, repeat=2) if (a, middle) in found and (middle, b) in found}
    return found


def alive(claim: Document, at: int) -> bool:
    return bool(claim["from"] <= at <= claim["until"])


@cache
def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@cache
def seconds(duration: str) -> int:
    total, digits = 0, ""
    for sign in duration:
        if sign.isdigit():
            digits += sign
        elif sign in UNITS:
            total, digits = total + int(digits) * UNITS[sign], ""
    return total


def judged(document: Document) -> Answer:
    """Return what the judge says of ``document``; its steps must say the same."""
    explanation = explain(read_case_document(document, "history").case)
    outcome = replay(explanation.steps)
    assert outcome == explanation.verdict.outcome, document
    return str(outcome.kind), frozenset(outcome.agencies), frozenset(map(str, outcome.flags))


def compare(count: int, first: int = 0) -> Counter[str]:
    """Compare both on the histories ``first`` and following; return how often each verdict and flag came up, and R9."""
    seen: Counter[str] = Counter()
    for seed in range(first, first + count):
        document = history(seed)
        expected, found = answer(document), judged(document)
        assert found == expected, f"history {seed}: the oracle says {expected}, the judge {found}"
        seen.update([expected[0], *expected[2], *(["R9"] if is_about_clocks(document) else [])])
    return seen


def main() -> None:
    """Compare on as many histories as the command line asks for and print what came up."""
    count = int(sys.argv[1])
    started = perf_counter()
    seen = compare(count)
    lines = [f"{name:18}{number:8}" for name, number in seen.most_common()]
    sys.stdout.write("\n".join([*lines, f"{count} histories, all agree, {perf_counter() - started:.0f} s", ""]))


if __name__ == "__main__":
    main()
