"""Every error Consentry raises on purpose.

    ConsentryError
    ├── InputError            what was given cannot be used            exit 2, HTTP 422
    │   ├── SourceError       a video source                           (consentry.video)
    │   ├── GeometryError     a line or zone                           (consentry.counting)
    │   ├── DatasetError      an evaluation manifest or sequence       (consentry.counting)
    │   ├── SettingsError     a file, table or key of the settings     (consentry.platform.settings)
    │   └── ProofError        a receipt, checkpoint or bundle          (consentry.ledger)
    ├── SignInError           nobody is signed in, or it failed        exit 2, HTTP 401
    ├── DeniedError           signed in, but not permitted             exit 2, HTTP 403
    ├── NotFoundError         no such thing                            exit 2, HTTP 404
    ├── ConflictError         it is not in the state this needs        exit 2, HTTP 409
    ├── StaleError            it changed since it was read             exit 2, HTTP 412
    ├── TooManyError          too many tries or requests               exit 2, HTTP 429
    ├── ModelError            a model is missing, damaged or unknown   exit 2, HTTP 503
    ├── KeyStoreError         a key is missing, exposed or damaged     exit 2, HTTP 503
    ├── RecordsError          the database cannot be used              exit 1, HTTP 503
    ├── LedgerError           the log contradicts itself               exit 1, HTTP 500
    └── MissingPartError      an optional package is not installed     exit 2, HTTP 501

An error names the thing, says what is wrong with it and how to mend it, and carries a stable code.
"""

__all__ = [
    "ConflictError",
    "ConsentryError",
    "DatasetError",
    "DeniedError",
    "GeometryError",
    "InputError",
    "KeyStoreError",
    "LedgerError",
    "MissingPartError",
    "ModelError",
    "NotFoundError",
    "ProofError",
    "RecordsError",
    "SettingsError",
    "SignInError",
    "SourceError",
    "StaleError",
    "TooManyError",
]


class ConsentryError(Exception):
    """The root: ``subject: problem. mend`` with a stable ``code`` such as ``source.no-video``."""

    exit_code = 1
    http_status = 500

    def __init__(self, code: str, subject: str, problem: str, mend: str) -> None:
        """State what (``subject``), what is wrong (``problem``) and what to do (``mend``)."""
        super().__init__(f"{subject}: {problem}. {mend}")
        self.code = code
        self.subject = subject
        self.problem = problem
        self.mend = mend


class InputError(ConsentryError):
    """Something the caller gave cannot be used."""

    exit_code = 2
    http_status = 422


class SourceError(InputError):
    """A video source that cannot be opened, decoded or counted on."""


class GeometryError(InputError):
    """A line or zone that cannot count."""


class DatasetError(InputError):
    """An evaluation manifest, clip folder or tracking sequence that cannot be read."""


class SettingsError(InputError):
    """A settings file that cannot be applied; the subject names file, table and key."""


class ProofError(InputError):
    """A receipt, checkpoint or bundle that does not prove what it claims."""


class SignInError(ConsentryError):
    """Nobody is signed in, or signing in failed."""

    exit_code = 2
    http_status = 401


class DeniedError(ConsentryError):
    """The one who asks is known and may not do this."""

    exit_code = 2
    http_status = 403


class NotFoundError(ConsentryError):
    """There is no such thing, or none that the one who asks may know of."""

    exit_code = 2
    http_status = 404


class ConflictError(ConsentryError):
    """The thing is not in the state that this needs."""

    exit_code = 2
    http_status = 409


class StaleError(ConsentryError):
    """The thing changed since it was read."""

    exit_code = 2
    http_status = 412


class TooManyError(ConsentryError):
    """Too many tries or requests; ``retry_after`` seconds must pass."""

    exit_code = 2
    http_status = 429

    def __init__(self, code: str, subject: str, problem: str, mend: str, *, retry_after: float) -> None:
        """State the error and how many seconds to wait."""
        super().__init__(code, subject, problem, mend)
        self.retry_after = retry_after


class ModelError(ConsentryError):
    """A model that is missing, damaged, unknown or not usable here."""

    exit_code = 2
    http_status = 503


class KeyStoreError(ConsentryError):
    """A key that is missing, damaged, or readable by others."""

    exit_code = 2
    http_status = 503


class RecordsError(ConsentryError):
    """A database that cannot be reached, is of another version, or refuses to write."""

    http_status = 503


class LedgerError(ConsentryError):
    """A log that contradicts what it once signed."""


class MissingPartError(ConsentryError):
    """A part of Consentry whose optional package is not installed."""

    exit_code = 2
    http_status = 501
