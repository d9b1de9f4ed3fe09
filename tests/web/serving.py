"""The panel behind a real server on loopback, and a real Chromium before it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from waitress import wasyncore
from waitress.server import BaseWSGIServer, create_server

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of the panel while the block lasts."""
    sockets: dict[int, object] = {}
    server = create_server(app, map=sockets, host="127.0.0.1", port=0, threads=4)
    ended = threading.Event()
    thread = threading.Thread(target=_serve, args=(server, sockets, ended), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        ended.set()
        server.pull_trigger()
        thread.join(timeout=30)
        if thread.is_alive():
            raise AssertionError("the panel's server did not end")


def _serve(server: BaseWSGIServer, sockets: dict[int, object], ended: threading.Event) -> None:
    """The thread that waits on the sockets is the one that closes them: a wait on a closed socket is an error."""
    while not ended.is_set():
        wasyncore.loop(timeout=1, map=sockets, count=1)
    server.task_dispatcher.shutdown()
    wasyncore.close_all(sockets)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
