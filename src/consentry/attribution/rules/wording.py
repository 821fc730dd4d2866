"""The reason of a verdict, in sentences that a sales office or a court reads, Chinese and English side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.attribution.model import Clock, Reason, VerdictKind, Visit
from consentry.attribution.rules import phrases
from consentry.attribution.rules.admission import in_force
from consentry.attribution.rules.decision import verdicts_differ
from consentry.attribution.rules.speech import Sentence, agencies_text, instant_text, length_text, offset_text, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from consentry.attribution.model import Case, Outcome, Report
    from consentry.attribution.rules.claims import Arrival, Claim
    from consentry.attribution.rules.decision import Findings, Judgement

__all__ = ["reason_of"]


def reason_of(findings: Findings, case: Case) -> Reason:
    """Return why the verdict is what it is; instants are named in the case's offset, agencies by its names."""
    sentences = list(_Telling(findings, case).all())
    return Reason("".join(one.zh for one in sentences), " ".join(one.en for one in sentences))


class _Telling:
    """Puts what was found of one case into words."""

    def __init__(self, findings: Findings, case: Case) -> None:
        self._findings = findings
        self._case = case

    def all(self) -> Iterator[Sentence]:
        """Yield the verdict, what each visit came to, what was flagged besides, and in which zone the times are."""
        yield from self._verdict()
        for judgement in self._findings.judgements:
            if judgement.clock is Clock.RECEIVED:
                yield from self._story(judgement)
        yield from (sentence(words) for flag, words in phrases.MARKS.items() if flag in self._findings.outcome.flags)
        zone = offset_text(self._case.signing.at, self._case.offset)
        yield sentence(phrases.ZONE, zone=zone)

    def _verdict(self) -> Iterator[Sentence]:
        findings, outcome = self._findings, self._findings.outcome
        if outcome.agencies:
            yield sentence(phrases.DECIDED[outcome.kind, findings.mode], agencies=self._agencies(outcome))
        else:
            yield sentence(phrases.NATURAL if outcome.kind is VerdictKind.NATURAL else phrases.MANUAL)
        if not findings.judgements:
            yield sentence(phrases.CONTRADICTED)
        elif verdicts_differ([judgement.outcome for judgement in findings.judgements]):
            received, claimed = (self._in_short(judgement.outcome) for judgement in findings.judgements)
            yield sentence(phrases.CLOCKS, received=received, claimed=claimed)
        elif findings.stated:
            yield sentence(phrases.STATED)

    def _story(self, judgement: Judgement) -> Iterator[Sentence]:
        if not judgement.arrivals:
            yield sentence(phrases.NO_VISIT)
        for arrival in judgement.arrivals:
            yield from self._arrival(arrival, judgement)

    def _arrival(self, arrival: Arrival, judgement: Judgement) -> Iterator[Sentence]:
        """Yield what one visit came to; one without a report that changed nothing needs no words."""
        if arrival.report is None:
            if arrival.visit.report is not None:
                yield sentence(phrases.UNRECEIVED, arrived=self._at(arrival.arrived))
            elif arrival.natural:
                yield sentence(phrases.WALK_IN, arrived=self._at(arrival.arrived))
        elif arrival.flag:
            yield sentence(phrases.FAILED[arrival.flag], **self._terms(arrival, arrival.report))
        elif arrival.claim:
            yield sentence(phrases.CLAIM, **self._terms(arrival, arrival.report))
            yield self._fate(arrival.claim, first=arrival in judgement.first)

    def _fate(self, claim: Claim, *, first: bool) -> Sentence:
        signed = self._case.signing.at
        if claim.protects(signed) and not first:
            return sentence(phrases.LATER)
        words = phrases.LIVE if claim.protects(signed) else phrases.ENDED
        return sentence(words, signed=self._at(signed), since=length_text(signed - claim.arrived), protection=length_text(claim.protection))

    def _terms(self, arrival: Arrival, report: Report) -> dict[str, Sentence]:
        version = in_force(self._case.rulebook, report.at)
        contact = next((self._at(event.at) for event in arrival.cited if isinstance(event, Visit)), Sentence("", ""))
        return {
            "agency": agencies_text([self._named(report.agency)]),
            "reported": self._at(report.at),
            "arrived": self._at(arrival.arrived),
            "waited": length_text(arrival.arrived - report.at),
            "contact": contact,
            "lead": length_text(version.lead),
            "valid": length_text(version.report_valid),
            "reply": length_text(version.reply_within),
            "natural": length_text(version.natural_protection),
        }

    def _in_short(self, outcome: Outcome) -> Sentence:
        return sentence(phrases.OUTCOMES[outcome.kind], agencies=self._agencies(outcome))

    def _agencies(self, outcome: Outcome) -> Sentence:
        return agencies_text([self._named(agency) for agency in outcome.agencies])

    def _named(self, agency: str) -> str:
        return self._case.names.get(agency, agency)

    def _at(self, instant: datetime) -> Sentence:
        return instant_text(instant, self._case.offset)
