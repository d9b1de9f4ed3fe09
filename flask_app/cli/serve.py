"""`kyzmat serve` and `kyzmat worker`."""

from __future__ import annotations

import gc
import socket

import click
from flask import Flask

from flask_app.bootstrap import Installation
from flask_app.cli.even_server import Board, EvenServer
from flask_app.cli.installing import running
from flask_app.cli.processes import answer_together, listening_socket
from flask_app.services.reading_ahead import read_banks_ahead
from flask_app.web import create_app
from flask_app.web.templating import compile_templates
from flask_app.web.turns import Turns

THREADS = 8
"""Connections a process reads from at a time; how many pages it makes at a time says `Turns`."""

COLLECTED_AT = (10_000, 20, 20)
"""After how many new objects the collector looks for cycles: a page makes some thousands, and leaves few."""

CUT_OFF = 4
"""How many times the upload limit a request may have: up to here a page says what is too large, beyond it is cut off
before it fills the disk."""


def serve_panel(installed: Installation) -> None:
    """Serve until interrupted, in as many processes as the settings say, and do the background jobs beside them."""
    settings = installed.settings
    with listening_socket(settings.host, settings.port) as listening:
        app = create_app(installed.office, settings)
        # Here, so that the first visitor of each page need not wait for it, in any process.
        compile_templates(app)
        read_banks_ahead(installed.office)
        # What was imported, wired and compiled stays until the end and is shared by the processes: the collector need
        # not walk over it again and again, which would hold a page up for longer than it takes to make
        # (docs/performance.md).
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECTED_AT)
        board = Board(settings.processes)
        answer_together(
            settings.processes,
            lambda place: _answer(app, listening, board, place, settings.upload_limit),
            lambda: installed.engine.dispose(close=False),
            beside=lambda: installed.worker().run(),
        )


def _answer(app: Flask, listening: socket.socket, board: Board, place: int, upload_limit: int) -> None:
    server = EvenServer(
        Turns(app.wsgi_app),
        listening,
        board,
        place,
        threads=THREADS,
        ident=None,
        max_request_body_size=CUT_OFF * upload_limit,
    )
    server.run()


@click.command()
def serve() -> None:
    """The panel on KYZMAT_HOST:KYZMAT_PORT (127.0.0.1:8000), in KYZMAT_PROCESSES processes (2), and a worker."""
    with running() as (installed, _):
        settings = installed.settings
        click.echo(f"http://{settings.host}:{settings.port}")
        serve_panel(installed)


@click.command()
@click.option("--once", is_flag=True, help="Do what is due and end.")
def worker(once: bool) -> None:
    """Background jobs, until interrupted."""
    with running() as (installed, _):
        installed.worker().run(wait=not once)
