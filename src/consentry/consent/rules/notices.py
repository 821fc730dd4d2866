"""What a notice must say, how it is shown and hashed, and which change of it ends the consents given under it (PIPL 14, 17, 30; FRT-M 5)."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from consentry.consent.model import Audience, Method, Purpose
from consentry.consent.rules.wording import luring_words
from consentry.ledger.rules.canonical import canonical
from consentry.platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from consentry.consent.model import Notice, NoticeTerms, NoticeText

__all__ = [
    "DAY",
    "LANGUAGES",
    "LONGEST_RETENTION",
    "LONGEST_TEXT",
    "LONGEST_VALIDITY",
    "binds_otherwise",
    "check_notice",
    "is_readable",
    "sections",
    "sha256_of",
    "shown",
    "terms_document",
    "terms_sha256",
]

DAY = timedelta(days=1)
LONGEST_VALIDITY = 365 * DAY
LONGEST_RETENTION: Mapping[Purpose, timedelta] = {
    Purpose.GREETING: 90 * DAY,
    Purpose.SALE_ATTRIBUTION: 90 * DAY,
    # A resident may be away for long, and comes back to the same door.
    Purpose.DOOR_ACCESS: 365 * DAY,
}
"""How long a consent may hold without a visit before the person is asked again."""
LONGEST_TEXT = 2000
"""Characters of one field."""

_CHINESE, _ENGLISH = "zh-CN", "en"
LANGUAGES = (_CHINESE, _ENGLISH)

_BINDING = ("purpose", "method", "data_types", "retention", "recipients", "special_rules")
_FAMILY = re.compile(r"[a-z0-9._-]{1,64}")
_LONGEST_NAME = 80

_HEADINGS: Final[Mapping[str, tuple[str, str]]] = {
    "handler": ("个人信息处理者", "Who processes your data"),
    "contact": ("联系方式", "How to reach us"),
    "officer": ("个人信息保护负责人", "Data protection officer"),
    "purpose": ("处理目的", "What for"),
    "method": ("处理方式", "How"),
    "data_types": ("处理的个人信息种类", "Which data"),
    "retention": ("保存期限", "How long"),
    "at_expiry": ("到期后的处理", "What happens then"),
    "necessity": ("处理的必要性", "Why it is necessary"),
    "impact": ("对您权益的影响", "What it means for your rights"),
    "alternatives": ("其他方式", "Other ways"),
    "storage": ("存储地点", "Where it is kept"),
    "recipients": ("提供给谁", "Who else gets it"),
    "automated_decision": ("自动化决策与人工复核", "Automated decisions, and people who check them"),
    "rights": ("您的权利", "Your rights"),
    "rights_channel": ("行使权利的方式和期限", "How to use them, and when we answer"),
    "complaint": ("投诉", "Complaints"),
    "minors": ("未成年人", "Children"),
    "special_rules": ("未成年人个人信息的存储、使用、转移、披露规则", "Special rules on storing, using, transferring and disclosing children's data"),
}
_METHODS: Final[Mapping[Method, tuple[str, str]]] = {
    Method.ONE_TO_ONE: ("只与您的凭证所指的一条记录比对（1:1）", "Compared with the one record that your token names (1:1)"),
    Method.ONE_TO_MANY: ("与所有同意本用途者的记录比对（1:N）", "Compared with the records of everyone who agreed to this purpose (1:N)"),
}


def check_notice(
    purpose: Purpose, texts: Mapping[str, NoticeText], terms: NoticeTerms, languages: Iterable[str], audience: Audience = Audience.EVERYBODY
) -> None:
    """Refuse a notice that says too little, lures, or has no end. ``languages``: those of the site.

    Raises:
        InputError: ``notice.languages``, ``notice.fields`` (names every field that is empty or too long), ``notice.wording`` or ``notice.terms``.
    """
    wanted = set(languages)
    if not wanted <= set(texts) <= set(LANGUAGES):
        problem = f"it is in {_listed(texts) or 'no language'}, the site speaks {_listed(wanted)}"
        raise InputError("notice.languages", f"notice of {purpose}", problem, "Write it in every language of the site.")
    named = {f"{language}.{name}": text for language in texts for name, text in asdict(texts[language]).items()}
    if audience is Audience.EVERYBODY:
        _check_no_special_rules(purpose, texts, named)
    if bad := [name for name, text in named.items() if not (0 < len(text.strip()) <= LONGEST_TEXT and is_readable(text))]:
        problem = f"empty, not printable, or longer than {LONGEST_TEXT} characters: {', '.join(bad)}"
        raise InputError("notice.fields", f"notice of {purpose}", problem, "Fill in every field.")
    if found := luring_words(named):
        mend = "Say what is done and leave out what lures or presses; denials too."
        raise InputError("notice.wording", f"notice of {purpose}", f"words that lure or press: {', '.join(found)}", mend)
    _check_terms(purpose, terms)


def _check_no_special_rules(purpose: Purpose, texts: Mapping[str, NoticeText], named: dict[str, str]) -> None:
    """Refuse rules about children where no child is asked, and take the field, which must be empty there, out of ``named``."""
    said = [named.pop(f"{language}.special_rules") for language in texts]
    if any(said):
        raise InputError("notice.fields", f"notice of {purpose}", "special rules stand in a notice for children alone", "Leave special_rules empty.")


def is_readable(text: str) -> bool:
    """Return whether a text has nothing but printable characters and ends of lines."""
    return all(line.isprintable() for line in text.split("\n"))


def sections(text: NoticeText, terms: NoticeTerms, language: str) -> tuple[tuple[str, str], ...]:
    """Return headings and bodies in the order in which they are shown; what the terms bind the site to stands below the words about it."""
    column = LANGUAGES.index(language)
    bound = _bound(terms, column)
    words = asdict(text)
    shown_ones = (name for name in _HEADINGS if words[name])
    return tuple((_HEADINGS[name][column], "\n".join((words[name].strip(), *bound.get(name, ())))) for name in shown_ones)


def shown(text: NoticeText, terms: NoticeTerms, language: str) -> str:
    """Return a notice exactly as it is shown: headings and bodies of :func:`sections`, a blank line between two of them."""
    return "\n\n".join(f"{heading}\n{body}" for heading, body in sections(text, terms, language)) + "\n"


def sha256_of(text: str) -> str:
    """Return the SHA-256 of a text as shown, in UTF-8, as 64 hexadecimal digits."""
    return sha256(text.encode()).hexdigest()


def terms_document(terms: NoticeTerms) -> dict[str, str | int | list[str]]:
    """Return terms as they are recorded; lengths of time in days."""
    return {
        "method": terms.method.value,
        "model_family": terms.model_family,
        "recipients": list(terms.recipients),
        "retention_days": terms.retention // DAY,
        "storage_device": terms.storage_device,
        "validity_days": terms.validity // DAY,
    }


def terms_sha256(terms: NoticeTerms) -> str:
    """Return what names the terms: an assessment is made for these and no other ones (R82)."""
    return sha256(canonical(terms_document(terms))).hexdigest()


def binds_otherwise(before: Notice, after: Notice) -> bool:
    """Return whether consents given under ``before`` do not cover ``after`` (R7).

    Besides the terms and the profile, other words about purpose, method, data, retention, recipients or children's data count as a change: no program
    can tell that they mean the same.
    """
    common = set(before.texts) & set(after.texts)
    reworded = (getattr(before.texts[one], name) != getattr(after.texts[one], name) for one in common for name in _BINDING)
    return (before.terms, before.profile) != (after.terms, after.profile) or any(reworded)


def _check_terms(purpose: Purpose, terms: NoticeTerms) -> None:
    longest = LONGEST_RETENTION[purpose]
    checks = {
        f"the consent must hold whole days, at most {LONGEST_VALIDITY.days}": _is_days(terms.validity, LONGEST_VALIDITY),
        f"a template must be kept whole days without a visit, at most {longest.days}": _is_days(terms.retention, longest),
        "the device that holds the templates must be named": _is_name(terms.storage_device),
        "a recipient must have a name": all(map(_is_name, terms.recipients)),
        "the model family must be named in lower-case letters and digits": _FAMILY.fullmatch(terms.model_family) is not None,
    }
    if problems := [problem for problem, holds in checks.items() if not holds]:
        raise InputError("notice.terms", f"notice of {purpose}", "; ".join(problems), "Correct the terms; nothing is without end.")


def _is_days(length: timedelta, longest: timedelta) -> bool:
    return DAY <= length <= longest and not length % DAY


def _is_name(text: str) -> bool:
    return 0 < len(text.strip()) <= _LONGEST_NAME and text.isprintable()


def _bound(terms: NoticeTerms, column: int) -> dict[str, tuple[str, ...]]:
    kept, held = terms.retention // DAY, terms.validity // DAY
    nobody = ("不提供给任何人。", "Nobody.")
    retention = (
        f"最后一次使用后 {kept} 天删除人脸模板；本次同意最长 {held} 天有效。",
        f"The face template is deleted {kept} days after its last use; this consent holds {held} days at most.",
    )
    return {
        "method": (f"{_METHODS[terms.method][column]} · {terms.model_family}",),
        "retention": (retention[column],),
        "storage": (("设备：", "Device: ")[column] + terms.storage_device,),
        "recipients": tuple(terms.recipients) or (nobody[column],),
    }


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
