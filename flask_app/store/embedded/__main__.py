"""`python -m flask_app.store.embedded [home]`: run only the database, for psql, backup and restore, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from flask_app.settings import load_settings
from flask_app.store.embedded.cluster import DATABASE, ROLES
from flask_app.store.embedded.server import PORT, EmbeddedPostgres


def main(home: Path) -> None:
    """Start or attach; print what `psql` and `pg_dump` need, the password only by the name of a private file."""
    with EmbeddedPostgres(home / "postgres") as server:
        pass_file = server.location / "run" / f"pgpass.{os.getpid()}"
        descriptor = os.open(pass_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"*:{PORT}:*:{ROLES['owner']}:{server.password('owner')}\n")
        try:
            _say(server, pass_file)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
        finally:
            pass_file.unlink()


def _say(server: EmbeddedPostgres, pass_file: Path) -> None:
    variables = {
        "PATH": f"{server.bin_dir}:$PATH",
        "PGHOST": server.socket_dir,
        "PGPORT": PORT,
        "PGUSER": ROLES["owner"],
        "PGDATABASE": DATABASE,
        "PGPASSFILE": pass_file,
    }
    for name, value in variables.items():
        print(f'export {name}="{value}"')
    sys.stdout.flush()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else load_settings().home)
