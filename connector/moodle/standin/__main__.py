"""`python -m connector.moodle.standin --data FILE --port N`: run the stand-in until it is ended."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from waitress.server import create_server

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
    parser = argparse.ArgumentParser(prog="connector.moodle.standin", description="A stand-in Moodle, for first runs and tests.")
    parser.add_argument("--data", type=Path, required=True, help="the SQLite file that holds everything")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default="", help="the panel's token; without it the one in the file, or a new one")
    parser.add_argument("--seed-demo", action="store_true", help="make the demonstration's courses")
    parser.add_argument("--cron-seconds", type=float, default=5.0, help="how often hints are sent; 0 = only when told")
    parser.add_argument("--exit-with-parent", action="store_true", help="end when the process that started it ends")
    return parser.parse_args(arguments)
