"""Starting a stand-in as a child process, over a real socket: for tests and the demonstration."""

from __future__ import annotations

import http.client
import json
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlencode, urlsplit

START_SECONDS = 30.0
STOP_SECONDS = 10.0
_READY = "standin ready "


class StandinError(Exception):
    """The stand-in did not start, or refused a control action."""


class StandinProcess:
    """A running stand-in; a context manager.

    `url` is its address, `token` the panel's. The data file outlives the process: a second one on the same file goes
    on where the first was ended, even by `kill()`.
    """

    def __init__(
        self,
        data_file: Path,
        *,
        port: int = 0,
        token: str = "standin-token",  # noqa: S107 - of a site on the loopback address that holds trial data
        seed_demo: bool = False,
        cron_seconds: float = 0,
    ) -> None:
        self.data_file = data_file
        self.token = token
        self.url = ""
        self._port = port
        self._options = ["--seed-demo"] if seed_demo else []
        self._options += ["--cron-seconds", str(cron_seconds)]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> StandinProcess:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start and wait until connections are taken. A restart takes the same port again, so `url` stays."""
        command = [sys.executable, "-m", "connector.moodle.standin", "--data", str(self.data_file)]
        command += ["--port", str(self._port), "--token", self.token, "--exit-with-parent", *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own program
        self.url = self._wait_until_ready()
        self._port = urlsplit(self.url).port or 0

    def _wait_until_ready(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            if select.select([self._process.stdout], [], [], 0.1)[0]:
                line = self._process.stdout.readline()
                if line.startswith(_READY):
                    return line.removeprefix(_READY).strip()
        self.kill()
        raise StandinError("the stand-in did not start")

    def stop(self) -> None:
        """End it and wait for the end; nothing happens when it is not running."""
        self._end("terminate")

    def kill(self) -> None:
        """SIGKILL, as a machine that loses power."""
        self._end("kill")

    def wait(self) -> int:
        """Wait until it ends by itself (a fault that kills); returns the exit status."""
        assert self._process is not None
        status = self._process.wait(STOP_SECONDS)
        self._close()
        return status

    def _end(self, how: str) -> None:
        if self._process is None:
            return
        getattr(self._process, how)()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._close()

    def _close(self) -> None:
        assert self._process is not None
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None

    # ------------------------------------------------------------------------------------------- talking to it

    def control(self, action: str, **wishes: Any) -> dict[str, Any]:
        """One action of the test bench (see `control`). Raises `StandinError` with the reason when it is refused."""
        body = json.dumps({"action": action, **wishes})
        headers = {"Content-Type": "application/json", "X-Standin-Token": self.token}
        status, text = self._post("/standin/control", body, headers)
        reply: dict[str, Any] = json.loads(text)
        if status != 200:
            raise StandinError(f"{action}: {reply['error']}")
        return reply

    def ensure_course(self, idnumber: str, name: str, activities: tuple[str, ...] = (), summary: str = "") -> int:
        """A course with training activities. The contract has no function for it: a site's own people make courses."""
        reply = self.control("course", idnumber=idnumber, name=name, activities=activities, summary=summary)
        return int(reply["courseid"])

    def rest(self, wsfunction: str, fields: Mapping[str, str | int]) -> Any:
        """One web service call with the panel's token; `fields` by PHP names (`people[0][idnumber]`)."""
        first = {"wstoken": self.token, "wsfunction": wsfunction, "moodlewsrestformat": "json"}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        _, text = self._post("/webservice/rest/server.php", urlencode({**first, **fields}), headers)
        return json.loads(text)

    def _post(self, path: str, body: str, headers: Mapping[str, str]) -> tuple[int, str]:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        try:
            connection.request("POST", path, body.encode(), dict(headers))
            reply = connection.getresponse()
            return reply.status, reply.read().decode()
        finally:
            connection.close()
