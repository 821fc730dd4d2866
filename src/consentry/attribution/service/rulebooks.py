"""The rules of each project: read from the file that the settings name, recorded when first applied, and never changed once in force."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from consentry.attribution.model import Rulebook
from consentry.attribution.records.deals import RulebookRow
from consentry.attribution.rulebook import built_in, read_rulebook, read_versions
from consentry.attribution.rules import in_force as version_at
from consentry.attribution.rules.documents import sha256_of, version_document
from consentry.attribution.rules.notation import show_instant
from consentry.attribution.strict import Fields
from consentry.attribution.work import ITSELF, PURPOSE
from consentry.ledger.model import Act
from consentry.ledger.rules.canonical import canonical
from consentry.ledger.work import UnitOfWork, reading, writing
from consentry.platform.actors import Permission, permits
from consentry.platform.errors import InputError, NotFoundError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from consentry.attribution.model import RulebookVersion
    from consentry.platform.actors import Actor
    from consentry.platform.settings.projects import Project
    from consentry.platform.site import Site

__all__ = ["RecordedVersion", "applied", "claim_lasts", "follow", "in_force", "recorded", "require_project", "standing", "versions"]

_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RecordedVersion:
    """A version of a project's rules as it was first applied: its hash, its canonical JSON, and its entry in the ledger."""

    project: str
    version: RulebookVersion
    sha256: str
    text: str
    applied: datetime
    entry: int


def follow(site: Site) -> int:
    """Record what is new in each project's rules, and return how many versions. A job of every minute; a wrong file keeps no other project's from it.

    Raises:
        SettingsError: ``rulebook.in-force`` where a file changes or drops rules that were in force already, ``rulebook.backdated`` where it adds
            such; the recorded ones stay. What the file's reader raises.
    """
    recorded_now, wrong = 0, None
    for project in site.settings.projects:
        try:
            recorded_now += _follow(site, project)
        except InputError as error:
            wrong = wrong or error
    if wrong is not None:
        raise wrong
    return recorded_now


def in_force(work: UnitOfWork, project: str, at: datetime) -> RulebookVersion:
    """Return the version of a project's rules that is in force at ``at``.

    Raises:
        NotFoundError: ``project.unknown``.
        InputError: ``attribution.no-rulebook`` where none had begun.
    """
    return version_at(standing(work, project), at)


def standing(work: UnitOfWork, project: str) -> Rulebook:
    """Return the recorded versions of a project's rules; before the first was recorded, those of its file.

    Raises:
        NotFoundError: ``project.unknown``.
        SettingsError: where the file cannot be read.
    """
    known = recorded(work.session, project)
    return Rulebook(tuple(one.version for one in known)) if known else _read(work.site, require_project(work.site, project))


def recorded(session: Session, project: str) -> list[RecordedVersion]:
    """Return the versions of a project's rules that are recorded, oldest first."""
    rows = sorted(session.scalars(select(RulebookRow).where(RulebookRow.project == project)), key=lambda row: datetime.fromisoformat(row.start))
    return [RecordedVersion(row.project, _version(row), row.sha256, row.text, row.applied, row.entry) for row in rows]


def applied(work: UnitOfWork, project: str) -> list[RecordedVersion]:
    """Return the same; where none was recorded yet, those of the file are now.

    Raises:
        NotFoundError: ``project.unknown``.
        SettingsError: where the file cannot be read.
    """
    known = recorded(work.session, project)
    if known:
        return known
    for version in _read(work.site, require_project(work.site, project)).versions:
        _record(work, project, version)
    return recorded(work.session, project)


@permits(Permission.VIEW_ATTRIBUTION)
def versions(site: Site, actor: Actor, project: str) -> list[RecordedVersion]:  # noqa: ARG001 - the guard reads the actor
    """Return the recorded versions of a project's rules, oldest first."""
    with reading(site) as work:
        return recorded(work.session, project)


def require_project(site: Site, project: str) -> Project:
    """Return a project of the settings.

    Raises:
        NotFoundError: ``project.unknown``.
    """
    found = site.settings.project(project)
    if found is None:
        raise NotFoundError("project.unknown", f"project {project[:40]}", "the settings name none of that id", "Look at the list of projects.")
    return found


