"""What Moodle's cron does here: close attempts whose time is over, send hints to the panel."""

from __future__ import annotations

import sqlite3
import sys
import time

from connector.moodle.standin import answering, push
from connector.moodle.standin.site import Site, now


def run_cron(site: Site, seconds: float) -> None:
    """Every so many seconds, for ever. A file that is busy now is tried again the next time."""
    while True:
        time.sleep(seconds)
        try:
            run_once(site)
        except sqlite3.Error as error:
            sys.stderr.write(f"standin cron: {error}\n")


def run_once(site: Site) -> tuple[int, int]:
    """How many attempts were closed, and how many hints were taken."""
    settings = site.settings()
    with site.database.reading() as db:
        due = answering.any_expired(db, now(settings))
    closed = answering.close_expired(site.database, now(settings), settings, site.wwwroot) if due else 0
    return closed, push.deliver(site.database, now(settings))
