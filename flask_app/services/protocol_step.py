"""The protocol once the commission has decided: where it stands, what comes next with it and who does that."""

from __future__ import annotations

from dataclasses import dataclass

from flask_app.domain.workflows import WORKFLOWS
from flask_app.domain.workflows.document import DRAFTERS
from flask_app.services.next_steps import steps_on
from flask_app.services.office import Work
from flask_app.services.paper_shelf import PaperRow, papers_about
from flask_app.services.papers import PAPERS
from flask_app.store.models.procedures import Competition

PROTOCOL = "D16"
DECIDED = ("decided", "appointed", "no_winner", "repeat_decision")
"""States of a competition whose commission has decided and whose papers are still made."""


@dataclass(frozen=True, slots=True)
class ProtocolStep:
    """`step`: draw_up while there is no protocol, then the step of the paper's workflow; empty once it is in force.

    `who`: the roles that take the step.
    """

    paper: PaperRow | None
    step: str
    who: frozenset[str]


def protocol_step(work: Work, competition: Competition) -> ProtocolStep | None:
    """None before the decision, and where no paper is drafted any more and there is none."""
    if competition.state not in DECIDED:
        return None
    state = WORKFLOWS["competition"].states[competition.state]
    staff = state.permissions["view"]
    paper = next((paper for paper in papers_about(work, competition.id) if paper.kind == PROTOCOL), None)
    if paper is None:
        drafters = state.permissions.get(PAPERS[PROTOCOL].action, frozenset()) & DRAFTERS
        return ProtocolStep(None, "draw_up", drafters) if drafters else None
    step = next(iter(steps_on(WORKFLOWS["document"], paper.state)), None)
    if step is None:
        return ProtocolStep(paper, "", frozenset())
    who = step.roles & (PAPERS[PROTOCOL].signers if step.id == "sign" else staff)
    return ProtocolStep(paper, step.id, who)
