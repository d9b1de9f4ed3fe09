"""The command `kyzmat`. An area's commands are loaded when they are asked for, so that a small one starts fast."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

# name → (module, attribute, one line for `kyzmat --help`)
COMMANDS: dict[str, tuple[str, str, str]] = {
    "demo": ("flask_app.cli.demo", "demo", "The whole main job on invented people, step by step."),
    "serve": ("flask_app.cli.serve", "serve", "The panel."),
    "worker": ("flask_app.cli.serve", "worker", "Background jobs."),
    "sync": ("flask_app.cli.sync", "sync", "Plan and apply: the banks in Moodle."),
    "results": ("flask_app.cli.sync", "results", "Results of tests from Moodle, with the plugin and without."),
    "bank": ("flask_app.cli.bank", "bank", "Question banks: lint, export."),
    "gift": ("flask_app.cli.gift", "gift", "Question files: parse, lint, convert, preview, write."),
    "exchange": ("flask_app.cli.exchange", "exchange", "Grade batches of institutions: validate."),
    "audit": ("flask_app.cli.inspect", "audit", "The audit log: verify."),
    "office": ("flask_app.cli.office", "office", "Bodies and commissions of the installation, from files."),
    "user": ("flask_app.cli.user", "user", "People who log in: add, list, disable, roles, passwords."),
    "permissions": ("flask_app.cli.inspect", "permissions", "Who may do what in which state, on one screen."),
    "doctor": ("flask_app.cli.inspect", "doctor", "Is everything set up, and how to mend what is not."),
    "bench": ("flask_app.cli.bench", "bench", "Measurements against named peers and limits."),
}


class LazyGroup(click.Group):
    """Click gives every method its context; a lazy group needs none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        known = COMMANDS.get(cmd_name)
        if known is None:
            return None
        module, attribute, _ = known
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


@click.group(cls=LazyGroup)
@click.version_option(package_name="kyzmat")
def kyzmat() -> None:
    """Kyzmat: competitions, tests, papers and training of the civil service, around a Moodle site."""


def main() -> Any:
    """The console entry: an error of the product is told in the reader's language, with its cure; others are bugs."""
    from flask_app.domain.errors import KyzmatError

    try:
        return kyzmat()
    except KyzmatError as error:
        from flask_app.cli.telling import tell_error

        tell_error(error)
        sys.exit(2)
