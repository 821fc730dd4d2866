"""The supervisor: one loop in one thread that owns the other processes, hears them, and passes messages on to the web process."""

from __future__ import annotations

import logging
import os
import random
import selectors
import signal
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from consentry.platform.errors import ConsentryError
from consentry.platform.processes.channel import ChannelError
from consentry.platform.processes.child import Fork
from consentry.platform.processes.messages import ProcessChange, SettingsChanged
from consentry.platform.processes.notify import notify
from consentry.platform.processes.outbox import Outbox
from consentry.platform.processes.rules import Action, Exited, Heard, Renew, State, Stop, Tick, advance, begin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from consentry.platform.processes.child import ChildSpec
    from consentry.platform.processes.rules import Event

__all__ = ["Child", "Supervisor"]

log = logging.getLogger(__name__)

TICK_S = 0.25
UNUSABLE = 2
"""The exit code of a process that was given what it cannot use; starting it again would not help."""
LAST_WORDS_S = 3.5
"""Seconds for which a stop waits for the web process to hear what the cameras said last. With its patience for an end, ten seconds are kept."""

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


class Child:
    """A process that is to run: what it is, where it stands, and, while it runs, the process itself."""

    def __init__(self, spec: ChildSpec, now: float) -> None:
        """Begin its life; the next tick starts it."""
        self.spec = spec
        self.life = begin(now)
        self.fork: Fork | None = None

    def take(self, event: Event) -> Action:
        """Fold an event into its life and return what to do."""
        self.life, action = advance(self.life, event, random.random(), self.spec.patience)  # noqa: S311 - it spreads delays
        return action


