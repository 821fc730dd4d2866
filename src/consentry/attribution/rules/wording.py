"""The reason of a verdict, in sentences that a sales office or a court reads, Chinese and English side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.attribution.model import Clock, Reason, VerdictKind
from consentry.attribution.rules import phrases
from consentry.attribution.rules.admission import in_force
from consentry.attribution.rules.decision import verdicts_differ
from consentry.attribution.rules.speech import Sentence, agencies_text, instant_text, length_text, offset_text, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from consentry.attribution.model import Outcome, Report
    from consentry.attribution.rules.claims import Arrival, Claim
    from consentry.attribution.rules.decision import Findings, Judgement

__all__ = ["reason_of"]


def reason_of(findings: Findings, offset: tzinfo) -> Reason:
    """Return why the verdict is what it is; instants are named in ``offset``."""
    sentences = [*_verdict(findings), *_story(findings, offset), *_marks(findings.outcome)]
    sentences.append(sentence(("时间均为{zone}。", "Times are in {zone}."), zone=offset_text(findings.admitted.signing.at, offset)))
    return Reason("".join(one.zh for one in sentences), " ".join(one.en for one in sentences))


def _verdict(findings: Findings) -> Iterator[Sentence]:
    outcome = findings.outcome
    if outcome.agencies:
        yield sentence(phrases.DECIDED[outcome.kind, findings.mode], agencies=agencies_text(outcome.agencies))
    else:
        yield sentence(phrases.NATURAL if outcome.kind is VerdictKind.NATURAL else phrases.MANUAL)
    if not findings.judgements:
        yield sentence(phrases.CONTRADICTED)
    elif verdicts_differ([judgement.outcome for judgement in findings.judgements]):
        received, claimed = (_in_words(judgement.outcome) for judgement in findings.judgements)
        yield sentence(phrases.CLOCKS, received=received, claimed=claimed)
    elif findings.stated:
        yield sentence(phrases.STATED)


def _in_words(outcome: Outcome) -> Sentence:
    return sentence(phrases.OUTCOMES[outcome.kind], agencies=agencies_text(outcome.agencies))


def _story(findings: Findings, offset: tzinfo) -> Iterator[Sentence]:
    """Yield what each visit came to, by the log's clock."""
    for judgement in findings.judgements:
        if judgement.clock is not Clock.RECEIVED:
            continue
        if not judgement.arrivals:
            yield sentence(phrases.NO_VISIT)
        for arrival in judgement.arrivals:
            yield from _Telling(findings, judgement, offset).of(arrival)


class _Telling:
    """Puts what one visit came to into words."""

    def __init__(self, findings: Findings, judgement: Judgement, offset: tzinfo) -> None:
        self._findings = findings
        self._judgement = judgement
        self._offset = offset

    def of(self, arrival: Arrival) -> Iterator[Sentence]:
        """Yield the sentences; a visit without a report that changed nothing needs none."""
        if arrival.report is None:
            if arrival.visit.report is not None:
                yield sentence(phrases.UNRECEIVED, arrived=self._at(arrival.arrived))
            elif arrival.natural:
                yield sentence(phrases.WALK_IN, arrived=self._at(arrival.arrived))
        elif arrival.flag:
            yield sentence(phrases.FAILED[arrival.flag], **self._terms(arrival, arrival.report))
        elif arrival.claim:
            yield sentence(phrases.CLAIM, **self._terms(arrival, arrival.report))
            yield self._fate(arrival, arrival.claim)

    def _fate(self, arrival: Arrival, claim: Claim) -> Sentence:
        signed = self._findings.admitted.signing.at
        if claim.protects(signed) and arrival not in self._judgement.first:
            return sentence(phrases.LATER)
        words = phrases.LIVE if claim.protects(signed) else phrases.ENDED
        return sentence(words, signed=self._at(signed), since=length_text(signed - claim.arrived), protection=length_text(claim.protection))

    def _terms(self, arrival: Arrival, report: Report) -> dict[str, Sentence]:
        version = in_force(self._findings.admitted.rulebook, report.at)
        return {
            "agency": Sentence(report.agency, report.agency),
            "reported": self._at(report.at),
            "arrived": self._at(arrival.arrived),
            "waited": length_text(arrival.arrived - report.at),
            "lead": length_text(version.lead),
            "valid": length_text(version.report_valid),
            "reply": length_text(version.reply_within),
            "natural": length_text(version.natural_protection),
        }

    def _at(self, instant: datetime) -> Sentence:
        return instant_text(instant, self._offset)


def _marks(outcome: Outcome) -> Iterator[Sentence]:
    return (sentence(words) for flag, words in phrases.MARKS.items() if flag in outcome.flags)
