"""The story on the terminal: a line per step, a bar while something runs, and nothing that needs a wide screen."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from flask_app.messages import Language, label
from flask_app.store.models.jobs import JobProgress

BAR = 30


class Terminal:
    """Writes to `stream`; the bar is drawn over itself only where a person watches."""

    def __init__(self, language: Language, stream: TextIO | None = None) -> None:
        self.language = language
        self._stream = stream or sys.stdout
        self._began = time.monotonic()
        self._step = 0

    def say(self, name: str, **params: object) -> None:
        """A sentence of the story (`label.demo_<name>`)."""
        self._line(f"      {label(f'demo_{name}', self.language, **params)}")

    def step(self, name: str, **params: object) -> None:
        """The head of the next step, numbered."""
        self._step += 1
        self._line(f"{self._step:>3}.  {label(f'demo_{name}', self.language, **params)}")

    def plain(self, text: str) -> None:
        self._line(text)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def _line(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()

    @contextmanager
    def bar(self) -> Iterator[Callable[[JobProgress], None]]:
        """A bar for a job; yields what draws it."""
        watched = self._stream.isatty()

        def show(row: JobProgress) -> None:
            self.draw(row.done, row.total)

        try:
            yield show
        finally:
            if watched:
                self._stream.write("\r\033[K")
                self._stream.flush()

    def draw(self, done: int, total: int) -> None:
        if not self._stream.isatty() or total <= 0:
            return
        filled = BAR * done // total
        self._stream.write(f"\r      [{'█' * filled}{'·' * (BAR - filled)}] {done}/{total}")
        self._stream.flush()

    def clear(self) -> None:
        if self._stream.isatty():
            self._stream.write("\r\033[K")
            self._stream.flush()
