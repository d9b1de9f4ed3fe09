"""Time and identifiers come from outside, so that rules and tests decide what they are."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, with UTC as its zone."""


class Ids(Protocol):
    def new(self) -> UUID:
        """A fresh random identifier."""
