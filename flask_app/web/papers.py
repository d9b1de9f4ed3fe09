"""Papers: the list, the page of one, and its files."""

from __future__ import annotations

import io
from uuid import UUID

from flask import request, send_file
from flask.typing import ResponseReturnValue

from flask_app.domain.workflows import WORKFLOWS
from flask_app.services import paper_reading, paper_shelf
from flask_app.services.local_time import local_time
from flask_app.services.papers import PAPERS
from flask_app.web.area import Area
from flask_app.web.fields import choice_of, page_of, text_of
from flask_app.web.visit import Visit
from flask_app.web.wording import Wording

AREA = Area("papers")

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@AREA.get("/papers")
def index(visit: Visit) -> ResponseReturnValue:
    wanted = paper_shelf.PaperFilter(
        text=text_of(request.args, "q"),
        kind=choice_of(request.args, "kind", PAPERS),
        state=choice_of(request.args, "state", WORKFLOWS["document"].states),
    )
    with visit.work() as work:
        found = paper_shelf.papers(work, wanted, page_of(request.args))
        word = Wording(visit.language, local_time(work).today)
        return visit.page(
            "papers/list.html",
            word=word,
            found=found,
            wanted=wanted,
            kinds=tuple(PAPERS),
            states=tuple(WORKFLOWS["document"].states),
        )


@AREA.get("/papers/<uuid:id_>")
def show(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = paper_shelf.paper_page(work, id_)
        word = Wording(visit.language, local_time(work).today)
        return visit.page("papers/paper.html", word=word, shown=found, paper=found.paper)


@AREA.get("/papers/<uuid:id_>/versions/<int:number>")
def read(visit: Visit, id_: UUID, number: int) -> ResponseReturnValue:
    """The text of a version as a page, and what differs from the one before."""
    with visit.work() as work:
        found = paper_reading.read_version(work, id_, number)
        word = Wording(visit.language, local_time(work).today)
        return visit.page("papers/read.html", word=word, reading=found, paper=found.page.paper)


@AREA.get("/papers/<uuid:id_>/versions/<int:number>.pdf")
def pages(visit: Visit, id_: UUID, number: int) -> ResponseReturnValue:
    """The pages of a version as the office suite lays them out, in the browser's own reader."""
    paper, content = paper_reading.pdf_of(visit.panel.office, visit.actor, id_, number)
    with visit.work() as work:
        word = Wording(visit.language, local_time(work).today)
    return send_file(io.BytesIO(content), mimetype=PDF, download_name=_file_name(word, paper, number, ".pdf"))


@AREA.get("/papers/<uuid:id_>/versions/<int:number>.docx")
def download(visit: Visit, id_: UUID, number: int) -> ResponseReturnValue:
    with visit.work() as work:
        paper, content = paper_shelf.version_content(work, id_, number)
        word = Wording(visit.language, local_time(work).today)
    return send_file(
        io.BytesIO(content), mimetype=DOCX, as_attachment=True, download_name=_file_name(word, paper, number, ".docx")
    )


def _file_name(word: Wording, paper: paper_shelf.PaperRow, number: int, ending: str) -> str:
    """`Протокол заседания конкурсной комиссии № 3-D16_2026, версия 2.docx`: what folders of an office sort by."""
    label = f"№ {paper.number}" if paper.number else paper.subject_code
    name = word.say("paper_file", title=word.text(paper.title).text, number=label, version=number)
    return "".join("_" if sign in '\\/:*?"<>|' else sign for sign in name) + ending
