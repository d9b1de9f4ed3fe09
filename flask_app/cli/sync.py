"""`kyzmat sync plan|apply` and `kyzmat results pull`."""

from __future__ import annotations

import click

from flask_app.cli.core_results import core
from flask_app.cli.installing import running
from flask_app.domain.identity import Actor
from flask_app.ports.moodle import SyncPlan, Wanted
from flask_app.services.banks import wanted_banks
from flask_app.services.bodies import actor_of
from flask_app.services.competitions import find_competition
from flask_app.services.office import Office
from flask_app.services.results import pull_results
from flask_app.services.sync_desk import COURSE
from flask_app.services.synchronisation import apply_banks, plan


@click.group()
def sync() -> None:
    """The banks of the body and Moodle: plan what would change, apply exactly that."""


def _plan(office: Office, actor: Actor, course: str) -> SyncPlan:
    with office.work(actor) as work:
        wanted = Wanted(banks=wanted_banks(work, course))
    return plan(office, actor, wanted)


def _show(made: SyncPlan) -> None:
    for step in made.steps:
        click.echo(f"{step.kind:18} {step.target}  {step.idnumber}")
    click.echo(f"plan {made.hash[:16]}: {len(made.steps)} changes")


def _show_progress(done: int, total: int) -> None:
    click.echo(f"{done}/{total}", err=True)


@sync.command("plan")
@click.option("--login", default="banks", show_default=True, help="User who plans.")
@click.option("--course", default=COURSE, show_default=True)
def plan_command(login: str, course: str) -> None:
    """Show what would change. Writes nothing."""
    with running() as (installed, _):
        _show(_plan(installed.office, actor_of(installed.office, login), course))


@sync.command("apply")
@click.option("--login", default="banks", show_default=True, help="User who applies.")
@click.option("--course", default=COURSE, show_default=True)
@click.option("--plan", "reviewed", default="", help="Hash (or its beginning) of the plan that was reviewed.")
def apply_command(login: str, course: str, reviewed: str) -> None:
    """Carry out the plan; with --plan only if it still is the reviewed one."""
    with running() as (installed, _):
        actor = actor_of(installed.office, login)
        made = _plan(installed.office, actor, course)
        if not made.hash.startswith(reviewed):
            raise click.ClickException(f"the plan is now {made.hash[:16]}, not {reviewed}: review it again")
        _show(made)
        report = apply_banks(installed.office, actor, made, _show_progress)
        click.echo(f"applied {len(report.items) if report else 0}, calls {report.calls if report else 0}")


@click.group()
def results() -> None:
    """Results of tests."""


results.add_command(core)


@results.command("pull")
@click.option("--login", default="hr", show_default=True)
@click.argument("competition")
def pull(login: str, competition: str) -> None:
    """Pull the results of a competition's sitting (by its code)."""
    with running() as (installed, _):
        office = installed.office
        actor = actor_of(office, login)
        with office.work(actor) as work:
            found = find_competition(work, competition)
        if found is None:
            raise click.ClickException(f"no competition {competition}")
        report = pull_results(office, actor, found.id)
        click.echo(f"new {report.new}, revised {report.revised}, Moodle counts {report.total}")
