"""Trying a door without standing before it: what its controller would decide, by the engine that decides there. Nothing happens and nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.access.model import ADMITS_BY, Attempt, Credential, Evidence, Snapshot
from consentry.access.rules.compiling import compile_snapshot
from consentry.access.rules.deciding import decide
from consentry.access.rules.state import Place, State
from consentry.access.service.credentials import credential
from consentry.access.service.gathering import gather
from consentry.access.service.modes import standing_modes
from consentry.access.service.orders import require_door
from consentry.access.service.policies import policy_in_force, policy_of_controller
from consentry.ledger.work import reading
from consentry.platform.actors import Permission, permits

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.access.model import Decision, Policy
    from consentry.access.service.gathering import Kept
    from consentry.ledger.work import UnitOfWork
    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["Trial", "standing_policy", "try_door"]


@dataclass(frozen=True, slots=True)
class Trial:
    """Somebody's credential at a door at an instant (UTC). ``inside``: the area that its person entered just before; ``host_agreed``: the host says yes."""

    door: str
    credential: str
    at: datetime
    inside: str | None = None
    host_agreed: bool = False


@permits(Permission.VIEW_DOORS)
def standing_policy(site: Site, actor: Actor) -> Policy:  # noqa: ARG001 - the guard reads the actor
    """Return the policy in force, with the doors of the settings: what is drawn, and where a draft begins."""
    with reading(site) as work:
        return policy_in_force(work)


@permits(Permission.MANAGE_DOORS)
def try_door(site: Site, actor: Actor, trial: Trial) -> Decision:
    """Return what the door's controller would decide: the register, the policy and the modes of now, at the trial's instant, with every reader at work.

    Raises:
        NotFoundError: ``door.unknown``, ``credential.unknown``.
    """
    door = require_door(site, trial.door)
    shown = credential(site, actor, trial.credential)
    with reading(site) as work:
        compiled = compile_snapshot(_snapshot(work, door.controller, trial.at))
    state = State() if trial.inside is None else State(places={shown.person: Place(trial.inside, trial.at)})
    evidence = Evidence(ADMITS_BY[shown.kind], shown.id, host_agreed=trial.host_agreed)
    return decide(compiled, state, Attempt(door.id, trial.at, evidence))[0]


def _snapshot(work: UnitOfWork, controller: str, at: datetime) -> Snapshot:
    """Return what the controller would be told, good at ``at``, without anything that opens a door."""
    policy = policy_of_controller(work, controller)
    gathered = gather(work.session, policy)
    return Snapshot(
        number=0,
        site=work.keys.site,
        controller=controller,
        issued=min(work.now, at),
        expires=max(work.now, at) + work.site.settings.access.offline_for,
        policy=policy,
        people=gathered.people,
        credentials=tuple(_credential(kept) for kept in gathered.credentials),
        issuers=(),
        modes=standing_modes(work.session),
    )


def _credential(kept: Kept) -> Credential:
    return Credential(
        id=kept.id,
        person=kept.person,
        kind=kept.kind,
        mark=kept.id,
        state=kept.state,
        valid_from=kept.valid_from,
        valid_until=kept.valid_until,
        doors=kept.doors,
        uses=kept.uses,
        needs_host=kept.needs_host,
    )
