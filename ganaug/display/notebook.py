"""Notebook: a bar in one output of a cell, which needs no ipywidgets."""

from __future__ import annotations

import io
import time
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import ProgressColumn

from ganaug.display.bars import Bar

LEAST_SECONDS = 0.2  # from one picture of the bar to the next
FRAME = '<pre style="white-space:pre;line-height:normal;margin:0">{code}</pre>'


class NotebookBar(Bar):
    """A bar whose picture is replaced in place; rich's own needs ipywidgets."""

    def __init__(self, console: Console, clock: ProgressColumn | None = None) -> None:
        super().__init__(Console(quiet=True, force_jupyter=False), clock)
        self._width = console.width
        self._output: Any = None
        self._drawn = 0.0

    def show(
        self, what: str, text: str = "", *, done: float = 0, total: float | None = None
    ) -> None:
        super().show(what, text, done=done, total=total)
        if time.monotonic() - self._drawn >= LEAST_SECONDS:
            self._draw()

    def say(self, line: str) -> None:
        print(line)

    def __enter__(self) -> NotebookBar:
        super().__enter__()
        from IPython.display import HTML, display

        self._output = display(HTML(self._picture()), display_id=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, trace)
        self._draw()

    def _draw(self) -> None:
        from IPython.display import HTML

        self._drawn = time.monotonic()
        self._output.update(HTML(self._picture()))

    def _picture(self) -> str:
        canvas = Console(
            file=io.StringIO(), record=True, width=self._width, force_jupyter=False,
            color_system="truecolor", markup=False, highlight=False,
        )  # fmt: skip
        canvas.print(self._progress.get_renderable())
        return canvas.export_html(code_format=FRAME, inline_styles=True)
