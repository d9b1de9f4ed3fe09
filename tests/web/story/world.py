"""What every story begins with: the town, a commission whose members all have logins, banks in the panel and in Moodle.

Built once into a database and a stand-in's data file; each test gets copies of both.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from connector.moodle.standin.process import StandinProcess
from flask_app.services.banks import load_bank
from flask_app.services.bodies import actor_of
from flask_app.services.commissions import NewMember, form_commission
from flask_app.services.office import Office
from flask_app.services.shipped_banks import read_shipped_banks
from flask_app.services.sync_desk import COURSE
from flask_app.services.synchronisation import sync_banks
from tests.web import town
from tests.web.sitting_day import MEMBERS, add_people

COMMISSION = {"ky": "Кадрлар боюнча сынак комиссиясы", "ru": "Комиссия по замещению должностей"}


@dataclass(frozen=True)
class World:
    """`database`: the name to copy. `site`: the data file to copy."""

    database: str
    files: Path
    site: Path


def furnish(office: Office, site: StandinProcess) -> None:
    """The commission and the banks, into the town."""
    set_clock(site, town.NOW)
    add_people(office)
    with office.work(actor_of(office, "hr")) as work:
        seats = [
            NewMember(actor_of(office, login).person_id or UUID(int=0), role, town.POSTS, votes)
            for login, (role, votes) in MEMBERS.items()
        ]
        form_commission(work, COMMISSION, ["competition"], town.TODAY - timedelta(days=90), "№ 14", seats)
    office.moodle.ensure_course(COURSE, "Тестирование · Тестирлөө")
    editor = actor_of(office, "bank")
    with office.work(editor) as work:
        for bank in read_shipped_banks():
            load_bank(work, bank)
    sync_banks(office, editor, COURSE, lambda _done, _total: None)


def set_clock(site: StandinProcess, moment: datetime) -> None:
    """The site's clock as the panel's."""
    site.control("clock", offset=round(moment.timestamp() - time.time()))
