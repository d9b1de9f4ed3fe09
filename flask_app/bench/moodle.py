"""What a Moodle costs the panel, beside what the same work costs without the plugin, in one run on one site.

    kyzmat bench moodle --moodle-url … --moodle-token … --importer-command "… {file}" --core-token … --json

Moodle's own importer has no web service: `--importer-command` names a command that runs it on a GIFT file ({file}) on
the machine of the site. Each part is left out when what it needs is not given.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import click

from flask_app.bench import moodle_import, moodle_memory, moodle_pull

Result = Mapping[str, Any]
PARTS = ("import", "pull", "memory")


@click.command()
@click.option("--moodle-url", default="", help="Address of a test site with the plugin. Courses are left there.")
@click.option("--moodle-token", default="", help="Token of the panel's account there.")
@click.option("--core-token", default="", help="Token of a service with core's functions for results.")
@click.option("--importer-command", default="", help="Command that runs Moodle's importer on {file}.")
@click.option("--questions", type=click.IntRange(min=200), default=5000, show_default=True)
@click.option("--attempts", type=click.IntRange(min=1), default=200, show_default=True)
@click.option("--slots", type=click.IntRange(min=1), default=30, show_default=True, help="Questions of the test sat.")
@click.option("--sat", default="", help="COURSE/TEST that was sat already, instead of sitting a new one.")
@click.option("--memory-attempts", type=click.IntRange(min=2000), default=100_000, show_default=True)
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), default=PARTS, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def moodle(parts: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Importing, verifying and pulling through the plugin beside Moodle's own importer and core functions."""
    site = given["moodle_url"] and given["moodle_token"]
    bench: dict[str, Callable[[], Result]] = {}
    if site and given["importer_command"]:
        bench["import"] = lambda: moodle_import.measure(
            given["moodle_url"], given["moodle_token"], given["importer_command"], given["questions"]
        )
    if site and given["core_token"]:
        where = moodle_pull.Site(given["moodle_url"], given["moodle_token"], given["core_token"])
        bench["pull"] = lambda: moodle_pull.measure(where, given["attempts"], given["slots"], given["sat"])
    bench["memory"] = lambda: moodle_memory.measure(given["memory_attempts"])
    results = {part: run() for part, run in bench.items() if part in parts}
    if not results:
        raise click.UsageError("nothing to measure: see --moodle-url, --importer-command, --core-token")
    click.echo(json.dumps({"moodle": results}, ensure_ascii=False) if as_json else _told(results))


def _told(results: Mapping[str, Result]) -> str:
    lines = []
    for part, result in results.items():
        lines.append(part)
        lines += [f"  {name}: {value}" for name, value in result.items()]
    return "\n".join(lines)
