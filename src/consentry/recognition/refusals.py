"""Why the vault refuses: stable codes, each with its sentences."""

from __future__ import annotations

from enum import StrEnum

from consentry.platform.errors import ConflictError

__all__ = ["RefusalCode", "refusal"]


class RefusalCode(StrEnum):
    """A code of the vault; besides these it answers ``vault.message`` where a message is not one."""

    OFF = "vault.off"
    STATION_UNKNOWN = "vault.station-unknown"
    SIGNATURE = "vault.signature"
    CLOCK = "vault.clock"
    COUNTER = "vault.counter"
    RATE = "vault.rate"
    TICKET_UNKNOWN = "vault.ticket-unknown"
    TICKET_USED = "vault.ticket-used"
    TICKET_EXPIRED = "vault.ticket-expired"
    TICKET_STATION = "vault.ticket-station"
    TICKET_PURPOSE = "vault.ticket-purpose"
    TICKET_KIND = "vault.ticket-kind"
    GRANT = "vault.grant"
    GRANT_EXPIRED = "vault.grant-expired"
    GRANT_REVOKED = "vault.grant-revoked"
    GRANT_SUSPENDED = "vault.grant-suspended"
    GRANT_SITE = "vault.grant-site"
    GRANT_PURPOSE = "vault.grant-purpose"
    GRANT_MODEL = "vault.grant-model"
    GRANT_EPOCH = "vault.grant-epoch"
    LIVENESS = "vault.liveness"
    QUALITY = "vault.quality"
    UNATTESTED = "vault.unattested"
    SHOTS = "vault.shots"
    SHOTS_DIFFER = "vault.shots-differ"
    NOT_CERTIFIED = "vault.not-certified"
    NO_CALIBRATION = "vault.no-calibration"
    ENROLLED = "vault.enrolled"
    TOKEN = "vault.token"  # noqa: S105 - a code, no secret
    FULL = "vault.full"
    STORAGE = "vault.storage"
    FAILED = "vault.failed"


_AGAIN = "Activate the station again."
_RENEW = "Ask for the consent again."
_STAFF = "Ask the staff; there is always another way in."
_WORDS: dict[RefusalCode, tuple[str, str]] = {
    RefusalCode.OFF: ("this is not switched on here", "Look at [recognition], [[purpose]] and [processes] of the settings."),
    RefusalCode.STATION_UNKNOWN: ("the vault knows no such station", "Pair the station again."),
    RefusalCode.SIGNATURE: ("the station's key did not sign this activation", "Pair the station again."),
    RefusalCode.CLOCK: ("the station's clock and this machine's differ by more than 30 seconds", "Set both clocks by the network."),
    RefusalCode.COUNTER: ("this activation, or a later one, was used before", _AGAIN),
    RefusalCode.RATE: ("the station was activated too often within a minute", "Wait a minute."),
    RefusalCode.TICKET_UNKNOWN: ("there is no such ticket", _AGAIN),
    RefusalCode.TICKET_USED: ("the ticket was used before", _AGAIN),
    RefusalCode.TICKET_EXPIRED: ("the ticket has expired", _AGAIN),
    RefusalCode.TICKET_STATION: ("the ticket's station is not paired any more", "Pair the station again."),
    RefusalCode.TICKET_PURPOSE: ("the station may not recognise for this purpose", "Add the purpose to the station's settings."),
    RefusalCode.TICKET_KIND: ("the ticket, or the station, is not for this kind of capture", _AGAIN),
    RefusalCode.GRANT: ("it is no consent of this ticket that the site has signed", _RENEW),
    RefusalCode.GRANT_EXPIRED: ("the consent has expired, or is not valid yet", _RENEW),
    RefusalCode.GRANT_REVOKED: ("the consent was withdrawn", _RENEW),
    RefusalCode.GRANT_SUSPENDED: ("the consent rests", _STAFF),
    RefusalCode.GRANT_SITE: ("the consent was given to another site", _RENEW),
    RefusalCode.GRANT_PURPOSE: ("the consent was given for another purpose", _RENEW),
    RefusalCode.GRANT_MODEL: ("the consent was given for another model", _RENEW),
    RefusalCode.GRANT_EPOCH: ("the consent was signed with a key that the vault does not know", "Restart the server after a rotation of keys."),
    RefusalCode.LIVENESS: ("nothing showed that a living person stands there", _STAFF),
    RefusalCode.QUALITY: ("the pictures are not good enough", "Look straight at the camera, in more light."),
    RefusalCode.UNATTESTED: ("doors need a camera of the site and a consent for it", "Enrol at a station."),
    RefusalCode.SHOTS: ("these are not as many aligned faces of the right size as are needed", "Update all parts of the server together."),
    RefusalCode.SHOTS_DIFFER: ("the pictures do not show one face", "Stand alone in front of the station and try again."),
    RefusalCode.NOT_CERTIFIED: ("the calibration does not certify the model for this", "Calibrate on more faces, or choose a better model."),
    RefusalCode.NO_CALIBRATION: ("there is no calibration of this model behind this face detector", "Run: consentry recognition calibrate FILE."),
    RefusalCode.ENROLLED: ("there is a template of this consent already", "Withdraw the consent and give it again."),
    RefusalCode.TOKEN: ("the token is none of this ticket, or opens nothing here", _STAFF),
    RefusalCode.FULL: ("the gallery of this purpose is full", "Enrol no more, or ask for a larger one."),
    RefusalCode.STORAGE: ("the vault's records cannot be written", "Look at the disk of the server, then restart it."),
    RefusalCode.FAILED: ("the vault could not do it", "Look at the log of the server; restart it where this repeats."),
}


def refusal(code: RefusalCode) -> ConflictError:
    """Return the error of a code, to be raised or answered."""
    problem, mend = _WORDS[code]
    return ConflictError(code, "the vault", problem, mend)
