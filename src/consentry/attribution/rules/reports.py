"""What a report may say and where it stands. Pure: instants and texts come in, decisions go out. Every interval is closed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from consentry.attribution.channel import Clocks, RefusalGround, ReplyKind, ReportState
from consentry.platform.errors import InputError
from consentry.platform.settings.projects import PhoneForm

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

    from consentry.attribution.channel import ReplyDraft
    from consentry.attribution.model import RulebookVersion

__all__ = [
    "LONGEST_ALIAS",
    "LONGEST_PLAN",
    "NONCE_LIFE",
    "Facts",
    "begins_at",
    "check_alias",
    "check_mask",
    "check_planned",
    "check_reply",
    "clocks_of",
    "counts",
    "ends_at",
    "family_of",
    "is_live",
    "is_outside_window",
    "mask_fits",
    "overlap",
    "protection_of",
    "received",
    "same_alias",
    "same_mask",
    "state_of",
]

LONGEST_ALIAS = 20
NONCE_LIFE = timedelta(hours=24)
LONGEST_PLAN = timedelta(days=60)
_MINUTE = timedelta(minutes=1)
_MOST_DIGITS = 4
_CHINA = "+86"
_CHINESE_MASK = {PhoneForm.FIRST_3_LAST_4: re.compile(r"1[3-9][0-9]\*{4}[0-9]{4}"), PhoneForm.FIRST_4_LAST_3: re.compile(r"1[3-9][0-9]{2}\*{4}[0-9]{3}")}
_OTHER_MASK = {
    PhoneForm.FIRST_3_LAST_4: re.compile(r"\+[1-9][0-9]\*{4,9}[0-9]{4}"),
    PhoneForm.FIRST_4_LAST_3: re.compile(r"\+[1-9][0-9]{2}\*{4,9}[0-9]{3}"),
}
_FULL = re.compile(r"\+86(?:1[3-9][0-9]{9}|[2-9][0-9]{8,10})|\+(?!86)[1-9][0-9]{6,14}")
_EXAMPLE = {PhoneForm.FIRST_3_LAST_4: "133****3333", PhoneForm.FIRST_4_LAST_3: "1333****333", PhoneForm.FULL: "+86 and the number"}
_IDEOGRAPHS = ("CJK UNIFIED", "CJK COMPATIBILITY")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is recorded of a report, with the instants that the rules in force at its receipt gave it.

    ``replied`` and ``reply``: when and how the developer replied. ``arrived``: when its client came. ``protected_until``: see :func:`protection_of`.
    """

    filed: datetime
    lead_reached: datetime
    reply_due: datetime
    valid_until: datetime
    replied: datetime | None = None
    reply: ReplyKind | None = None
    arrived: datetime | None = None
    protected_until: datetime | None = None


def received(filed: datetime, version: RulebookVersion) -> Facts:
    """Return the facts of a report that was received at ``filed`` under ``version`` of the rules."""
    return Facts(filed, filed + version.lead, filed + version.reply_within, filed + version.report_valid)


def counts(facts: Facts) -> bool:
    """Return whether the developer's reply came in time; a later one is kept and changes nothing."""
    return facts.replied is not None and facts.replied <= facts.reply_due


def state_of(facts: Facts, now: datetime) -> ReportState:
    """Return where a report stands at ``now``. A refusal in time stays one, whoever comes; silence until the window's end is acceptance."""
    if counts(facts) and facts.reply is ReplyKind.REFUSE:
        return ReportState.REFUSED
    if facts.arrived is not None:
        return ReportState.ARRIVED
    if now > facts.valid_until:
        return ReportState.LAPSED
    return ReportState.ACCEPTED if counts(facts) or now > facts.reply_due else ReportState.WAITING


def is_live(facts: Facts, now: datetime) -> bool:
    """Return whether a report may still lead to a claim at ``now``, or protects one."""
    state = state_of(facts, now)
    if state is ReportState.ARRIVED:
        return facts.protected_until is not None and now <= facts.protected_until
    return state in {ReportState.WAITING, ReportState.ACCEPTED}


def clocks_of(facts: Facts) -> Clocks:
    """Return the instants that matter to a report."""
    return Clocks(facts.reply_due, facts.lead_reached, facts.valid_until, facts.protected_until)


def protection_of(facts: Facts, arrived: datetime, version: RulebookVersion) -> datetime | None:
    """Return until when a bound visit at ``arrived`` protects, None where it came too early or too late to make a claim."""
    return arrived + version.visit_protection if facts.lead_reached <= arrived <= facts.valid_until else None


def is_outside_window(facts: Facts, planned: datetime | None) -> bool:
    """Return whether a visit at the ``planned`` time would be too early or too late to count."""
    return planned is not None and not facts.lead_reached <= planned <= facts.valid_until


