"""The connection to Moodle examined on demand: what works, what is missing, and how to mend it. Shows no token."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_app.domain.identity import Actor
from flask_app.ports.moodle import SiteFinding
from flask_app.services import audit, hint_desk
from flask_app.services.bank_rights import require
from flask_app.services.local_time import local_time
from flask_app.services.office import Office, Work

PLUGIN_FUNCTIONS = (
    "get_site",
    "save_bank",
    "import_questions",
    "get_bank_state",
    "get_question",
    "set_question_status",
    "save_people",
    "save_enrolments",
    "save_test",
    "save_overrides",
    "get_progress",
    "get_results",
    "get_completions",
    "save_cards",
    "save_push",
)
"""What the plugin adds, in the order of the work; what the panel cannot do without each is `label.fn_<name>`."""

NO_PLUGIN = frozenset({"doctor.mode_core", "doctor.mode_none"})


@dataclass(frozen=True, slots=True)
class Examination:
    """`findings` in the order a person would mend them; `at` by the body's clock."""

    findings: tuple[SiteFinding, ...]
    at: datetime

    @property
    def fit(self) -> bool:
        """Whether the main job can be done there."""
        return not self.of("bad")

    @property
    def lacks_plugin(self) -> bool:
        return any(finding.code in NO_PLUGIN for finding in self.findings)

    def of(self, level: str) -> tuple[SiteFinding, ...]:
        return tuple(finding for finding in self.findings if finding.level == level)


def examine(office: Office, actor: Actor) -> tuple[SiteFinding, ...]:
    """Ask the site, outside any transaction; takes seconds at most, and writes nothing. Raises `NotPermitted`."""
    require(actor, "examine")
    return tuple(office.moodle.examine(office.clock))


def note_examination(work: Work, findings: Sequence[SiteFinding], began: datetime) -> Examination:
    """That the site was examined, and how it fared, is an event of the audit log.

    `began`: before the first question; whether Moodle's knock arrived here since then is a finding as well.
    """
    require(work.actor, "examine")
    findings = (*findings, *hint_desk.findings(work, began, {finding.code for finding in findings}))
    counted: Counter[str] = Counter(finding.level for finding in findings)
    audit.record(work, "moodle.examined", "body", work.actor.body_id, after=dict(counted))
    return Examination(tuple(findings), local_time(work).at(work.now))