def _follow(site: Site, project: Project) -> int:
    wanted = {_start(version): version for version in _read(site, project).versions}
    with reading(site) as work:
        known = {_start(one.version): one.sha256 for one in recorded(work.session, project.id)}
        changed = _changed(project, known, wanted, work.now)
    if not changed:
        return 0
    with writing(site) as work:
        for start in changed:
            _replace(work, project.id, start, wanted.get(start))
    return len(changed)


def _changed(project: Project, known: Mapping[str, str], wanted: Mapping[str, RulebookVersion], now: datetime) -> list[str]:
    """Return the beginnings of versions that are new, other or gone."""
    changed = [start for start in sorted({*known, *wanted}) if start not in wanted or known.get(start) != sha256_of(version_document(wanted[start]))]
    begun = [start for start in changed if known and datetime.fromisoformat(start) <= now]
    if begun:
        raise _refused(project, begun[0], is_known=begun[0] in known)
    return changed


def _replace(work: UnitOfWork, project: str, start: str, version: RulebookVersion | None) -> None:
    row = work.session.get(RulebookRow, (project, start))
    if row is not None:
        work.record(Act(ITSELF.label, "attribution.rulebook-withdrawn", f"rulebook:{project}", PURPOSE, details={"from": start, "sha256": row.sha256}))
        work.session.delete(row)
        work.session.flush()
    if version is not None:
        _record(work, project, version)


def _record(work: UnitOfWork, project: str, version: RulebookVersion) -> None:
    document = version_document(version)
    start, sha256 = _start(version), sha256_of(document)
    entry = work.record(Act(ITSELF.label, "attribution.rulebook-applied", f"rulebook:{project}", PURPOSE, details={"from": start, "sha256": sha256}))
    text = canonical(document).decode()
    work.session.add(RulebookRow(project=project, start=start, sha256=sha256, text=text, applied=work.now, entry=entry))
    work.session.flush()


def _start(version: RulebookVersion) -> str:
    """Return since when a version is in force, as text."""
    return show_instant(version.start or _ALWAYS)


def _read(site: Site, project: Project) -> Rulebook:
    if project.rulebook is None:
        return built_in()
    try:
        data = site.store.places.file(project.rulebook).read_bytes()
    except OSError as error:
        problem = f"it cannot be read ({error.strerror})"
        raise SettingsError("rulebook.unreadable", f"rulebook {project.rulebook}", problem, "Put a TOML file there.") from error
    read = read_rulebook(data, project.rulebook)
    _demand_retention(project, read)
    return read


def _demand_retention(project: Project, rules: Rulebook) -> None:
    """Refuse rules under which a claim outlives the visits that it rests on; of the built-in ones the settings' own check knows."""
    least = claim_lasts(rules) + project.verdict_within
    if project.visit_retention < least:
        problem = f"project {project.id} deletes visits while a claim that rests on them can still be judged or appealed against"
        mend = f"Set visit_retention to at least {least.days + bool(least.seconds)} days."
        raise SettingsError("rulebook.visit-retention", f"rulebook {project.rulebook}", problem, mend)


def claim_lasts(rules: Rulebook) -> timedelta:
    """Return how long a visit can matter for a contract, its verdict's own time not counted: the longest protection and time to appeal of any version."""
    return max(max(version.visit_protection, version.natural_protection) + version.appeal_within for version in rules.versions)


def _version(row: RulebookRow) -> RulebookVersion:
    return read_versions(Fields(f"recorded rulebook of {row.project}", {"version": [json.loads(row.text)]}), "version").versions[0]


def _refused(project: Project, start: str, *, is_known: bool) -> SettingsError:
    subject = f"rulebook of {project.id}, version from {start}"
    if is_known:
        mend = "Put it back as it was, and add the change as a version with a `from` in the future."
        return SettingsError("rulebook.in-force", subject, "it was in force already, and the file changes or drops it", mend)
    return SettingsError("rulebook.backdated", subject, "it would be in force for what has happened already", "Give it a `from` in the future.")
