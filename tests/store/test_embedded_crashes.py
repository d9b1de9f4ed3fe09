"""The embedded server when everything that can be killed with -9 is, and when stale files lie about.

Each test has servers of its own, with the settings of an installation, and leaves no process behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from flask_app.store.embedded import EmbeddedError
from flask_app.store.embedded.supervise import is_alive
from tests.store.servers import (
    another_process,
    answers,
    connect,
    eventually,
    family,
    first_words,
    kill,
    memory,
    remember,
    server_at,
    supervisor_pid,
)

# ------------------------------------------------------------------------------------------------------ killed with -9


def test_server_of_a_killed_program_is_stopped_by_its_supervisor(home: Path) -> None:
    with another_process(home) as process:
        _, pid = first_words(process)
        process.kill()
        assert eventually(lambda: not is_alive(pid), 5)
    assert not (home / "postgres/cluster/data/postmaster.pid").exists()


def test_guest_outlives_a_killed_owner(home: Path) -> None:
    with another_process(home) as process:
        _, pid = first_words(process)
        with server_at(home) as server:
            process.kill()
            process.wait()
            time.sleep(0.5)
            assert answers(server)
            assert server.pid == pid


def test_killed_postmaster_is_started_again_with_all_that_was_committed(home: Path) -> None:
    with server_at(home) as server:
        for number in range(3):
            before = server.pid
            remember(server, str(number))
            kill(before)
            assert eventually(lambda: answers(server))
            assert server.pid != before
        assert memory(server) == ["0", "1", "2"]


def test_killed_backend_costs_connections_not_data(home: Path) -> None:
    with server_at(home) as server:
        remember(server, "kept")
        with connect(server) as connection:
            kill(connection.info.backend_pid)
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        assert eventually(lambda: answers(server))
        assert memory(server) == ["kept"]


def test_server_that_keeps_crashing_is_given_up_and_can_be_started_later(home: Path) -> None:
    server = server_at(home).start()
    remember(server, "kept")
    supervisor = supervisor_pid(server)
    killed: set[int] = set()

    def given_up() -> bool:
        with suppress(EmbeddedError):  # between two lives
            killed.add(server.pid)
            kill(server.pid)
        return not is_alive(supervisor)

    assert eventually(given_up, 60)
    assert 3 < len(killed) < 15
    server.stop()
    with server_at(home) as again:
        assert memory(again) == ["kept"]


def test_orphan_of_a_killed_supervisor_is_adopted(home: Path) -> None:
    with server_at(home) as first:
        remember(first, "kept")
        pid, old = first.pid, supervisor_pid(first)
        kill(old)
        assert answers(first)
        with server_at(home) as second:
            assert second.is_owner
            assert second.pid == pid
            assert supervisor_pid(second) != old
        assert answers(first)
        kill(pid)  # the new supervisor does its duty though the server is not its child
        assert eventually(lambda: answers(first))
        assert memory(first) == ["kept"]


def test_adopted_server_ends_with_its_last_user(home: Path) -> None:
    first = server_at(home).start()
    pid = first.pid
    kill(supervisor_pid(first))
    with server_at(home):
        first.stop()
        assert is_alive(pid)
    assert not is_alive(pid)


def test_last_user_stops_a_server_without_supervisor_itself(home: Path) -> None:
    server = server_at(home).start()
    processes = family(server.pid)
    kill(supervisor_pid(server))
    server.stop()
    assert [pid for pid in processes if is_alive(pid)] == []


def test_orphan_of_everybody_is_adopted_by_the_next(home: Path) -> None:
    with another_process(home) as process:
        _, pid = first_words(process)
        kill(int((home / "postgres/run/supervisor.lock").read_text()), process.pid)
    assert is_alive(pid)
    with server_at(home) as server:
        assert server.pid == pid
    assert not is_alive(pid)


def test_supervisor_that_is_told_to_end_ends_the_server(home: Path) -> None:
    server = server_at(home).start()
    pid = server.pid
    os.kill(supervisor_pid(server), signal.SIGTERM)
    assert eventually(lambda: not is_alive(pid), 10)
    server.stop()
    with server_at(home) as again:
        assert answers(again)


def test_recovers_when_everything_was_killed(home: Path) -> None:
    with another_process(home) as process:
        first_words(process)
        with server_at(home) as guest:
            remember(guest, "committed")
            pids = [supervisor_pid(guest), process.pid, *family(guest.pid)]
            kill(*pids)
    assert (home / "postgres/cluster/data/postmaster.pid").exists()
    assert list((home / "postgres/socket").iterdir()) != []
    with server_at(home) as server:
        assert memory(server) == ["committed"]


def test_children_that_outlive_a_killed_postmaster_are_ended_first(home: Path) -> None:
    """A stopped child cannot see that its postmaster died; a second server beside it would ruin the data."""
    server = server_at(home).start()
    remember(server, "kept")
    connection = connect(server)
    child = connection.info.backend_pid
    os.kill(child, signal.SIGSTOP)
    kill(supervisor_pid(server), server.pid)
    connection.close()
    server.stop()
    assert is_alive(child)
    with server_at(home) as again:
        assert not is_alive(child)
        assert memory(again) == ["kept"]


# --------------------------------------------------------------------------------------------------------- stale files


@contextmanager
def stranger() -> Iterator[int]:
    """A living process that has the number which a stale file names."""
    process = subprocess.Popen(["sleep", "60"])
    try:
        yield process.pid
        assert is_alive(process.pid)
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    "content", ["{pid}\n{data}\n1700000000\n5432\n{socket}\n\n  5432 1\nready\n", "{pid}\n", "", "half"]
)
def test_stale_pid_file_with_the_number_of_a_stranger(home: Path, stopped: Path, content: str) -> None:
    data = stopped / "cluster/data"
    with stranger() as pid:
        (data / "postmaster.pid").write_text(content.format(pid=pid, data=data, socket=stopped / "socket"))
        with server_at(home) as server:
            assert memory(server) == ["kept"]
            assert server.pid != pid


def test_stale_socket_with_the_lock_of_a_stranger(home: Path, stopped: Path) -> None:
    with stranger() as pid:
        socket = stopped / "socket" / ".s.PGSQL.5432"
        socket.touch()
        socket.with_name(".s.PGSQL.5432.lock").write_text(f"{pid}\n{stopped}/cluster/data\n1700000000\n5432\n\n")
        with server_at(home) as server:
            assert memory(server) == ["kept"]


def test_server_whose_pid_file_was_deleted_is_ended_before_a_new_one_starts(home: Path) -> None:
    server = server_at(home).start()
    remember(server, "kept")
    pid = server.pid
    kill(supervisor_pid(server))
    (server.location / "cluster/data/postmaster.pid").unlink()
    server.stop()
    with server_at(home) as again:
        assert not is_alive(pid)
        assert memory(again) == ["kept"]


HALF_INITDB = """
import os, sys
from pathlib import Path
from flask_app.store.embedded import EmbeddedPostgres, cluster
initdb = cluster._initdb
def killed(place, data, admin):
    if sys.argv[2] == "after":
        initdb(place, data, admin)
    os.kill(os.getpid(), 9)
cluster._initdb = killed
home = Path(sys.argv[1])
EmbeddedPostgres(home / "postgres", base=home / "base").start()
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_half_made_cluster_is_thrown_away_and_made_anew(empty_home: Path, moment: str) -> None:
    ended = subprocess.run([sys.executable, "-c", HALF_INITDB, str(empty_home), moment], check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert len(list((empty_home / "postgres").glob("cluster.new-*"))) == 1
    with server_at(empty_home) as server:
        remember(server, "made")
        assert list(server.location.glob("cluster.new-*")) == []


def test_cluster_without_roles_gets_them(home: Path, stopped: Path) -> None:
    """Killed between making the cluster and making what stands in it."""
    with server_at(home) as server, server.admin() as connection:
        connection.execute("DROP DATABASE kyzmat")
        connection.execute("DROP ROLE kyzmat_app")
    with server_at(home) as server:
        assert answers(server)
        connect(server, "app").close()
