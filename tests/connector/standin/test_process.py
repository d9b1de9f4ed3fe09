"""The process: how it starts, what it costs, how it ends; and a whole room of candidates."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from connector.moodle.standin.process import StandinError, StandinProcess
from connector.moodle.standin.sitting import sit
from tests.connector.standin.bench import COURSE_PASSWORD, Bench, take_right

MOST_MEMORY = 60 * 1024 * 1024


def test_the_ready_line_and_a_token_of_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "connector.moodle.standin", "--data", str(tmp_path / "s.sqlite"), "--seed-demo"]
    tokens = []
    for _ in range(2):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("standin ready http://127.0.0.1:")
        process.terminate()
        _, errors = process.communicate(timeout=10)
        tokens.append(errors.split("standin token ")[1].split()[0])
    assert tokens[0] == tokens[1]  # kept in the file
    assert len(tokens[0]) == 32


def test_the_demonstration_starts_with_its_courses(tmp_path: Path) -> None:
    with StandinProcess(tmp_path / "s.sqlite", seed_demo=True) as site:
        listed = site.rest("core_course_get_courses_by_field", {})["courses"]
        assert [course["idnumber"] for course in listed] == ["KYZMAT-EXAMS", "KYZMAT-TRAINING"]
        made = site.rest(
            "core_course_create_courses",
            {"courses[0][fullname]": "New", "courses[0][shortname]": "N", "courses[0][categoryid]": 1},
        )
        again = site.rest(
            "core_course_create_courses",
            {"courses[0][fullname]": "New", "courses[0][shortname]": "N", "courses[0][categoryid]": 1},
        )
    assert made[0]["shortname"] == "N"
    assert again["errorcode"] == "invalidparameter"


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with StandinProcess(tmp_path / "a.sqlite") as site:
        port = int(site.url.rsplit(":", 1)[1])
        second = StandinProcess(tmp_path / "b.sqlite", port=port)
        with pytest.raises(StandinError):
            second.start()


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from connector.moodle.standin.process import StandinProcess\n"
        "site = StandinProcess(Path(sys.argv[1])); site.start(); print(site.pid, flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "s.sqlite")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    until = time.monotonic() + 10
    while psutil.pid_exists(child) and time.monotonic() < until:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(child, os.WNOHANG)
        if psutil.pid_exists(child) and psutil.Process(child).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.05)
    assert not psutil.pid_exists(child)


def test_a_room_of_candidates_costs_little(own_bench: Bench) -> None:
    """A tenth of the largest session: 30 people, 60 questions. The whole must stay well under a minute."""
    quizid = own_bench.make_test(60)
    people = own_bench.enrol(30)
    process = psutil.Process(own_bench.site.pid)
    before = process.cpu_times()
    for username in people:
        sit(own_bench.url, username, COURSE_PASSWORD, quizid, take_right)
    after = process.cpu_times()
    page = own_bench.results()
    assert (page["total"], {one["mark"] for one in page["attempts"]}) == (30, {60})
    spent = (after.user - before.user) + (after.system - before.system)
    assert spent < 6, f"{spent} s of the server for 30 people"
    assert process.memory_info().rss < MOST_MEMORY
