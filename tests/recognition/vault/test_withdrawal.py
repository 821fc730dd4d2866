"""After a withdrawal nothing of the template is left: not in a file, not in the memory of the living vault, not for a restored backup."""

from __future__ import annotations

import base64
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from consentry.platform.keys import SiteKeys
from consentry.recognition import messages
from consentry.recognition.model import Decision, TicketKind
from consentry.recognition.seals import opened_erasure
from consentry.recognition.transform import KeyedTransform
from consentry.recognition.vault.keystore import PersonKeys
from consentry.vision.faces.embedders import open_embedder, open_network_of
from consentry.vision.store import ModelStore
from tests.recognition.vault import world
from tests.recognition.vault.faces import DIMENSION, NumberedFaces, chip
from tests.recognition.vault.residue import Finding, Residue, template_forms
from tests.recognition.vault.running import REAL, running

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from consentry.consent.model import ConsentGrant
    from consentry.recognition.vault.order import VaultOrder

GONE, STAYING = 5, 6


@pytest.fixture
def site(tmp_path: Path) -> world.Site:
    return world.Site(tmp_path)


def forms_of(order: VaultOrder, consent: str, shots: NDArray[np.float32]) -> dict[str, bytes]:
    """Return what must be gone of a person: template, key, and ``shots`` (the last a probe; float32 [N, 128]), in every form."""
    keys = SiteKeys.open(Path(order.key), data_folder=Path(order.data))
    transform = KeyedTransform(keys.derive("transform-greeting-1"), DIMENSION)
    key = PersonKeys(Path(order.keystore), keys).find(consent)
    assert key is not None
    template = shots[:-1].mean(axis=0)
    template /= np.linalg.norm(template)
    forms = {"key": key.tobytes()}
    for name, vector in {"template": template, **{f"shot {number}": shot for number, shot in enumerate(shots)}}.items():
        forms |= {f"{name}: {form}": content for form, content in template_forms(vector, transform).items()}
    return forms


def everywhere(residue: Residue, order: VaultOrder, pid: int) -> list[Finding]:
    """Return what is found in the vault's folders and in its memory."""
    folders = (Path(order.data), Path(order.keystore))
    return [*residue.in_process(pid), *(finding for folder in folders for finding in residue.in_folder(folder))]


@pytest.mark.skipif(os.geteuid() != 0, reason="reason: only root may read the memory of a process that forbids it")
def test_no_window_of_sixteen_bytes_of_a_withdrawn_template_is_left_anywhere(site: world.Site) -> None:
    order = site.order()
    ask = world.asking(order)
    with running(order) as process:
        ask(site.registration())
        grant, _ = world.enrol(site, ask, GONE)
        world.enrol(site, ask, STAYING)
        for _ in range(3):
            assert world.outcome(ask, world.identify(site, ask, GONE)).person == grant.person
            assert world.outcome(ask, world.verify(site, ask, GONE, grant)).person == grant.person
        residue = Residue(forms_of(order, grant.consent, NumberedFaces().embed(np.stack([chip(GONE, shot) for shot in (0, 1, 2, 200)]))))
        # Signs of the shots are mostly those of the template, which the gallery holds.
        held = {finding.form for finding in everywhere(residue, order, process.pid) if "signs" not in finding.form}
        assert held
        assert {form for form in held if not form.startswith(("template: kept", "template: rotated"))} == set(), "of shots, probes and key nothing is kept"
        ask(messages.Revoke(grant.person, grant.consent, grant.purpose))
        assert everywhere(residue, order, process.pid) == []


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="reason: only root may read the memory of a process that forbids it")
def test_nothing_is_left_in_the_memory_of_the_network_that_a_site_uses(site: world.Site, shared: Path) -> None:
    order = replace(site.order(), models=str(shared / "models"))
    ask = world.asking(order)
    noise = np.random.default_rng(1).integers(6, 249, (1, 112, 112, 3)) + np.random.default_rng(2).integers(-6, 7, (4, 112, 112, 3))
    faces = noise.astype(np.uint8)
    embedder = open_embedder("mobilefacenet", store=ModelStore(shared / "models", (shared / "models",)))
    network = open_network_of("mobilefacenet", store=ModelStore(shared / "models", (shared / "models",)))
    shots = np.concatenate([embedder.embed(faces[:3]), embedder.embed(faces[3:])])
    straight, mirrored = (network.infer_batch(some)[0] for some in (faces, faces[:, :, ::-1]))
    with running(order, REAL) as process:
        ask(site.registration())
        grant = site.grant()
        held = world.ticket(site, ask, TicketKind.ENROL, grant.consent)
        ask(messages.Enrol(held.id, site.grant_text(grant), world.LIVE), faces[:3].tobytes())
        held = world.ticket(site, ask, TicketKind.IDENTIFY)
        found = world.outcome(ask, ask(messages.Identify(held.id, world.LIVE), faces[3:].tobytes()))
        assert found.consent == grant.consent
        raw = {f"output {number}": output.tobytes() for number, output in enumerate([*straight, *mirrored])}
        residue = Residue(forms_of(order, grant.consent, shots) | raw)
        ask(messages.Revoke(grant.person, grant.consent, grant.purpose))
        assert everywhere(residue, order, process.pid) == []