class Supervisor:
    """Keeps the processes of ``plan`` running until it is told to stop."""

    def __init__(self, plan: Callable[[], Sequence[ChildSpec]], announce: Callable[[], None]) -> None:
        """``plan`` reads the settings and says what is to run; ``announce`` is called once, when the web process serves."""
        self._plan, self._announce = plan, announce
        self._selector = selectors.DefaultSelector()
        self._outbox = Outbox()
        self._children: dict[str, Child] = {}
        self._announced = False
        self._stop_since: float | None = None
        self._reload_wanted = False
        self._exit_code = 0

    def run(self) -> int:
        """Run until SIGTERM or SIGINT; SIGHUP reads the settings anew. Return the exit code.

        It is 2 where the web process said, before it ever served, that what it was given cannot be used.

        Raises:
            ConsentryError: the settings cannot be carried out; nothing was started.
        """
        now = time.monotonic()
        self._children = {spec.name: Child(spec, now) for spec in self._plan()}
        with self._signals():
            while not self._is_over():
                self._step()
            notify("STOPPING=1")
        return self._exit_code

    def _step(self) -> None:
        for key, mask in self._selector.select(TICK_S):
            if isinstance(key.data, Child):
                self._serve(key.data, mask)
            else:
                self._drain(key.fd)
        if self._reload_wanted:
            self._reload()
        self._reap()
        for child in list(self._children.values()):
            self._act(child, child.take(Tick(time.monotonic())))
        self._end_in_order()
        self._post()
        notify("WATCHDOG=1")

    # Signals

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Let signals wake the loop."""
        ours, theirs = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        signal.set_wakeup_fd(theirs, warn_on_full_buffer=False)
        self._selector.register(ours, selectors.EVENT_READ)
        try:
            yield
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._selector.unregister(ours)
            os.close(ours)
            os.close(theirs)

    def _on_signal(self, number: int, _frame: object) -> None:
        if number in {signal.SIGTERM, signal.SIGINT} and self._stop_since is None:
            self._stop_since = time.monotonic()
        self._reload_wanted |= number == signal.SIGHUP

    @staticmethod
    def _drain(descriptor: int) -> None:
        os.read(descriptor, 4096)

    # Processes

    def _act(self, child: Child, action: Action) -> None:
        match action:
            case Action.START:
                self._start(child)
            case Action.TERMINATE if child.fork:
                child.fork.process.terminate()
            case Action.KILL if child.fork:
                log.warning("%s does not answer and is killed", child.spec.name)
                child.fork.process.kill()
            case _:
                pass

    def _start(self, child: Child) -> None:
        try:
            child.fork = Fork(child.spec)
        except OSError as error:
            log.error("%s cannot be started: %s", child.spec.name, error)  # noqa: TRY400 - the message says all
            child.take(Exited(time.monotonic()))
            return
        self._selector.register(child.fork.channel.socket, selectors.EVENT_READ, child)
        log.info("%s started as process %s", child.spec.name, child.fork.process.pid)
        self._tell_change(child, "started")
        if child is self._web:
            self._outbox.rewind()

    def _reap(self) -> None:
        for child in list(self._children.values()):
            if child.fork and child.fork.process.poll() is not None:
                self._bury(child, child.fork)

    def _bury(self, child: Child, fork: Fork) -> None:
        self._hear_out(child, fork)
        if fork.channel.socket in self._selector.get_map():
            self._selector.unregister(fork.channel.socket)
        fork.close()
        child.fork = None
        child.take(Exited(time.monotonic()))
        code = fork.process.returncode
        log.log(logging.INFO if code == 0 else logging.WARNING, "%s ended with %s", child.spec.name, code)
        self._tell_change(child, "ended", code)
        if child is self._web and code == UNUSABLE and not self._announced:
            self._exit_code, self._stop_since = UNUSABLE, self._stop_since or time.monotonic()
        if child.life.state is State.WAITING:
            self._tell_change(child, "restarting")
        elif child.spec.name in self._children and self._stop_since is None:
            del self._children[child.spec.name]

    def _hear_out(self, child: Child, fork: Fork) -> None:
        """Take what an ended process said last."""
        try:
            while True:
                documents, there = fork.channel.read()
                self._take(child, documents)
                if not documents or not there:
                    return
        except ChannelError:
            return

    def _is_over(self) -> bool:
        return self._stop_since is not None and all(child.life.state is State.STOPPED for child in self._children.values())

    def _end_in_order(self) -> None:
        """End the cameras and the vault first, and the web process once it has heard what they said last."""
        if self._stop_since is None:
            return
        now = time.monotonic()
        others = [child for child in self._children.values() if child is not self._web]
        for child in others:
            self._stop(child, now)
        heard = all(child.life.state is State.STOPPED for child in others) and not len(self._outbox)
        if self._web and (heard or now - self._stop_since >= LAST_WORDS_S):
            self._stop(self._web, now)

    def _stop(self, child: Child, now: float) -> None:
        if child.life.wanted:
            self._act(child, child.take(Stop(now)))

    # Settings

    def _reload(self) -> None:
        self._reload_wanted = False
        notify("RELOADING=1")
        try:
            wanted = {spec.name: spec for spec in self._plan()}
        except ConsentryError as error:
            log.error("the settings stay as they were: %s [%s]", error, error.code)  # noqa: TRY400 - an error meant for the reader
        else:
            self._change_to(wanted)
            self._outbox.add(None, SettingsChanged(time.time()).to_document())
        notify("READY=1")

    def _change_to(self, wanted: Mapping[str, ChildSpec]) -> None:
        now = time.monotonic()
        for name, child in list(self._children.items()):
            spec = wanted.get(name)
            if spec is None:
                self._stop(child, now)
            elif spec != child.spec:
                self._act(child, child.take(Renew(now)))
        for name, spec in wanted.items():
            child = self._children.setdefault(name, Child(spec, now))
            # One that is still ending after an earlier change is wanted again.
            child.spec, child.life = spec, replace(child.life, wanted=True)

    # Messages

    @property
    def _web(self) -> Child | None:
        return self._children.get("web")

    def _serve(self, child: Child, mask: int) -> None:
        if child.fork is None:
            return
        try:
            if mask & selectors.EVENT_WRITE:
                child.fork.channel.flush()
            documents, there = child.fork.channel.read() if mask & selectors.EVENT_READ else ([], True)
            self._take(child, documents)
        except ChannelError as error:
            log.error("%s is killed: %s", child.spec.name, error)  # noqa: TRY400 - the message says all
            child.fork.process.kill()
            there = False
        self._listen(child, reading=there)

    def _listen(self, child: Child, *, reading: bool = True) -> None:
        """Wait for what can happen next on a line; one that the other side closed is not read again before its process is gone."""
        if child.fork is None:
            return
        channel = child.fork.channel
        wanted = (selectors.EVENT_READ if reading else 0) | (selectors.EVENT_WRITE if channel.wants_to_write else 0)
        registered = channel.socket in self._selector.get_map()
        if wanted and registered:
            self._selector.modify(channel.socket, wanted, child)
        elif registered:
            self._selector.unregister(channel.socket)

    def _take(self, child: Child, documents: Sequence[Mapping[str, Any]]) -> None:
        for document in documents:
            child.take(Heard(time.monotonic()))
            if child is self._web:
                self._answer(document)
            elif child.spec.camera is not None:
                self._pass_on(child.spec.camera, document)

    def _pass_on(self, camera: str, message: Mapping[str, Any]) -> None:
        if message.get("type") == "still":
            self._write_web(self._outbox.number(camera, message).to_document())
        else:
            self._outbox.add(camera, message)

    def _answer(self, request: Mapping[str, Any]) -> None:
        """Do what the web process asks."""
        match request:
            case {"ack": int(seq)}:
                self._outbox.acknowledge(seq)
            case {"do": "ready"}:
                self._greet()
            case {"do": "reload"}:
                self._reload_wanted = True
            case {"do": "restart", "camera": str(camera)} if f"camera:{camera}" in self._children:
                child = self._children[f"camera:{camera}"]
                self._act(child, child.take(Renew(time.monotonic())))
            case {"do": "still", "camera": str(camera), "request": str(number)}:
                self._ask_still(camera, number)
            case _:
                pass

    def _ask_still(self, camera: str, request: str) -> None:
        child = self._children.get(f"camera:{camera}")
        if child and child.fork:
            child.fork.channel.write({"still": request})
            self._listen(child)

    def _greet(self) -> None:
        if not self._announced:
            self._announced = True
            self._announce()
            notify("READY=1")

    def _tell_change(self, child: Child, event: str, code: int | None = None) -> None:
        self._outbox.add(None, ProcessChange(child.spec.name, event, time.time(), code).to_document())

    def _post(self) -> None:
        """Send the web process what it has not heard."""
        if self._web is None or self._web.fork is None:
            return
        for delivery in self._outbox.next():
            self._write_web(delivery.to_document())

    def _write_web(self, document: Mapping[str, Any]) -> None:
        web = self._web
        if web is None or web.fork is None:
            return
        try:
            web.fork.channel.write(document)
        except ChannelError:
            web.fork.process.kill()
        self._listen(web)
