"""Hints to the panel: noted with the change they tell of, delivered by cron, at least once."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import sqlite3
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from connector.moodle.standin.call import Call
from connector.moodle.standin.database import Database

EVENTS = ("attempt_finished", "attempt_regraded", "attempt_deleted", "completion")
MOST_TRIES = 12  # as Moodle's ad hoc tasks
FIRST_DELAY = 60
_TIMEOUT = 10.0


def note(call: Call, event: str, subject: dict[str, str], useridnumber: str) -> None:
    """Put a hint into the outbox, in the transaction of the change. `subject` is testidnumber or courseidnumber."""
    target = call.db.execute("SELECT url, events FROM push_target").fetchone()
    if target is None or not target["url"] or event not in json.loads(target["events"]):
        return
    delivery = str(uuid.uuid4())
    body = {"deliveryid": delivery, "event": event, **subject, "useridnumber": useridnumber, "timemodified": call.now}
    call.db.execute(
        "INSERT INTO push_outbox VALUES (?, ?, 0, ?)", (delivery, json.dumps(body, ensure_ascii=False), call.now)
    )


@dataclass(frozen=True, slots=True)
class Target:
    url: str
    secret: str


def deliver(database: Database, now: int) -> int:
    """Send what is due; returns how many hints were taken. What is not taken waits twice as long each time."""
    with database.reading() as db:
        row = db.execute("SELECT * FROM push_target").fetchone()
        due = db.execute(
            "SELECT deliveryid, body, tries FROM push_outbox WHERE notbefore <= ? ORDER BY notbefore", (now,)
        ).fetchall()
    if row is None or not row["url"]:
        return 0
    target = Target(row["url"], row["secret"])
    return sum(1 for item in due if _deliver_one(database, target, item, now))


def _deliver_one(database: Database, target: Target, item: sqlite3.Row, now: int) -> bool:
    status, _ = _post(target, item["body"].encode(), now)
    taken = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES  # else the hint stays in the outbox
    tries = item["tries"] + 1
    with database.writing() as db:
        if taken or tries >= MOST_TRIES:
            db.execute("DELETE FROM push_outbox WHERE deliveryid = ?", (item["deliveryid"],))
        else:
            later = now + FIRST_DELAY * 2 ** (tries - 1)
            db.execute(
                "UPDATE push_outbox SET tries = ?, notbefore = ? WHERE deliveryid = ?",
                (tries, later, item["deliveryid"]),
            )
    return taken


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`v1=` HMAC-SHA256 of `timestamp.body`."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def check(db: sqlite3.Connection, now: int) -> dict[str, str | int]:
    """Knock at the panel at once, with a signed body that tells of nothing; and how many hints wait."""
    (waiting,) = db.execute("SELECT COUNT(*) FROM push_outbox").fetchone()
    row = db.execute("SELECT * FROM push_target").fetchone()
    if row is None or not row["url"]:
        return {"target": "", "status": 0, "error": "", "waiting": waiting}
    body = json.dumps({"deliveryid": str(uuid.uuid4()), "event": "check", "timemodified": now})
    status, error = _post(Target(row["url"], row["secret"]), body.encode(), now)
    return {"target": urlsplit(row["url"]).netloc, "status": status, "error": error, "waiting": waiting}


def _post(target: Target, body: bytes, now: int) -> tuple[int, str]:
    """The status of the answer; 0 and why when there was none."""
    parts = urlsplit(target.url)
    secure = parts.scheme == "https"
    opened = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(parts.netloc, timeout=_TIMEOUT)
    headers = {
        "Content-Type": "application/json",
        "X-Kyzmat-Timestamp": str(now),
        "X-Kyzmat-Signature": signature(target.secret, str(now), body),
    }
    try:
        opened.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
        return opened.getresponse().status, ""
    except (OSError, http.client.HTTPException) as error:
        return 0, f"{type(error).__name__}: {error}"
    finally:
        opened.close()
