"""`kyzmat demo`: the main job end to end."""

from __future__ import annotations

from pathlib import Path

import click

from flask_app.bootstrap import Installation, installation, moodle_of
from flask_app.cli.installing import moodle_site
from flask_app.cli.processes import listening_socket
from flask_app.cli.telling import language
from flask_app.demo.foundation import set_up_body
from flask_app.demo.stage import Stage
from flask_app.demo.story import tell
from flask_app.demo.terminal import Terminal
from flask_app.demo.world import STAFF
from flask_app.messages import label
from flask_app.services.bodies import actor_of
from flask_app.settings import load_settings

LOGIN_WIDTH = max(len(staff.login) for staff in STAFF)


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("var/out"), show_default=True)
@click.option("--candidates", type=click.IntRange(2, 2000), default=12, show_default=True)
@click.option("--serve", "serve_after", is_flag=True, help="Serve the panel afterwards.")
def demo(out: Path, candidates: int, serve_after: bool) -> None:
    """Banks to Moodle, candidates to the test, results back, a vote, papers signed; a training order beside it."""
    settings = load_settings()
    if serve_after:  # told now, not after the whole story
        listening_socket(settings.host, settings.port).close()
    terminal = Terminal(language())
    terminal.say("start")
    with moodle_site(settings) as (url, token), installation(settings, moodle_of(url, token)) as installed:
        password = set_up_body(installed.office, settings.home)
        stage = _stage(installed, url, candidates, terminal)
        sums = tell(stage, out)
        counts = stage.counts
        terminal.say(
            "this_run",
            planned=counts.planned,
            attempts=counts.attempts,
            completions=counts.completions,
            grades=counts.grades,
            papers=counts.papers,
            seconds=round(terminal.seconds),
        )
        terminal.plain(
            f"demo ok: {sums.questions} questions synced, {sums.attempts} attempts pulled, "
            f"{sums.completions} completions, {sums.grades} grades, {sums.documents} documents in {out}"
        )
        if serve_after:
            _serve(installed, terminal, password, url)


def _stage(installed: Installation, url: str, candidates: int, terminal: Terminal) -> Stage:
    office = installed.office
    with office.work(actor_of(office, "hr")) as work:
        today = work.today
    return Stage(installed, url, candidates, terminal, today)


def _serve(installed: Installation, terminal: Terminal, password: str, moodle: str) -> None:
    from flask_app.cli.serve import serve_panel

    settings = installed.settings
    url = f"http://{settings.host}:{settings.port}"
    terminal.say("moodle", url=moodle)
    _tell_logins(terminal)
    terminal.say("serving", url=url, login="hr", password=password)
    serve_panel(installed)


def _tell_logins(terminal: Terminal) -> None:
    """Everybody of the demonstration, with what they do there: roles of the body, or the seat on the commission."""
    terminal.say("logins")
    for staff in STAFF:
        roles = [f"role_{role}" for role in staff.roles] or [f"role_commission_{staff.seat}"]
        does = ", ".join(label(role, terminal.language) for role in roles)
        terminal.plain(f"        {staff.login:{LOGIN_WIDTH}}  {staff.name}: {does}")
