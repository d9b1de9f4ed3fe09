"""DOCX to PDF by LibreOffice, where it is installed: in a process of its own, with a profile and a folder of its own.

One at a time: LibreOffice takes a processor and some 200 MB. What was pressed lately is kept in memory by the hash of
its DOCX, since a reader turns the pages of one paper more than once.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections import OrderedDict
from pathlib import Path

from flask_app.ports.paper import PressFault

SECONDS = 90
KEPT = 16
PROGRAM = "soffice"
PROFILE_ENTRY = "-env:UserInstallation={}"
ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ")
"""What the converter sees of ours: no secrets."""


class Press:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def pdf(self, docx: bytes) -> bytes:
        """The pages as LibreOffice lays them out.

        Raises `PressFault`.
        """
        name = hashlib.sha256(docx).hexdigest()
        with self._lock:
            if name not in self._kept:
                self._kept[name] = convert(docx)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(name)
            return self._kept[name]


def convert(docx: bytes, seconds: float = SECONDS) -> bytes:
    program = shutil.which(PROGRAM)
    if program is None:
        raise PressFault("paper.no_converter")
    with tempfile.TemporaryDirectory(prefix="kyzmat-press-") as name:
        folder = Path(name)
        (folder / "paper.docx").write_bytes(docx)
        _run([program, PROFILE_ENTRY.format((folder / "profile").as_uri()), *_ORDER, str(folder)], folder, seconds)
        try:
            return (folder / "paper.pdf").read_bytes()
        except FileNotFoundError:
            raise PressFault("paper.not_converted") from None


_ORDER = ("--headless", "--norestore", "--convert-to", "pdf", "paper.docx", "--outdir")


def _run(command: list[str], folder: Path, seconds: float) -> None:
    """In a process group of its own, which ends with the time it is given."""
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ} | {"HOME": str(folder)}
    process = subprocess.Popen(  # noqa: S603  # a program found on PATH, arguments of ours, no shell
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise PressFault("paper.conversion_too_long", seconds=seconds) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