def copied(folder: str, target: Path) -> Path:
    """Copy a folder as a backup would."""
    return Path(shutil.copytree(folder, target))


def restored(folder: str, backup: Path) -> None:
    """Put a backup in the place of a folder."""
    shutil.rmtree(folder)
    shutil.copytree(backup, folder)


def is_known(site: world.Site, ask: world.Asking, person: int, grant: ConsentGrant) -> bool:
    """Tell whether anything recognises a numbered person."""
    found = world.outcome(ask, world.identify(site, ask, person))
    verified = world.verify(site, ask, person, grant)
    return found.decision is not Decision.REJECT or not isinstance(verified, messages.Refused)


def test_a_restored_backup_of_the_templates_brings_nobody_back(site: world.Site, tmp_path: Path) -> None:
    order = site.order()
    ask = world.asking(order)
    with running(order):
        ask(site.registration())
        grant, _ = world.enrol(site, ask, GONE)
        other, _ = world.enrol(site, ask, STAYING)
    backup = copied(order.data, tmp_path / "backup")
    with running(order):
        ask(messages.Revoke(grant.person, grant.consent, grant.purpose))
    restored(order.data, backup)
    with running(order):
        assert not is_known(site, ask, GONE, grant)
        assert is_known(site, ask, STAYING, other)
        assert grant.consent in {tombstone.consent for tombstone in world.is_(messages.TombstoneList, ask(messages.Tombstones(0))).tombstones}


def test_a_withdrawn_consent_cannot_enrol_again(site: world.Site) -> None:
    order = site.order()
    ask = world.asking(order)
    with running(order):
        ask(site.registration())
        grant, _ = world.enrol(site, ask, GONE)
        ask(messages.Revoke(grant.person, grant.consent, grant.purpose))
        assert world.refused(world.enrol(site, ask, GONE, grant)[1]) == "vault.grant-revoked"


def test_the_erasure_is_signed_and_says_the_same_when_it_is_asked_for_again(site: world.Site) -> None:
    order = site.order()
    ask = world.asking(order)
    with running(order):
        ask(site.registration())
        grant, _ = world.enrol(site, ask, GONE)
        first, second = (world.is_(messages.SignedErasure, ask(messages.Revoke(grant.person, grant.consent, grant.purpose))) for _ in range(2))
        keys = world.is_(messages.VaultStatus, ask(messages.Status())).keys
    assert first == second
    erased = opened_erasure(first, {int(epoch): base64.b64decode(key) for epoch, key in keys.items()})
    assert (erased.person, erased.consent, erased.sequence) == (grant.person, grant.consent, 2)
