"""The body's clock for read models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_app.services.office import Work


@dataclass(frozen=True, slots=True)
class LocalTime:
    """The body's time zone, and the date there when the transaction began."""

    zone: ZoneInfo
    today: date

    def at(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def on(self, moment: datetime) -> date:
        return self.at(moment).date()


def local_time(work: Work) -> LocalTime:
    return LocalTime(work.zone, work.today)
