"""Homes of installations with servers of their own, for the tests of the embedded server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import memory_folder, server_folder
from tests.store.servers import dies_soon, remember, server_at, servers_in


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


@pytest.fixture
def stopped(home: Path) -> Path:
    """The place of a stopped server that remembers "kept"."""
    with server_at(home) as server:
        remember(server, "kept")
        return server.location
