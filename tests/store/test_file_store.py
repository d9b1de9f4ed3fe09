"""The content-addressed file store on a real disk."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_app.domain.errors import InvalidInput, NotFound
from flask_app.store.file_store import ContentAddressedStore

HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> ContentAddressedStore:
    return ContentAddressedStore(tmp_path / "files")


def path_of(store: ContentAddressedStore, sha256: str) -> Path:
    return store._root / sha256[:2] / sha256[2:4] / sha256


def age(path: Path, length: timedelta) -> None:
    moment = path.stat().st_mtime - length.total_seconds()
    os.utime(path, (moment, moment))


def moment_of(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


@settings(max_examples=30, deadline=None)
@given(content=st.binary(max_size=5000))
def test_what_was_put_is_got(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    store = ContentAddressedStore(tmp_path_factory.mktemp("files"))
    kept = store.put(content)
    assert kept.size == len(content)
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert store.get(kept.sha256) == content


def test_stands_in_two_levels_of_folders_and_is_private(store: ContentAddressedStore) -> None:
    kept = store.put(b"paper")
    path = path_of(store, kept.sha256)
    assert path.read_bytes() == b"paper"
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_the_same_content_twice_is_one_file(store: ContentAddressedStore) -> None:
    assert store.put(b"paper") == store.put(b"paper")
    assert len(list(store.hashes())) == 1
    assert list(store._drafts.iterdir()) == []


def test_a_damaged_file_is_reported_and_healed_by_putting_it_again(store: ContentAddressedStore) -> None:
    kept = store.put(b"protocol 1")
    path_of(store, kept.sha256).write_bytes(b"protocol 2")
    with pytest.raises(InvalidInput) as caught:
        store.get(kept.sha256)
    assert (caught.value.code, caught.value.params["sha256"]) == ("file.damaged", kept.sha256)
    store.put(b"protocol 1")
    assert store.get(kept.sha256) == b"protocol 1"


@pytest.mark.parametrize("name", ["", "00" * 32, "../secret", "a" * 63 + "/", "A" * 64, "ab/../" + "c" * 58])
def test_what_is_no_kept_hash_is_not_found(store: ContentAddressedStore, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("key")
    store.put(b"paper")
    with pytest.raises(NotFound) as caught:
        store.get(name)
    assert caught.value.code == "file.not_found"


def test_sweep_removes_old_orphans_and_dead_drafts_only(store: ContentAddressedStore) -> None:
    referenced, orphan, young = (store.put(name).sha256 for name in (b"row", b"no row", b"row not yet committed"))
    draft = store._drafts / "of a killed writer"
    draft.write_bytes(b"half")
    for path in (path_of(store, referenced), path_of(store, orphan), draft):
        age(path, 2 * HOUR)
    report = store.sweep({referenced}, grace=HOUR, now=moment_of(path_of(store, young)))
    assert report.orphans == (orphan,)
    assert (report.drafts, report.bytes_freed) == (1, len(b"no row") + len(b"half"))
    assert set(store.hashes()) == {referenced, young}
    assert list(store._drafts.iterdir()) == []


def test_an_orphan_put_again_is_young_again(store: ContentAddressedStore) -> None:
    kept = store.put(b"paper")
    now = moment_of(path_of(store, kept.sha256))
    age(path_of(store, kept.sha256), 2 * HOUR)
    store.put(b"paper")
    assert store.sweep(set(), grace=HOUR, now=now).orphans == ()
    assert store.get(kept.sha256) == b"paper"


def test_sweep_of_a_new_store_finds_nothing(store: ContentAddressedStore) -> None:
    assert store.sweep(set(), grace=HOUR, now=datetime(2030, 1, 1, tzinfo=UTC)).orphans == ()


def test_the_file_is_synced_before_it_gets_its_name_and_the_name_after(
    store: ContentAddressedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    real_sync, real_rename = os.fsync, Path.rename

    def sync(descriptor: int) -> None:
        target = Path(f"/proc/self/fd/{descriptor}").readlink()
        steps.append("sync folder" if target.is_dir() else "sync file")
        real_sync(descriptor)

    def rename(path: Path, target: Path) -> Path:
        steps.append("rename")
        return real_rename(path, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "rename", rename)
    store.put(b"paper")
    assert steps.index("sync file") < steps.index("rename")
    assert steps[-2:] == ["rename", "sync folder"]


def test_writers_and_sweepers_together_lose_nothing(store: ContentAddressedStore) -> None:
    wanted = [f"paper {number}".encode() for number in range(40)]
    kept = [store.put(content).sha256 for content in wanted]
    for sha256 in kept:
        age(path_of(store, sha256), 2 * HOUR)
    now = datetime.fromtimestamp(store._drafts.stat().st_mtime, UTC)
    failures: list[BaseException] = []

    def put_again() -> None:
        try:
            for content in wanted:
                store.get(store.put(content).sha256)
        except (NotFound, InvalidInput, OSError) as error:
            failures.append(error)

    threads = [threading.Thread(target=put_again) for _ in range(3)]
    threads.append(threading.Thread(target=lambda: store.sweep(set(), grace=HOUR, now=now)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(store.hashes()) == sorted(kept)


def test_a_writer_killed_in_the_middle_leaves_no_file_under_the_name(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from flask_app.store.file_store import ContentAddressedStore\n"
        "Path.rename = lambda *names: os.kill(os.getpid(), 9)\n"
        "ContentAddressedStore(Path(sys.argv[1])).put(b'paper')"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, timeout=60)
    assert ended.returncode == -9
    store = ContentAddressedStore(tmp_path)
    assert list(store.hashes()) == []
    assert len(list(store._drafts.iterdir())) == 1
    assert store.get(store.put(b"paper").sha256) == b"paper"
