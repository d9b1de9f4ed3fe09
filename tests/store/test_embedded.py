"""The embedded server's life: first start, guests, the end, and every way of being killed with -9.

Each test has servers of its own, with the settings of an installation (fsync and all), and leaves no process behind.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from flask_app.store.embedded import EmbeddedError
from flask_app.store.embedded.supervise import is_alive
from tests.conftest import DEBIAN, debian_bin_dir
from tests.store.servers import (
    another_process,
    answers,
    ask_each,
    end,
    eventually,
    family,
    first_words,
    memory,
    remember,
    server_at,
    servers_in,
    supervisor_pid,
)

# ----------------------------------------------------------------------------------------------- first start, and end


@pytest.mark.parametrize("engine_name", ["embedded", DEBIAN])
def test_first_start_makes_a_private_server_with_three_roles(empty_home: Path, engine_name: str) -> None:
    bin_dir = debian_bin_dir() if engine_name == DEBIAN else None
    with server_at(empty_home, bin_dir=bin_dir) as server:
        assert server.is_owner
        with server.admin("kyzmat") as connection:
            shown = {
                name: connection.execute(f"SHOW {name}").fetchone()[0]  # type: ignore[index]  # SHOW has a row
                for name in (
                    "listen_addresses",
                    "fsync",
                    "synchronous_commit",
                    "full_page_writes",
                    "jit",
                    "data_checksums",
                    "server_encoding",
                    "max_connections",
                    "max_parallel_workers",
                    "unix_socket_permissions",
                    "TimeZone",
                )
            }
            locale = connection.execute(
                "SELECT datcollate, datctype FROM pg_database WHERE datname = 'kyzmat'"
            ).fetchone()
            supers = connection.execute("SELECT rolname FROM pg_roles WHERE rolsuper AND rolcanlogin").fetchall()
            rules = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
            sockets = [net for net in psutil.Process(server.pid).net_connections() if net.family.name != "AF_UNIX"]
        assert shown == {
            "listen_addresses": "",
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "jit": "off",
            "data_checksums": "on",
            "server_encoding": "UTF8",
            "max_connections": "40",
            "max_parallel_workers": "0",
            "unix_socket_permissions": "0700",
            "TimeZone": "UTC",
        }
        assert locale == ("C.UTF-8", "C.UTF-8")
        assert supers == [("kyzmat_admin",)]
        assert rules == [("scram-sha-256",)]
        assert sockets == []
        assert server.version.partition(".")[0] == ("18" if bin_dir is None else bin_dir.parts[-2])


def test_nobody_comes_in_without_the_password(home: Path) -> None:
    with server_at(home) as server:
        for role in ("admin", "owner", "app"):
            url = server.url(role).replace("+psycopg", "")
            head, _, tail = url.partition("@")
            for password in (":wrong", ""):
                with pytest.raises(psycopg.OperationalError, match="password"):
                    psycopg.connect(f"{head[: head.rindex(':')]}{password}@{tail}")


def test_secrets_and_folders_are_private(home: Path) -> None:
    with server_at(home) as server:
        place = server.location
        assert (place / "cluster" / "passwords.json").stat().st_mode & 0o777 == 0o600
        for folder in ("cluster/data", "run", "socket"):
            assert (place / folder).stat().st_mode & 0o777 == 0o700, folder
        kept = json.loads((place / "cluster" / "passwords.json").read_text())
        assert len(set(kept.values())) == 3
        assert all(len(password) >= 40 for password in kept.values())
        shown = str(ask_each(servers_in(home), lambda process: process.cmdline()))
        log = (place / "run" / "server.log").read_text()
        assert not [password for password in kept.values() if password in shown + log]


def test_data_outlives_a_stop_and_the_second_start_is_quick(home: Path) -> None:
    with server_at(home) as server:
        remember(server, "Үсөн")
    begun = time.monotonic()
    with server_at(home) as server:
        took = time.monotonic() - begun
        assert memory(server) == ["Үсөн"]
    assert took < 2


def test_stop_ends_every_process_and_leaves_no_trace_of_running(home: Path) -> None:
    server = server_at(home).start()
    processes = [*family(server.pid), supervisor_pid(server)]
    server.stop()
    assert [pid for pid in processes if is_alive(pid)] == []
    assert not (server.location / "cluster/data/postmaster.pid").exists()
    assert list((server.location / "socket").iterdir()) == []
    server.stop()  # harmless


def test_nothing_of_a_server_that_is_not_started_can_be_asked(home: Path) -> None:
    server = server_at(home)
    for ask in (server.url, server.admin, lambda: server.pid):
        with pytest.raises(EmbeddedError) as caught:
            ask()
        assert caught.value.code == "database.not_started"


def test_server_is_small(home: Path) -> None:
    with server_at(home) as server:
        assert eventually(lambda: len(family(server.pid)) <= 6)  # passing helpers of the start are gone
        sizes = ask_each(servers_in(home), lambda process: process.memory_full_info().pss)
        assert 0 < sum(sizes) < 60_000_000


def test_start_twice_is_one_use(home: Path) -> None:
    server = server_at(home)
    assert server.start() is server.start()
    server.stop()
    assert [process for process in servers_in(server.location) if process.name().startswith("postgres")] == []


# ----------------------------------------------------------------------------------------------------------- guests


def test_second_process_is_a_guest_and_the_last_one_ends_the_server(home: Path) -> None:
    with another_process(home) as process:
        who, pid = first_words(process)
        assert who == "owner"
        with server_at(home) as server:
            assert not server.is_owner
            assert server.pid == pid
            end(process)
            remember(server, "after the owner's end")
            assert server.pid == pid
        assert not is_alive(pid)


def test_guest_that_leaves_disturbs_nobody(home: Path) -> None:
    with server_at(home) as server:
        with another_process(home) as process:
            assert first_words(process) == ("guest", server.pid)
            end(process)
        assert answers(server)


def test_many_that_start_at_once_make_one_server(empty_home: Path) -> None:
    with (
        another_process(empty_home) as first,
        another_process(empty_home) as second,
        another_process(empty_home) as third,
    ):
        words = [first_words(process) for process in (first, second, third)]
        assert sorted(who for who, _ in words) == ["guest", "guest", "owner"]
        assert len({pid for _, pid in words}) == 1
        for process in (first, second, third):
            end(process)


def test_starts_and_stops_in_quick_turns(home: Path) -> None:
    """A newcomer meets a server that is just ending: it waits, then starts its own."""
    with server_at(home) as server:
        remember(server, "kept")
    for _ in range(3):
        with another_process(home) as process:
            first_words(process)
            assert process.stdin is not None
            process.stdin.close()
            with server_at(home) as server:
                assert memory(server) == ["kept"]
            assert process.wait(30) == 0


def test_ctrl_c_reaches_the_program_and_not_the_server(home: Path) -> None:
    with server_at(home) as server, another_process(home) as process:
        first_words(process)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(30) == 0
        assert answers(server)


# ------------------------------------------------------------------------------------------------------------- refusals


def test_another_major_versions_data_is_left_alone(empty_home: Path) -> None:
    with server_at(empty_home, bin_dir=debian_bin_dir()) as server:
        remember(server, "old")
    with pytest.raises(EmbeddedError) as caught:
        server_at(empty_home).start()
    assert caught.value.code == "database.version_mismatch"
    assert (caught.value.params["data"], caught.value.params["programs"]) == (debian_bin_dir().parts[-2], 18)
    with server_at(empty_home, bin_dir=debian_bin_dir()) as server:
        assert memory(server) == ["old"]


def test_lost_passwords_are_said(home: Path, stopped: Path) -> None:
    (stopped / "cluster/passwords.json").unlink()
    with pytest.raises(EmbeddedError) as caught:
        server_at(home).start()
    assert caught.value.code == "database.passwords_lost"


def test_failed_start_says_what_the_server_said_and_leaves_nothing(home: Path, stopped: Path) -> None:
    with pytest.raises(EmbeddedError) as caught:
        server_at(home, options={"shared_buffers": "a lot"}).start()
    assert caught.value.code == "database.start_failed"
    assert "shared_buffers" in str(caught.value.params["reason"])
    assert caught.value.params["log"] == str(stopped / "run" / "server.log")
    with server_at(home) as server:
        assert memory(server) == ["kept"]


def test_failed_initdb_is_said_and_leaves_nothing(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flask_app.store.embedded.cluster.ROLES", {"admin": "pg_forbidden"})
    with pytest.raises(EmbeddedError) as caught:
        server_at(empty_home).start()
    assert caught.value.code == "database.initdb_failed"
    assert "pg_forbidden" in str(caught.value.params["reason"])
    monkeypatch.undo()
    with server_at(empty_home) as server:
        assert answers(server)
        assert list(server.location.glob("cluster.new-*")) == []


def test_a_server_in_use_is_not_erased(home: Path) -> None:
    with another_process(home) as process:
        _, pid = first_words(process)
        with pytest.raises(EmbeddedError) as caught:
            server_at(home).erase()
        assert caught.value.code == "database.in_use"
        assert is_alive(pid)
        end(process)
    server_at(home).erase()
    assert list(home.iterdir()) == []


# ------------------------------------------------------------------------------------------------- the database alone


def test_database_alone_gives_its_programs_what_they_need(home: Path) -> None:
    with server_at(home) as server:
        remember(server, "kept")
    process = subprocess.Popen(
        [sys.executable, "-m", "flask_app.store.embedded", str(home)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(6)]
        variables = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)
        pass_file = Path(variables["PGPASSFILE"].strip('"'))
        assert pass_file.stat().st_mode & 0o777 == 0o600
        assert pass_file.read_text().rpartition(":")[2].strip() not in "".join(lines)
        asked = subprocess.run(
            ["sh", "-c", "".join(lines) + "psql -Atc 'SELECT word FROM memory'"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert asked.stdout == "kept\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert not pass_file.exists()
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
