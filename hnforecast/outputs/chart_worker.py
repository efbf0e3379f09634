"""Draws charts in a process of its own, which loads the drawing library while the forecast is being made.

Loading the library takes longer than drawing with it; beside the model's work it costs a run nothing. Where no second
process can be had, the charts are drawn in this one: the same bytes, a little later.
"""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from hnforecast.outputs.chart_data import ChartData

READY_SECONDS = 60.0


class ChartWorker:
    """A process that waits for the data of one run's charts. Use it in a `with` block, opened early."""

    def __enter__(self) -> Self:
        # -P: what lies in the current folder must not pass for a library
        command = [sys.executable, "-P", "-m", __name__]
        try:
            self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError:
            self._process = None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.kill()
        with suppress(OSError), process:  # closes the pipes, one of which may be closed already, and waits
            pass

    def send(self, chart: ChartData) -> None:
        """Hand over what to draw; the drawing begins at once, beside whatever this process does next."""
        self._chart = chart
        if self._process is None or self._process.stdin is None:
            return
        try:
            self._process.stdin.write(pickle.dumps(chart))
            self._process.stdin.close()
        except OSError:
            self._process = None

    def charts(self) -> Iterable[tuple[str, bytes]]:
        """The charts, as (file name, content), once they are drawn."""
        if self._process is not None and self._process.stdout is not None:
            drawn = self._process.stdout.read()
            if self._process.wait(READY_SECONDS) == 0:
                # the bytes come from the program's own child, through a pipe nobody else holds
                charts: list[tuple[str, bytes]] = pickle.loads(drawn)
                return charts
        from hnforecast.outputs.charts import draw_charts

        return draw_charts(self._chart)


def serve() -> None:
    """Load, wait for one set of data on standard input, answer with the charts on standard output."""
    from hnforecast.outputs.charts import draw_charts, warm_up

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends this process
    warm_up()
    sent = sys.stdin.buffer.read()
    if sent:
        sys.stdout.buffer.write(pickle.dumps(list(draw_charts(pickle.loads(sent)))))


if __name__ == "__main__":
    serve()
