"""Start, attach to, and stop the embedded server."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from flask_app.store.embedded import cluster, placement, postmaster, programs, supervise
from flask_app.store.embedded.cluster import DATABASE, ROLES, Role
from flask_app.store.embedded.errors import EmbeddedError
from flask_app.store.embedded.locks import Locks
from flask_app.store.embedded.placement import BASE, Place

PORT = 5432
LOG_BYTES = 5_000_000
LOG_TAIL = 1500
END_SECONDS = 3.0
"""How long a dead server's children get to end by themselves, and after each signal."""

OPTIONS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    # Small: one office, one machine.
    "max_connections": "40",
    "shared_buffers": "128MB",  # taken as it is needed
    "max_wal_size": "256MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "32MB",
    "autovacuum_max_workers": "1",
    "max_worker_processes": "2",
    "max_parallel_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "max_logical_replication_workers": "0",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "dynamic_shared_memory_type": "mmap",  # in the cluster's own folder: nothing stays in /dev/shm after kill -9
    "jit": "off",
    # Safe: this decides about people's jobs.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "password_encryption": "scram-sha-256",
    # Neither statements nor the values of a violated key go into the log: they name people.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class EmbeddedPostgres:
    """The cluster under `data_dir`. Any number of processes may start it; one server runs, the last `stop()` ends it.

    `bin_dir`: PostgreSQL's programs (15 or newer), default those of the wheel. `options`: server parameters that
    differ. `base`: where root puts what the server's account could not reach. `seconds`: patience for start and stop.
    """

    def __init__(
        self,
        data_dir: Path,
        bin_dir: Path | None = None,
        *,
        options: Mapping[str, str] | None = None,
        base: Path = BASE,
        seconds: float = 60.0,
    ) -> None:
        self._data_dir = data_dir
        self._bin_dir = bin_dir
        self._options = {**OPTIONS, **(options or {})}
        self._base = base
        self._seconds = seconds
        self._found: Place | None = None
        self._locks: Locks | None = None
        self._passwords: dict[Role, str] = {}
        self._socket_dir = Path()
        self.is_owner = False
        """Whether this object started (or adopted) the server; False for a guest of one that ran already."""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Have a server that answers: attach to the running one, else recover, make, start. Repeating it is harmless.

        Raises `EmbeddedError` with a code `database.*`.
        """
        if self._locks is not None:
            return self
        self._found = placement.decide(self._data_dir, self._bin_dir, self._base)
        locks = Locks(self._place.run)
        locks.attach(self._seconds)
        try:
            with locks.starting(self._seconds):
                self.is_owner = not self._attach(locks)
                if self.is_owner:
                    self._become_owner(locks)
        except BaseException:
            locks.detach()
            raise
        self._locks = locks
        return self

    def stop(self) -> None:
        """Let go; when nobody else uses the server, wait until it has ended. Repeating it is harmless."""
        locks, self._locks = self._locks, None
        if locks is None:
            return
        locks.detach()
        with locks.starting(self._seconds):
            # A newcomer may attach before the supervisor saw that nobody was left: then the server is his.
            self._await(lambda: locks.supervisor() is None or _others(locks), "database.stop_failed")
            if not _others(locks):
                self._stop_unsupervised()
                placement.remove_short_socket_dir(self._place)

    def erase(self) -> None:
        """Stop, and remove the cluster with everything in it. Raises `EmbeddedError("database.in_use")`."""
        self.start()
        place = self._place
        self.stop()
        locks = Locks(place.run)
        with locks.starting(self._seconds):
            if not locks.alone():
                raise EmbeddedError("database.in_use", path=str(place.root))
            shutil.rmtree(place.root)
            placement.location_file(self._data_dir.resolve()).unlink(missing_ok=True)

    def url(self, role: Role = "app", database: str = DATABASE) -> str:
        """Address for SQLAlchemy with psycopg, e.g. `postgresql+psycopg://kyzmat_app:…@/kyzmat?host=…&port=5432`."""
        self._require_started()
        where = urlencode({"host": str(self._socket_dir), "port": PORT})
        return f"postgresql+psycopg://{ROLES[role]}:{quote(self._passwords[role])}@/{quote(database)}?{where}"

    def create_database(self, name: str, template: str = "template0") -> None:
        """A further database, owned and open like the first."""
        with self.admin() as connection:
            cluster.create_database(connection, name, template)

    def drop_database(self, name: str) -> None:
        """Remove a database, ending the sessions in it."""
        with self.admin() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def admin(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """A session of the superuser, each statement committed by itself. For maintenance, not for the application."""
        self._require_started()
        return self._connect(database)

    @property
    def location(self) -> Path:
        """The folder in which the cluster stands in fact."""
        return self._place.root

    @property
    def socket_dir(self) -> Path:
        """The private folder of the server's socket."""
        self._require_started()
        return self._socket_dir

    @property
    def bin_dir(self) -> Path:
        """PostgreSQL's programs: psql, pg_dump, pg_restore beside the server."""
        return self._place.binaries.bin_dir

    def password(self, role: Role) -> str:
        """The role's password, for programs that do not take a URL. Not to be shown."""
        self._require_started()
        return self._passwords[role]

    @property
    def version(self) -> str:
        """Version of the server's programs, e.g. `18.4`."""
        return self._place.binaries.version

    @property
    def pid(self) -> int:
        """Process id of the running server. Raises `EmbeddedError("database.not_started")`."""
        found = postmaster.find(self._place.data)
        if found is None:
            raise EmbeddedError("database.not_started")
        return found.pid

    # ------------------------------------------------------------------------------------------------ internals

    @property
    def _place(self) -> Place:
        if self._found is None:
            raise EmbeddedError("database.not_started")
        return self._found

    def _require_started(self) -> None:
        if self._locks is None:
            raise EmbeddedError("database.not_started")

    def _attach(self, locks: Locks) -> bool:
        """Whether a supervised server runs and answers. One whose supervisor ends meanwhile is not waited for."""
        if locks.supervisor() is None:
            return False
        self._learn()
        return self._answers_while(lambda: locks.supervisor() is not None)

    def _learn(self) -> None:
        running = postmaster.find(self._place.data)
        known = running.socket_dir if running else None
        self._socket_dir = known or placement.socket_dir(self._place)
        self._passwords = cluster.passwords(self._place)

    def _become_owner(self, locks: Locks) -> None:
        place = self._place
        cluster.ensure(place)
        adopted = self._orphan()
        self._learn()
        if adopted is None:
            self._clean_up()
            _turn_log(place.log)
        self._supervise(adopted)
        if not self._answers_while(lambda: locks.supervisor() is not None):
            raise EmbeddedError("database.start_failed", log=str(place.log), reason=_tail(place.log))
        with self._connect("postgres") as connection:
            cluster.provision(connection, self._passwords)

    def _orphan(self) -> int | None:
        """A server whose supervisor was killed: it may have users, so it goes on under a new supervisor."""
        found = postmaster.find(self._place.data)
        if found is None:
            return None
        if found.status == "stopping":
            self._await(lambda: not supervise.is_alive(found.pid), "database.stop_failed")
            return None
        return found.pid

    def _clean_up(self) -> None:
        """After kill -9 of everything. Children of a dead server end by themselves, soon; then by force."""
        data = self._place.data
        if (data / "postmaster.pid").exists() or any(self._socket_dir.iterdir()):
            supervise.wait_gone(lambda: not postmaster.leftovers(data), END_SECONDS)
            for pid in postmaster.leftovers(data):
                _end(pid)
            postmaster.clear_stale_files(data, self._socket_dir)

    def _stop_unsupervised(self) -> None:
        """The supervisor was killed, so nobody stopped the server when the last user left: this one does."""
        found = postmaster.find(self._place.data)
        if found is not None:
            found.stop()

    def _supervise(self, adopt: int | None) -> None:
        place = self._place
        order = {
            "command": self._command(),
            "environment": programs.ENVIRONMENT,
            "uid": place.account.uid if place.account else None,
            "gid": place.account.gid if place.account else None,
            "data": str(place.data),
            "run": str(place.run),
            "log": str(place.log),
            "adopt": adopt,
        }
        with place.log.open("ab") as log:
            result = subprocess.run(  # noqa: S603 - this interpreter and our own script
                [sys.executable, "-I", "-S", str(Path(supervise.__file__).resolve())],
                input=json.dumps(order).encode(),
                stdout=subprocess.PIPE,
                stderr=log,
                check=False,
                cwd="/",
                env=programs.ENVIRONMENT,
                start_new_session=True,
                timeout=self._seconds,
            )
        if not result.stdout.strip().isdigit():
            raise EmbeddedError("database.start_failed", log=str(place.log), reason=_tail(place.log))

    def _command(self) -> list[str]:
        options = {**self._options, "unix_socket_directories": str(self._socket_dir)}
        if self._place.binaries.major >= 18:
            options.setdefault("io_method", "sync")  # no extra processes for reading
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [self._place.binaries.program("postgres"), "-D", str(self._place.data), *settings]

    def _connect(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self._socket_dir),
            port=PORT,
            dbname=database,
            user=ROLES["admin"],
            password=self._passwords["admin"],
            autocommit=True,
            connect_timeout=10,
        )

    def _answers_while(self, hope: Callable[[], bool]) -> bool:
        """Whether the server takes a connection before `hope` ends. Raises when patience ends first."""
        end = time.monotonic() + self._seconds
        while True:
            problem = self._problem()
            if not problem:
                return True
            if not hope():
                return False
            if time.monotonic() > end:
                raise EmbeddedError("database.start_failed", log=str(self._place.log), reason=problem)
            time.sleep(0.02)

    def _problem(self) -> str:
        """Why the server does not take a connection; empty when it does."""
        found = postmaster.find(self._place.data)
        if found is None or found.status != "ready":
            return "not ready"
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError as error:
            return str(error).strip()
        return ""

    def _await(self, condition: Callable[[], bool], code: str) -> None:
        if not supervise.wait_gone(condition, self._seconds):
            raise EmbeddedError(code, log=str(self._place.log), seconds=round(self._seconds))


def _others(locks: Locks) -> bool:
    """Whether other processes use the server. A supervisor that is stopping it holds the lock for itself."""
    if locks.alone():
        return False
    descriptor = supervise.try_lock(locks.run / "users.lock", fcntl.LOCK_SH)
    if descriptor is None:
        return False
    os.close(descriptor)
    return not locks.alone()


def _end(pid: int) -> None:
    for number in (signal.SIGQUIT, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        if supervise.wait_gone(lambda: not supervise.is_alive(pid), END_SECONDS):
            return


def _turn_log(log: Path) -> None:
    """Two files of a few megabytes at most."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:].strip() if log.exists() else ""
