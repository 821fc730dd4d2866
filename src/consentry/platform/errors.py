"""Every error Consentry raises on purpose.

    ConsentryError
    ├── InputError            what was given cannot be used            exit 2, HTTP 422
    │   ├── SourceError       a video source                           (consentry.video)
    │   ├── GeometryError     a line or zone                           (consentry.counting)
    │   └── DatasetError      an evaluation manifest or sequence       (consentry.counting)
    ├── ModelError            a model is missing, damaged or unknown   exit 2, HTTP 503
    └── MissingPartError      an optional package is not installed     exit 2, HTTP 501

An error names the thing, says what is wrong with it and how to mend it, and carries a stable code.
"""

__all__ = [
    "ConsentryError",
    "DatasetError",
    "GeometryError",
    "InputError",
    "MissingPartError",
    "ModelError",
    "SourceError",
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


class ModelError(ConsentryError):
    """A model that is missing, damaged, unknown or not usable here."""

    exit_code = 2
    http_status = 503


class MissingPartError(ConsentryError):
    """A part of Consentry whose optional package is not installed."""

    exit_code = 2
    http_status = 501
