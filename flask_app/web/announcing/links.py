"""What the page of a competition leads on to, by the same permission map that the use cases ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import url_for

from flask_app.domain.workflows import WORKFLOWS
from flask_app.services import commission_hearing, paper_desk, sitting_desk
from flask_app.services.competition_facts import unsaid
from flask_app.services.login_slips import SEATED, may_print_slips
from flask_app.services.procedure_story import CompetitionStory
from flask_app.services.rights import COMMISSION_ROLES
from flask_app.web.announcing.place import AREA
from flask_app.web.visit import this_visit

WORKFLOW = WORKFLOWS["competition"]
RECORDS = (
    ("name_commission", "announcing.commission"),
    ("edit", "announcing.edit"),
    ("record_agreement", "announcing.agreement"),
    ("record_publication", "announcing.publication"),
    ("import_applications", "applicants.upload"),
)


@dataclass(frozen=True, slots=True)
class Link:
    """`kind`: `step` leads on, `record` is entered beside the steps, `desk` is where work goes on, `way_out` needs a
    reason.
    """

    kind: str
    name: str
    url: str


def competition_links(story: CompetitionStory) -> list[Link]:
    """Steps that are open now, what may be recorded in this state, then the ways out. Asks the database nothing."""
    id_, word = story.competition.id, this_visit().say
    steps = [_step(id_, "step", step.id) for step in story.steps.ready]
    outs = [_step(id_, "way_out", offer.transition.id) for offer in story.steps.exceptions if offer.open]
    roles = roles_of(story)
    records = [
        Link("record", word(f"do_{action}"), url_for(endpoint, id_=id_))
        for action, endpoint in RECORDS
        if WORKFLOW.permits(action, story.competition.state, roles)
    ]
    return [*steps, *records, *outs]


def work_links(story: CompetitionStory) -> Iterator[Link]:
    """The desks where this competition is worked on in its state: the sitting of the test, the commission, papers."""
    id_, state, word = story.competition.id, story.competition.state, this_visit().say
    if state in sitting_desk.STATES:
        yield Link("desk", word("do_open_sitting"), url_for("sittings.show", id_=id_))
    if state in commission_hearing.STATES:
        yield Link("desk", word("do_open_commission"), url_for("commission.desk", id_=id_))
    if papers_desk(story):
        yield Link("desk", word("do_open_papers"), papers_desk(story))


def papers_desk(story: CompetitionStory) -> str:
    """The address of the page where papers are drafted; empty until there is something to draft or to see there."""
    competition = story.competition
    if competition.state not in paper_desk.drafting_states("competition") and not story.papers:
        return ""
    return url_for("paper_actions.subject", type_="competition", id_=competition.id)


def _step(id_: UUID, kind: str, step: str) -> Link:
    name = this_visit().say(f"step_competition_{step}")
    return Link(kind, name, url_for("announcing.act", id_=id_, transition=step))


def people_links(story: CompetitionStory) -> Iterator[Link]:
    """Pages about the candidates, as far as there are any."""
    id_, word = story.competition.id, this_visit().say
    if story.people:
        yield Link("record", word("do_see_applicants"), url_for("applicants.index", id_=id_))
        seated = {state for state, _ in story.people}.intersection(SEATED)
        if seated and story.session is not None and may_print_slips(roles_of(story)):
            yield Link("record", word("do_print_slips"), url_for("applicants.slips", id_=id_))


def roles_of(story: CompetitionStory) -> frozenset[str]:
    """The reader's roles on this competition: the body's, and those of their seat."""
    seats = (COMMISSION_ROLES.get(member.role, frozenset()) for member in story.members if member.me)
    return story.roles.union(*seats)


UNSENT = frozenset({"draft", "text_agreement"})
"""While the text of the announcement may still be corrected."""


def announcement_gaps(story: CompetitionStory) -> Mapping[str, tuple[str, ...]]:
    """Language -> the items without words in it, as long as something can be done about it."""
    return unsaid(story.competition) if story.competition.state in UNSENT else {}


def may_draft() -> bool:
    """Whether the reader may draw up a competition."""
    return WORKFLOW.permits("edit", "draft", this_visit().actor.roles)


@AREA.blueprint.app_context_processor
def _for_templates() -> dict[str, object]:
    return {
        "announcement_gaps": announcement_gaps,
        "competition_links": competition_links,
        "people_links": people_links,
        "work_links": work_links,
        "papers_desk": papers_desk,
        "may_draft_competition": may_draft,
    }
