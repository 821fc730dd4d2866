"""Lets a source work in a thread of its own, a few items ahead of who uses them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ahead"]

T = TypeVar("T")
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class _End(Generic[T]):
    """The last thing in the queue: why the source ended."""

    error: BaseException | None


@contextmanager
def ahead(items: Iterable[T], depth: int) -> Iterator[Iterator[T]]:
    """Give ``items`` in their order, up to ``depth`` of them made beforehand; an error of the source is raised where its item was due.

    The thread has ended when the block is left, so that the source can be closed.
    """
    queue: Queue[T | _End[T]] = Queue(depth)
    stop = Event()
    worker = Thread(target=_fill, args=(items, queue, stop), name="ahead")
    worker.start()
    try:
        yield _taken(queue)
    finally:
        stop.set()
        while worker.is_alive():
            _drain(queue)
            worker.join(_POLL_S)


def _fill(items: Iterable[T], queue: Queue[T | _End[T]], stop: Event) -> None:
    error: BaseException | None = None
    try:
        for item in items:
            if stop.is_set():
                return
            _put(queue, item, stop)
    except BaseException as raised:  # noqa: BLE001  - handed to whoever takes the items
        error = raised
    _put(queue, _End(error), stop)


def _put(queue: Queue[T | _End[T]], item: T | _End[T], stop: Event) -> None:
    while not stop.is_set():
        try:
            queue.put(item, timeout=_POLL_S)
        except Full:
            continue
        return


def _taken(queue: Queue[T | _End[T]]) -> Iterator[T]:
    while True:
        item = queue.get()
        if isinstance(item, _End):
            if item.error is not None:
                raise item.error
            return
        yield item


def _drain(queue: Queue[T | _End[T]]) -> None:
    try:
        while True:
            queue.get_nowait()
    except Empty:
        return
