"""``/doors/policy``: what is in force, what a draft would change and for whom, and putting it in force."""

from __future__ import annotations

from http import HTTPStatus

from consentry.access.api.policy_shapes import AppliedPolicyOut, CurrentPolicyOut, PolicyApplicationIn, PolicyIn, PolicyPreviewOut
from consentry.access.service import policies
from consentry.platform.actors import Permission
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep

__all__ = ["router"]

router = ApiRouter(prefix="/doors/policy", tag="doors")


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
