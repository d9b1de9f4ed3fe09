"""The body's clock for read models: the body is read once and kept, however many moments a page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_app.services.office import Work
from flask_app.store.models.organisation import Body


@dataclass(frozen=True, slots=True)
class LocalTime:
    """Holding the body keeps it in the session, which would otherwise read it anew for each moment."""

    body: Body
    today: date

    def at(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.body.time_zone))

    def on(self, moment: datetime) -> date:
        return self.at(moment).date()


def local_time(work: Work) -> LocalTime:
    body = work.body
    return LocalTime(body, work.now.astimezone(ZoneInfo(body.time_zone)).date())
