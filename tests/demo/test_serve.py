"""`kyzmat serve` alone is a whole office: it answers, and it does the jobs that its pages queue."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

from flask_app.bootstrap import Installation, installation, moodle_of
from flask_app.demo.foundation import set_up_body
from flask_app.services.bodies import actor_of
from flask_app.services.item_statistics_count import JOB, JOB_KEY
from flask_app.services.job_desk import queue_job
from flask_app.settings import Settings
from flask_app.store.models.jobs import JobProgress

SOON = 60.0
NOWHERE = "http://127.0.0.1:9"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def end_of(installed: Installation, job: UUID) -> str:
    """The state the job ends in; the last one seen where it does not end soon."""
    ends, state = time.monotonic() + SOON, ""
    while time.monotonic() < ends and state not in ("done", "failed", "cancelled"):
        with installed.sessions() as session:
            state = session.get_one(JobProgress, job).state
        time.sleep(0.2)
    return state


def test_a_queued_job_is_done_without_a_worker_of_its_own(home: Path) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("KYZMAT_", "MOODLE_"))},
        "KYZMAT_HOME": str(home / "var"),
        "KYZMAT_PORT": str(free_port()),
        "KYZMAT_PROCESSES": "1",
        "MOODLE_URL": NOWHERE,
        "MOODLE_TOKEN": "none",
    }
    with installation(Settings(home=home / "var"), moodle_of(NOWHERE, "none")) as installed:
        set_up_body(installed.office, home / "var")
        with installed.office.work(actor_of(installed.office, "hr")) as work:
            job = queue_job(work, JOB, {}, key=JOB_KEY)
        with subprocess.Popen([sys.executable, "-m", "flask_app.cli", "serve"], env=environment) as panel:
            try:
                ended = end_of(installed, job)
            finally:
                panel.terminate()
    assert ended == "done"
