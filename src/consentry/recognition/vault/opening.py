"""Opens the vault: root key, registers, persons' keys, templates, embedder, galleries."""

from __future__ import annotations

import logging
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from consentry.platform.clock import SystemClock
from consentry.platform.errors import ModelError
from consentry.platform.keys import SiteKeys
from consentry.recognition.rules import VaultScope
from consentry.recognition.vault.captures import Captures
from consentry.recognition.vault.desk import Desk
from consentry.recognition.vault.enrolled import Enrolled, ModelSpace
from consentry.recognition.vault.gate import Gate, Policy
from consentry.recognition.vault.keystore import PersonKeys
from consentry.recognition.vault.notary import Notary
from consentry.recognition.vault.registers import Registers
from consentry.recognition.vault.templates import TemplateStore
from consentry.recognition.vault.tickets import TicketOffice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from consentry.platform.clock import Clock
    from consentry.recognition.vault.captures import Eye
    from consentry.recognition.vault.order import VaultOrder

__all__ = ["opened"]

log = logging.getLogger(__name__)

_REGISTERS, _TEMPLATES = "registers.db", "vault.db"


@contextmanager
def opened(order: VaultOrder, open_eye: Callable[[VaultOrder], Eye], clock: Clock | None = None) -> Iterator[Desk]:
    """Open a vault, and leave nothing of its galleries when the block ends.

    Raises:
        KeyStoreError: Where the root key or the folder of the persons' keys cannot be used.
        RecordsError: ``vault.database``.
    """
    keys = SiteKeys.open(Path(order.key), data_folder=Path(order.data))
    with ExitStack() as stack:
        person_keys = PersonKeys(Path(order.keystore), keys)
        registers = Registers(Path(order.keystore) / _REGISTERS)
        stack.callback(registers.close)
        store = TemplateStore(Path(order.data) / "vault" / _TEMPLATES)
        stack.callback(store.close)
        eye = _eye(order, open_eye)
        enrolled = Enrolled(keys.site, _space(keys, registers, order, eye), store, person_keys, registers, in_tokens=order.in_tokens)
        stack.callback(enrolled.wipe)
        enrolled.rebuild()
        yield _desk(order, clock or SystemClock(), keys, enrolled, registers, eye)


def _eye(order: VaultOrder, open_eye: Callable[[VaultOrder], Eye]) -> Eye | None:
    """Return the embedder; None where nobody may be recognised, or the model is not there: whoever withdraws must be heard all the same."""
    if not (order.separate and order.family and order.purposes):
        return None
    try:
        return open_eye(order)
    except ModelError as error:
        log.error("nobody is recognised: %s [%s]", error, error.code)  # noqa: TRY400 - an error meant for the reader
        return None


def _space(keys: SiteKeys, registers: Registers, order: VaultOrder, eye: Eye | None) -> ModelSpace:
    if eye is None:
        return ModelSpace("", 0, keys, {})
    return ModelSpace(eye.family, eye.dimension, keys, registers.transforms(order.purposes, keys.epoch))


def _desk(order: VaultOrder, clock: Clock, keys: SiteKeys, enrolled: Enrolled, registers: Registers, eye: Eye | None) -> Desk:  # noqa: PLR0913, PLR0917 - it puts them together
    purposes = frozenset(order.purposes) if eye is not None else frozenset()
    office = TicketOffice(registers, VaultScope(purposes, frozenset() if order.in_tokens else purposes & frozenset(order.identifies)))
    notary = Notary(keys, registers)
    grant_keys = {epoch: bytes.fromhex(key) for epoch, key in order.grant_keys.items()}
    gate = Gate(Policy(keys.site, grant_keys, order.target_fpir, order.in_tokens), enrolled, registers)
    captures = None if eye is None else Captures(office, gate, eye, enrolled, notary)
    return Desk(order, clock, office=office, captures=captures, enrolled=enrolled, notary=notary, registers=registers)
