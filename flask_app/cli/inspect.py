"""`kyzmat audit verify`, `kyzmat permissions`, `kyzmat doctor`."""

from __future__ import annotations

import sys

import click

from connector.moodle.doctor import examine
from flask_app.bootstrap import moodle_of
from flask_app.cli.installing import moodle_site, running
from flask_app.cli.telling import language
from flask_app.domain.workflow import Workflow
from flask_app.domain.workflows import WORKFLOWS, commission, question_bank, user
from flask_app.messages import explain
from flask_app.services import audit as audit_log
from flask_app.settings import load_settings
from flask_app.store.clock import SystemClock


@click.group()
def audit() -> None:
    """The audit log."""


@audit.command()
def verify() -> None:
    """Recompute every body's chain; exit 1 when one is broken."""
    with running() as (installed, _):
        audit_log.seal_all(installed.office)
        checks = audit_log.verify_all(installed.office)
    for check in checks:
        state = "ok" if check.sound else f"BROKEN at {check.broken_at}"
        click.echo(f"{check.body}: {state}, {check.sealed} events sealed, head {check.head[:16]}")
    if not all(check.sound for check in checks):
        sys.exit(1)


@click.command()
def permissions() -> None:
    """Every right of the panel: workflow, state, action or step, roles."""
    for workflow in (*WORKFLOWS.values(), question_bank.WORKFLOW, commission.WORKFLOW, user.WORKFLOW):
        click.echo(click.style(workflow.id, bold=True))
        for line in _rights(workflow):
            click.echo(f"  {line}")


def _rights(workflow: Workflow) -> list[str]:
    lines = []
    for state in workflow.states.values():
        for action, roles in state.permissions.items():
            lines.append(f"{state.id:30} {action:24} {', '.join(sorted(roles)) or '–'}")
        for step in workflow.transitions.values():
            if state.id in step.sources:
                lines.append(f"{state.id:30} → {step.id:22} {', '.join(sorted(step.roles))}")
    return lines


@click.command()
def doctor() -> None:
    """Look at Moodle and say how to mend what is wrong; exit 2 when the main job cannot be done there."""
    settings = load_settings()
    bad = False
    with moodle_site(settings) as (url, token):
        for finding in examine(moodle_of(url, token).client, SystemClock()):
            told = explain(finding.code, language(), dict(finding.params))
            click.echo(f"{finding.level:4} {told}")
            bad = bad or finding.level == "bad"
    if bad:
        sys.exit(2)
