"""Where in a file something stands for which its block is read with care: an unusual character, a tag worth a look."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property

from gift_export.quick import UNSAFE_TAG
from gift_export.unicode_checks import unusual_places


class Alarms:
    """Looked for when first asked about: a file of the plainest blocks never asks."""

    def __init__(self, text: str) -> None:
        self._text = text

    @property
    def asked(self) -> bool:
        """Whether they have been looked for."""
        return "_places" in self.__dict__

    def between(self, start: int, end: int) -> bool:
        """Whether one stands at an offset from `start` to before `end`."""
        places = self._places
        if not places:
            return False
        at = bisect_left(places, start)
        return at < len(places) and places[at] < end

    @cached_property
    def unusual(self) -> list[int]:
        """Offsets of the unusual characters, ascending."""
        return unusual_places(self._text)

    @cached_property
    def _places(self) -> list[int]:
        if "<" not in self._text:
            return self.unusual
        tags = [found.start() for found in UNSAFE_TAG.finditer(self._text)]
        return sorted((*self.unusual, *tags)) if tags else self.unusual