def check_planned(planned: datetime | None, now: datetime) -> None:
    """Refuse a planned visit that nobody means.

    Raises:
        InputError: ``report.planned`` where it is past, or more than ``LONGEST_PLAN`` away.
    """
    if planned is not None and not now - _MINUTE <= planned <= now + LONGEST_PLAN:
        mend = f"Give a time within {LONGEST_PLAN.days} days, or leave it open."
        raise InputError("report.planned", "report", "its planned visit is past, or too far away", mend)


def begins_at(now: datetime, zone: tzinfo) -> datetime:
    """Return the instant at which the site's day began."""
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def ends_at(now: datetime, zone: tzinfo) -> datetime:
    """Return the instant at which the site's day ends, 23, 24 or 25 hours after it began."""
    noon_tomorrow = begins_at(now, zone).replace(hour=12, tzinfo=None) + timedelta(days=1)
    return noon_tomorrow.replace(hour=0, tzinfo=zone)


def overlap(start: datetime, until: datetime, others: Iterable[tuple[datetime, datetime]]) -> bool:
    """Return whether ``start`` to ``until`` shares an instant with one of the ``others``, ends included."""
    return any(start <= theirs_until and theirs_start <= until for theirs_start, theirs_until in others)


def check_alias(alias: str) -> str:
    """Return what an agent calls a client, tidied.

    Raises:
        InputError: ``report.alias`` where it is empty, long, not printable, or reads like a number.
    """
    tidy = unicodedata.normalize("NFKC", alias).strip()
    if not (1 <= len(tidy) <= LONGEST_ALIAS and tidy.isprintable()):
        raise InputError("report.alias", "alias", "it is empty, too long or not printable", f"Write the family name, at most {LONGEST_ALIAS} characters.")
    if sum(letter.isdecimal() for letter in tidy) > _MOST_DIGITS:
        raise InputError("report.alias", "alias", "it holds a number", "Write the family name alone; the number goes into its own field.")
    return tidy


def check_mask(mask: str, form: PhoneForm) -> str:
    """Return a masked number (or, where the form is ``full``, a number in E.164), without blanks.

    Raises:
        InputError: ``report.mask`` where it is not of the project's form.
    """
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", mask[:40])).replace("×", "*")
    shapes = (_FULL,) if form is PhoneForm.FULL else (_CHINESE_MASK[form], _OTHER_MASK[form])
    if not any(shape.fullmatch(plain) for shape in shapes):
        raise InputError("report.mask", "telephone number", "it does not have the project's form", f"Write it as in {_EXAMPLE[form]}.")
    return plain


def mask_fits(mask: str, phone: str) -> bool:
    """Return whether a number in E.164 could be the one behind ``mask``."""
    number = phone.removeprefix(_CHINA)
    return len(mask) == len(number) and all(shown in {"*", digit} for shown, digit in zip(mask, number, strict=True))


def same_mask(one: str | None, other: str | None) -> bool:
    """Return whether two masks can be of one number, where each may show all of it; False where one is not known."""
    if one is None or other is None:
        return False
    first, second = one.removeprefix(_CHINA), other.removeprefix(_CHINA)
    return len(first) == len(second) and all("*" in pair or pair[0] == pair[1] for pair in zip(first, second, strict=True))


def same_alias(alias: str) -> str:
    """Return the form by which one agency's aliases are compared."""
    return "".join(unicodedata.normalize("NFKC", alias).casefold().split())


def family_of(alias: str) -> str:
    """Return what two aliases of one person share most likely: the first character of a Chinese name, the first word of another."""
    words = unicodedata.normalize("NFKC", alias).casefold().split()
    first = words[0] if words else ""
    return first[:1] if unicodedata.name(first[:1] or " ", "").startswith(_IDEOGRAPHS) else first


def check_reply(draft: ReplyDraft, entry: int) -> None:
    """Refuse a reply that does not say what it must; ``entry``: the index of the report's own entry in the ledger.

    Raises:
        InputError: ``report.ground`` or ``report.cite``.
    """
    if (draft.kind is ReplyKind.REFUSE) != (draft.ground is not None):
        raise InputError("report.ground", "reply", "a refusal has a ground, and nothing else has one", "Give `duplicate` or `unusable` with a refusal.")
    if draft.ground is RefusalGround.DUPLICATE:
        if draft.cites is None or not 0 <= draft.cites < entry:
            raise InputError("report.cite", "reply", "a duplicate is refused by an entry older than the report", "Cite the entry that shows the client.")
    elif draft.cites is not None:
        raise InputError("report.cite", "reply", "only a duplicate cites an entry", "Leave the entry out, or give `duplicate` as the ground.")
