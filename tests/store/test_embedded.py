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
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from flask_app.store.embedded import EmbeddedError, EmbeddedPostgres
from flask_app.store.embedded.supervise import is_alive
from tests.conftest import DEBIAN, debian_bin_dir, memory_folder, server_folder


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A home whose server was started once and stopped: making a cluster takes longer than copying one."""
    with server_folder(memory_folder()) as folder:
        with server_at(folder):
            pass
        yield folder


@pytest.fixture
def home(made: Path, empty_home: Path) -> Path:
    """A home of an installation that has run before."""
    subprocess.run(["cp", "-a", str(made / "postgres"), str(empty_home)], check=True)
    return empty_home


@pytest.fixture
def empty_home() -> Iterator[Path]:
    """A home before the first start. Whatever a test does to the servers in it: at the end none may be left."""
    with server_folder(memory_folder()) as folder:
        yield folder
        left = [process for process in servers_in(folder) if not dies_soon(process)]
        for process in left:
            process.kill()
        assert left == []


def servers_in(folder: Path) -> list[psutil.Process]:
    """Processes of PostgreSQL, and supervisors, that belong to this home."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            lock = [file.path for file in process.open_files()] if "supervise.py" in " ".join(process.cmdline()) else []
            if Path(process.cwd()).is_relative_to(folder) or any(Path(path).is_relative_to(folder) for path in lock):
                found.append(process)
    return found


def dies_soon(process: psutil.Process) -> bool:
    return eventually(lambda: not is_alive(process.pid), 10)


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def server_at(home: Path, **more: Any) -> EmbeddedPostgres:
    return EmbeddedPostgres(home / "postgres", base=home / "base", **more)


def connect(server: EmbeddedPostgres, role: str = "owner") -> psycopg.Connection[Any]:
    url = server.url(role).replace("+psycopg", "")  # type: ignore[arg-type]  # the test's own words
    return psycopg.connect(url, autocommit=True)


def remember(server: EmbeddedPostgres, word: str) -> None:
    with connect(server) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS memory (word text)")
        connection.execute("INSERT INTO memory VALUES (%s)", [word])


def memory(server: EmbeddedPostgres) -> list[str]:
    with connect(server) as connection:
        return [row[0] for row in connection.execute("SELECT word FROM memory")]


def answers(server: EmbeddedPostgres) -> bool:
    try:
        connect(server).close()
    except psycopg.OperationalError:
        return False
    return True


def supervisor_pid(server: EmbeddedPostgres) -> int:
    return int((server.location / "run" / "supervisor.lock").read_text())


def kill(*pids: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # a child that ended with its parent
            os.kill(pid, signal.SIGKILL)
    for pid in pids:
        assert eventually(lambda pid=pid: not is_alive(pid)), pid  # type: ignore[misc]  # bound now


def family(pid: int) -> list[int]:
    process = psutil.Process(pid)
    return [pid, *(child.pid for child in process.children(recursive=True))]


PROCESS = """
import sys
from pathlib import Path
from flask_app.store.embedded import EmbeddedPostgres
home = Path(sys.argv[1])
try:
    with EmbeddedPostgres(home / "postgres", base=home / "base") as server:
        print("owner" if server.is_owner else "guest", server.pid, flush=True)
        sys.stdin.read()
except KeyboardInterrupt:
    pass
"""


@contextmanager
def another_process(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that uses the server until its standard input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            stream.close()


def first_words(process: subprocess.Popen[str]) -> tuple[str, int]:
    assert process.stdout is not None
    who, pid = process.stdout.readline().split()
    return who, int(pid)


def end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(30) == 0


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
        shown = " ".join(" ".join(psutil.Process(pid).cmdline()) for pid in family(server.pid))
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
        assert sum(psutil.Process(pid).memory_full_info().pss for pid in family(server.pid)) < 60_000_000


def test_start_twice_is_one_use(home: Path) -> None:
    server = server_at(home)
    assert server.start() is server.start()
    server.stop()
    assert not answers_quietly(server)


def answers_quietly(server: EmbeddedPostgres) -> bool:
    """Of a server that was let go: is one running all the same?"""
    return bool([process for process in servers_in(server.location) if process.name().startswith("postgres")])


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


@pytest.fixture
def stopped(home: Path) -> Path:
    """The place of a stopped server that remembers "kept"."""
    with server_at(home) as server:
        remember(server, "kept")
        return server.location


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
