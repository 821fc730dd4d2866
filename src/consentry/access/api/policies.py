"""``/doors/policy``: what is in force, what a draft would change and for whom, and putting it in force."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import Query

from consentry.access.api.policy_shapes import (
    AppliedPolicyOut,
    CurrentPolicyOut,
    PolicyApplicationIn,
    PolicyDraftIn,
    PolicyDraftNameIn,
    PolicyDraftOut,
    PolicyDraftPublicationIn,
    PolicyIn,
    PolicyPreviewOut,
)
from consentry.access.service import policies, policy_drafts
from consentry.platform.actors import Permission
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep

__all__ = ["router"]

router = ApiRouter(prefix="/doors/policy", tag="doors")

SeenParam = Annotated[str, Query(max_length=36, description="`edit` of the state that was seen.")]


@router.get("", permission=Permission.VIEW_DOORS)
def read_policy(site: SiteDep, actor: ActorDep) -> CurrentPolicyOut:
    """Return what is in force, as a draft that can be edited."""
    version, draft = policies.current_draft(site, actor)
    return CurrentPolicyOut(version=version, document=dict(draft.document))


@router.get("/versions", permission=Permission.VIEW_DOORS)
def list_policies(site: SiteDep, actor: ActorDep) -> list[AppliedPolicyOut]:
    """List every version that was applied, the newest first."""
    return [AppliedPolicyOut.model_validate(one) for one in policies.policies(site, actor)]


@router.post("/preview", permission=Permission.MANAGE_DOORS)
def preview_policy(site: SiteDep, actor: ActorDep, body: PolicyIn) -> PolicyPreviewOut:
    """Return what a draft would change: who gains or loses which door when."""
    return PolicyPreviewOut.of(policies.preview_policy(site, actor, body.draft()))


@router.post("", permission=Permission.MANAGE_DOORS, status_code=HTTPStatus.CREATED)
def apply_policy(site: SiteDep, actor: ActorDep, body: PolicyApplicationIn) -> AppliedPolicyOut:
    """Put a draft in force, if what it was compared with still is."""
    return AppliedPolicyOut.model_validate(policies.apply_policy(site, actor, body.draft(), body.expected_version, body.reason))


@router.get("/draft", permission=Permission.MANAGE_DOORS)
def read_policy_draft(site: SiteDep, actor: ActorDep) -> PolicyDraftOut | None:
    """Return the draft of the site; null where nobody began one."""
    kept = policy_drafts.kept_draft(site, actor)
    return None if kept is None else PolicyDraftOut.of(kept)


@router.put("/draft", permission=Permission.MANAGE_DOORS)
def keep_policy_draft(site: SiteDep, actor: ActorDep, body: PolicyDraftIn) -> PolicyDraftOut:
    """Keep a draft, if it stands still as whoever changed it saw it."""
    return PolicyDraftOut.of(policy_drafts.keep_draft(site, actor, body.draft(), body.seen))


@router.put("/draft/name", permission=Permission.MANAGE_DOORS)
def rename_policy_draft(site: SiteDep, actor: ActorDep, body: PolicyDraftNameIn) -> PolicyDraftOut:
    """Call the draft by a name."""
    return PolicyDraftOut.of(policy_drafts.rename_draft(site, actor, body.seen, body.name))


@router.delete("/draft", permission=Permission.MANAGE_DOORS, status_code=HTTPStatus.NO_CONTENT)
def discard_policy_draft(site: SiteDep, actor: ActorDep, seen: SeenParam) -> None:
    """Throw the draft away, if it stands still as it was seen."""
    policy_drafts.discard_draft(site, actor, seen)


@router.post("/draft/publication", permission=Permission.MANAGE_DOORS, status_code=HTTPStatus.CREATED)
def publish_policy_draft(site: SiteDep, actor: ActorDep, body: PolicyDraftPublicationIn) -> AppliedPolicyOut:
    """Put the draft in force as it was seen and compared; it is kept no longer."""
    return AppliedPolicyOut.model_validate(policy_drafts.apply_draft(site, actor, body.seen, body.expected_version, body.reason))
