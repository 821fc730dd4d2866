"""Numbers that name a person, such as a telephone's or a document's: how they are written, what a mask shows of them, and their keyed hashes.

A hash is HMAC-SHA256 under the site's key of ``attribution-marks`` over what is hashed, the project and the number, each length-prefixed: no other
site and no other project can compare it. A number that was hashed before a rotation of the keys is found under the key of its epoch.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from consentry.platform.errors import InputError
from consentry.platform.settings.projects import PhoneForm

if TYPE_CHECKING:
    from consentry.platform.keys import SiteKeys

__all__ = ["HASH_BYTES", "Hashed", "NumberHash", "document_hash", "e164", "mask_of", "number_hash", "phone_hash", "secret_hash"]

HASH_BYTES = 32

_PURPOSE = "attribution-marks"
_HIDDEN = "*"
_SHOWN = {PhoneForm.FIRST_3_LAST_4: (3, 4), PhoneForm.FIRST_4_LAST_3: (4, 3)}
_CHINA = "+86"
_MOBILE = re.compile(r"1[3-9]\d{9}")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_DOCUMENT = re.compile(r"[0-9A-Z]{5,32}")


class Hashed(StrEnum):
    """What a text is hashed as; the same text has another hash as something else."""

    PHONE = "phone"
    DOCUMENT = "document"
    VISIT_CODE = "visit-code"
    VISITOR_LINK = "visitor-link"
    PAIRING = "pairing"
    AGENT_NAME = "agent-name"
    CLIENT = "client"
    LIKENESS = "likeness"
    COMMISSION = "commission"


@dataclass(frozen=True, slots=True)
class NumberHash:
    """The keyed hashes of one number, 32 bytes each: ``newest`` is kept, ``older`` were made before the site's keys were rotated."""

    newest: bytes
    older: tuple[bytes, ...] = ()

    @property
    def known_as(self) -> tuple[bytes, ...]:
        """Return every hash under which the number may have been kept."""
        return (self.newest, *self.older)


def e164(phone: str) -> str:
    """Return a telephone number as E.164; one without a country's code is a Chinese mobile number.

    Raises:
        InputError: ``phone.form``.
    """
    digits = re.sub(r"[\s()-]", "", unicodedata.normalize("NFKC", phone[:40]))
    digits = "+" + digits[2:] if digits.startswith("00") else digits
    number = _CHINA + digits if _MOBILE.fullmatch(digits) else digits
    if not _E164.fullmatch(number) or not number.isascii():
        raise InputError("phone.form", "telephone number", "it is not written as one", "Write 11 digits, or + and the country's code before the number.")
    return number


def mask_of(phone: str, form: PhoneForm) -> str:
    """Return a number in E.164 with its middle hidden, as a report shows it: without the country's code of China, and with that of any other.

    Where reports show the whole number, the mask is that of 3+4 all the same: a whole one is never kept.
    """
    national = phone.removeprefix(_CHINA)
    first, last = _SHOWN.get(form, _SHOWN[PhoneForm.FIRST_3_LAST_4])
    return national[:first] + _HIDDEN * max(0, len(national) - first - last) + national[-last:]


def phone_hash(keys: SiteKeys, project: str, phone: str) -> NumberHash:
    """Return the hashes of a telephone number, however it is written.

    Raises:
        InputError: ``phone.form``.
    """
    return number_hash(keys, Hashed.PHONE, project, e164(phone))


def document_hash(keys: SiteKeys, project: str, number: str) -> NumberHash:
    """Return the hashes of a document's number; blanks, hyphens and the case of letters do not matter.

    Raises:
        InputError: ``document.form``.
    """
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", number[:80])).upper()
    if not _DOCUMENT.fullmatch(plain):
        raise InputError("document.form", "document", "its number is not written as one", "Read the document again.")
    return number_hash(keys, Hashed.DOCUMENT, project, plain)


def secret_hash(keys: SiteKeys, kind: Hashed, text: str) -> NumberHash:
    """Return the hashes of a secret that this site gave away."""
    return number_hash(keys, kind, "", text)


def number_hash(keys: SiteKeys, kind: Hashed, project: str, text: str) -> NumberHash:
    """Return the hashes of ``text`` as it stands."""
    message = b"".join(len(raw).to_bytes(4, "big") + raw for raw in (part.encode("utf-8", "surrogatepass") for part in (kind, project, text)))
    newest, *older = (hmac.digest(keys.derive(_PURPOSE, epoch=epoch), message, "sha256") for epoch in reversed(keys.epochs))
    return NumberHash(newest, tuple(older))
