"""`python -m connector.moodle.standin --data FILE --port N`: run the stand-in until it is ended."""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from waitress.server import BaseWSGIServer, create_server

from connector.moodle.standin.app import make_app
from connector.moodle.standin.cron import run_cron
from connector.moodle.standin.database import Database
from connector.moodle.standin.demo_site import seed_demo
from connector.moodle.standin.site import Site, service_token

THREADS = 4
_PARENT_CHECK_SECONDS = 0.5


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the process is ended. The line `standin ready URL` on stdout says that connections are taken."""
    wanted = _parse(arguments)
    # A class that sits down at once queues for a moment; that is no warning to a person at the terminal.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    database = Database(wanted.data)
    token = service_token(database, wanted.token)
    server, site = _listen(database, wanted.host, wanted.port)
    if wanted.seed_demo:
        seed_demo(site)
    _start_helpers(site, wanted)
    if not wanted.token:
        sys.stderr.write(f"standin token {token}\n")
    sys.stdout.write(f"standin ready {site.wwwroot}\n")
    sys.stdout.flush()
    server.run()


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="connector.moodle.standin", description="A stand-in Moodle for first runs.")
    parser.add_argument("--data", type=Path, required=True, help="the SQLite file that holds everything")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default="", help="the panel's token; without it the one in the file, or a new one")
    parser.add_argument("--seed-demo", action="store_true", help="make the demonstration's courses")
    parser.add_argument("--cron-seconds", type=float, default=5.0, help="how often hints are sent; 0 = only when told")
    parser.add_argument("--exit-with-parent", action="store_true", help="end when the process that started it ends")
    return parser.parse_args(arguments)


def _listen(database: Database, host: str, port: int) -> tuple[BaseWSGIServer, Site]:
    """The socket comes first: the site's own address must be known before anything is answered."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    shown = f"[{host}]" if family == socket.AF_INET6 else host
    site = Site(database, f"http://{shown}:{listening.getsockname()[1]}")
    return create_server(make_app(site), sockets=[listening], threads=THREADS, ident="standin"), site


def _start_helpers(site: Site, wanted: argparse.Namespace) -> None:
    if wanted.cron_seconds > 0:
        threading.Thread(target=run_cron, args=(site, wanted.cron_seconds), daemon=True).start()
    if wanted.exit_with_parent:
        threading.Thread(target=_watch_parent, args=(os.getppid(),), daemon=True).start()


def _watch_parent(parent: int) -> None:
    """The data file is safe at any moment, so ending needs no ceremony."""
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECK_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main()
