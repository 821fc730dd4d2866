"""The bundle of a verdict, as anybody holds it: the explanation in it, and whether its case is what the log received."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.attribution.explanations import read_explanation
from consentry.attribution.rules.proving import compare
from consentry.attribution.strict import parse_json
from consentry.ledger.rules.bundles import DOSSIER, read_bundle
from consentry.ledger.rules.canonical import canonical
from consentry.platform.errors import InputError, ProofError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.attribution.rules.proving import Comparison
    from consentry.ledger.model import JSONValue

__all__ = ["check_bundle", "compare_bundle", "explanation_in", "is_bundle"]


def is_bundle(data: bytes, name: str) -> bool:
    """Return whether a JSON document is a bundle of the log with a document of its own.

    Raises:
        InputError: ``attribution.json`` for what is no JSON.
    """
    found = parse_json(data, name)
    return isinstance(found, dict) and found.get("format") == DOSSIER


def explanation_in(data: bytes, name: str) -> bytes:
    """Return the explanation that the bundle of a verdict holds. No seal is verified here.

    Raises:
        InputError: ``attribution.bundle`` for a bundle of something else.
        ProofError: ``proof.bundle`` where it has not the form of a bundle.
    """
    return canonical(_proposal(read_bundle(data).bundle.document, name)["explanation"])


def compare_bundle(data: bytes, name: str) -> Comparison:
    """Compare every event of a bundle's case with the entries that the bundle proves. Raises what :func:`explanation_in` and ``read_explanation`` do."""
    bundle = read_bundle(data).bundle
    proposal = _proposal(bundle.document, name)
    case = read_explanation(canonical(proposal["explanation"]), name).case
    return compare(case, _placed(proposal.get("entries"), name), {proof.entry.index: proof.entry for proof in bundle.entries})


def check_bundle(data: bytes, name: str) -> tuple[str, ...]:
    """Pass a bundle whose case is what the log received, and return the ids of the events of which nothing shows it: their entries were erased since.

    Raises:
        ProofError: ``proof.case``, naming the first event that is not, or the problem that keeps the case from being read.
    """
    try:
        compared = compare_bundle(data, name)
    except InputError as error:
        raise _untrue(name, error.problem) from error
    if compared.problems:
        raise _untrue(name, compared.problems[0])
    return compared.unproven


def _proposal(document: Mapping[str, JSONValue] | None, name: str) -> Mapping[str, JSONValue]:
    proposal = document.get("proposal") if document is not None else None
    if not isinstance(proposal, dict) or "explanation" not in proposal:
        raise _refusal(name, "it is not the bundle of a verdict")
    return proposal


def _placed(value: JSONValue, name: str) -> dict[str, list[int]]:
    """Return which entries a bundle says are those of each event."""
    if not isinstance(value, dict):
        raise _refusal(name, "it does not say which entries are those of its events")
    found: dict[str, list[int]] = {}
    for event, indexes in value.items():
        if not isinstance(indexes, list):
            raise _refusal(name, f"the entries of event {event[:36]} are no list")
        found[event] = [index for index in indexes if isinstance(index, int)]
    return found


def _untrue(name: str, problem: str) -> ProofError:
    return ProofError("proof.case", name, problem, "Do not rely on this verdict; ask for the entries of the log yourself.")


def _refusal(name: str, problem: str) -> InputError:
    return InputError("attribution.bundle", name, problem, "Give the file that was issued for a verdict.")
