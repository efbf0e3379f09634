"""A second process that takes work off this one: scenarios on another core, charts while the workbook is written.

Each task is done once, by the helper or here, whichever comes to it first; it gives the same either way. Where no
second process can be had, everything is done here, a little later.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")
BLINK = 0.2  # seconds between looks at whether somebody wants to stop: a longer wait cannot be interrupted on Windows


class Task(Generic[T]):
    """One call, to be done by the helper or, if nobody has begun it when its result is asked for, here."""

    def __init__(self, here: Callable[[], T], function: Callable[..., T], arguments: tuple[Any, ...]) -> None:
        self._here, self.call = here, (function, arguments)
        self._taken, self._done = threading.Lock(), threading.Event()
        self._answer: tuple[T] | None = None

    def take(self) -> bool:
        """Whether whoever asks is the one to do it: true once."""
        return self._taken.acquire(blocking=False)

    @property
    def begun(self) -> bool:
        """Whether anybody has begun it."""
        return self._taken.locked()

    @property
    def done(self) -> bool:
        """Whether the helper has done it, or failed to."""
        return self._done.is_set()

    def answer(self, found: tuple[T] | None) -> None:
        """What the helper found; None where it failed."""
        self._answer = found
        self._done.set()

    def result(self) -> T:
        """What the call returns; its errors are raised here, as if it had been made here."""
        if self.take():
            self._done.set()  # nobody else will
        while not self._done.wait(BLINK):
            pass
        if self._answer is None:
            self._answer = (self._here(),)
        return self._answer[0]


def finish(
    tasks: Sequence[Task[T]], leave: int = 0, meanwhile: Callable[[], object] = lambda: None
) -> Iterator[Task[T]]:
    """Each task once it is done. Of those not begun the last is done here, as the helper comes from the other end.

    Args:
        leave: how many not begun are left to the helper.
        meanwhile: what to do before waiting for the helper, where that is needed.
    """
    here = []
    while len(waiting := [task for task in tasks if not task.begun]) > leave:
        waiting[-1].result()
        here.append(waiting[-1])
        yield waiting[-1]
    others = [task for task in tasks if task not in here]
    if not all(task.done for task in others):
        meanwhile()
    for task in others:
        task.result()
        yield task


class Helper:
    """A process that does tasks in the order they are given. Use it in a `with` block, opened early."""

    def __enter__(self) -> Self:
        self._waiting: SimpleQueue[Task[Any] | None] = SimpleQueue()
        # -P: what lies in the current folder must not pass for a library
        command = [sys.executable, "-P", "-m", __name__]
        try:
            self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError:
            self._process = None
        else:
            self._clerk = threading.Thread(target=self._hand_over, daemon=True)
            self._clerk.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is None:
            return
        self._waiting.put(None)
        if self._process.poll() is None:
            self._process.kill()
        self._clerk.join()
        with suppress(OSError), self._process:  # closes the pipes, one of which may be closed already, and waits
            pass

    def submit(self, function: Callable[..., T], *arguments: Any, here: Callable[[], T] | None = None) -> Task[T]:
        """Give a task: a function of a module, and arguments that can be pickled.

        Args:
            function, arguments: the call.
            here: what to do instead where this process comes to it first; the same call by default.
        """
        task = Task(here or (lambda: function(*arguments)), function, arguments)
        self._waiting.put(task)
        return task

    def _hand_over(self) -> None:
        """Send one task after another and wait for its answer, in a thread of its own."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return
        while (task := self._waiting.get()) is not None:
            if not task.take():
                continue
            # whatever goes wrong leaves the task to be done here
            found, message = None, b""
            with suppress(Exception):
                message = pickle.dumps(task.call, pickle.HIGHEST_PROTOCOL)
            if message:
                try:
                    process.stdin.write(message)
                    process.stdin.flush()
                    # the bytes come from the program's own child, through a pipe nobody else holds
                    found = pickle.load(process.stdout)
                except Exception:
                    process.kill()  # it ended, or half an answer was read: nothing it says now can be relied on
            task.answer(found)


def serve() -> None:
    """Do what is asked on standard input until it ends; an error is answered with None and happens again over there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends this process
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr  # nothing printed may get between the answers
    while True:
        try:
            function, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = pickle.dumps((function(*arguments),), pickle.HIGHEST_PROTOCOL)
        except Exception:
            answer = pickle.dumps(None)
        answers.write(answer)
        answers.flush()


if __name__ == "__main__":
    serve()
