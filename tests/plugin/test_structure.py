"""Syntax and structure of the plugin, and that it offers what the panel calls.

Its own tests are in PHP and run inside a Moodle (`make test-plugin`); the contract suite runs against a site with it.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from connector.moodle.doctor import CHECK_PUSH, NEEDED_FUNCTIONS
from connector.moodle.standin.errors import PLUGIN_STRINGS
from connector.moodle.standin.push import EVENTS

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "connector/moodle/plugin/local_kyzmat"


def text(path: str) -> str:
    return (PLUGIN / path).read_text(encoding="utf-8")


def test_plugin_check_is_content() -> None:
    """Syntax of every file, order of checks in every function, the same strings in all languages."""
    done = subprocess.run([ROOT / ".ci/plugin-check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_function_the_panel_calls_is_in_the_service() -> None:
    named = re.findall(r"'(local_kyzmat_\w+)'", text("db/services.php"))
    assert set(named) - {"local_kyzmat"} == {*NEEDED_FUNCTIONS, CHECK_PUSH}
    assert all(named.count(name) == 2 for name in (*NEEDED_FUNCTIONS, CHECK_PUSH))


@pytest.mark.parametrize("lang", ["en", "ru", "ky", "kk"])
def test_every_error_of_the_contract_has_a_sentence(lang: str) -> None:
    strings = set(re.findall(r"^\$string\['([^']+)'\]", text(f"lang/{lang}/local_kyzmat.php"), re.MULTILINE))
    assert set(PLUGIN_STRINGS) <= strings


def test_hints_are_those_of_the_contract() -> None:
    line = next(line for line in text("classes/local/push_target.php").splitlines() if "const EVENTS" in line)
    assert tuple(re.findall(r"'(\w+)'", line)) == EVENTS


def test_tables_named_in_the_code_exist() -> None:
    tables = {table.attrib["NAME"] for table in ET.fromstring(text("db/install.xml")).iter("TABLE")}
    code = "".join(path.read_text(encoding="utf-8") for path in PLUGIN.glob("classes/**/*.php"))
    used = set(re.findall(r"'(local_kyzmat_[a-z]+)'|\{(local_kyzmat_[a-z]+)\}", code))
    named = {first or second for first, second in used}
    assert tables <= named
    assert not {name for name in named if name.removeprefix("local_kyzmat_") not in {"myservice"}} - tables
