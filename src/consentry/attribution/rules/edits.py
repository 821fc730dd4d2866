"""R0, edits: they change nothing, and those of what a verdict rests on are flagged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.attribution.rules.documents import reference

if TYPE_CHECKING:
    from consentry.attribution.model import Edit
    from consentry.attribution.rules.admission import Admitted
    from consentry.attribution.rules.cluster import Cluster

__all__ = ["edits_within"]


def edits_within(admitted: Admitted, cluster: Cluster) -> list[Edit]:
    """Return the edits of the cluster's visits and of reports that these name or that are about its members.

    An edit of another client's visit says nothing about this one.
    """
    if not admitted.edits:
        return []
    visits = [visit for visit in admitted.visits if visit.person in cluster.members]
    named = {visit.report for visit in visits}
    reports = {report.id for report in admitted.reports.values() if report.client in cluster.members or report.id in named}
    concerned = (reports | {visit.id for visit in visits}) & admitted.edits.keys()
    return sorted((edit for of in concerned for edit in admitted.edits[of]), key=reference)
