"""Is a server running on this cluster, and is it really ours? Nothing is signalled or removed before that is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil

from flask_app.store.embedded.supervise import identity, is_alive, stop_server


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A living server on our data folder; `socket_dir` as it wrote it down itself."""

    pid: int
    socket_dir: Path | None
    status: str

    def stop(self) -> None:
        began = identity(self.pid)
        stop_server(self.pid, lambda: not is_alive(self.pid) or identity(self.pid) != began)


def find(data: Path) -> Postmaster | None:
    """The server that runs on `data`. A number in `postmaster.pid` alone proves nothing: it may be reused."""
    lines = _pid_file(data)
    pid = int(lines[0]) if lines and lines[0].strip().isdigit() else 0
    if not pid or not _works_in(data, pid):
        return None
    socket_dir = Path(lines[4].strip()) if len(lines) > 4 and lines[4].strip() else None
    return Postmaster(pid, socket_dir, lines[7].strip() if len(lines) > 7 else "")


def leftovers(data: Path) -> list[int]:
    """Living PostgreSQL processes that work in `data`: a postmaster without its file, or a dead one's children."""
    return [process.pid for process in psutil.process_iter() if _works_in(data, process.pid)]


def clear_stale_files(data: Path, socket_dir: Path) -> None:
    """Remove what a dead server left. Only call when `find` and `leftovers` found nobody, under the start lock."""
    (data / "postmaster.pid").unlink(missing_ok=True)
    for entry in socket_dir.glob(".s.PGSQL.*"):
        entry.unlink(missing_ok=True)


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _works_in(data: Path, pid: int) -> bool:
    """Every PostgreSQL process has its data folder as working folder, and nobody else's is named so."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
            return False
        return Path(process.cwd()) == data.resolve()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
