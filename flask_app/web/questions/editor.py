"""One question: its page, its editor with the preview and everything the checks say, its remarks, steps and versions.

Without scripts the button «check and show» sends what was typed and brings the page back with it; with them the same
address is asked while the author types, and only the preview is exchanged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from flask_app.domain.errors import AlreadyThere, InvalidInput, NotPermitted, Refused, VersionConflict
from flask_app.domain.workflows.question import WORKFLOW
from flask_app.services import question_items as desk
from flask_app.services.bank_preview import Preview, preview
from flask_app.services.office import Work
from flask_app.services.question_differences import difference
from flask_app.services.question_drafts import Checked, DraftText, Frame, check, frame_of
from flask_app.services.question_findings import group_named
from flask_app.services.question_list import STATES_SHOWN, NextWaiting, next_waiting
from flask_app.services.question_page import ItemPage, item_page
from flask_app.services.question_remarks import add_comment, settle_comment
from flask_app.services.question_sheets import cited
from flask_app.web.announcing.conflicts import whys
from flask_app.web.announcing.forms import Form, clean
from flask_app.web.deeds import act_of, version_of
from flask_app.web.fields import choice_of, text_of
from flask_app.web.question_words import cited_place, rich, site_word
from flask_app.web.questions.place import AREA, about_name, told, wording
from flask_app.web.visit import Visit
from flask_app.web.wording import Why
from question_banks.bank import DIFFICULTIES

LONGEST = 20_000
"""Signs of one language version; an embedded picture is longer and comes by import."""

MOST_CITATIONS = 10
LONG_TEXT = 2000
DONE = ("saved", "commented", "settled")
"""What can be done with a question besides its steps."""


@AREA.get("/questions/banks/<uuid:id_>/new")
def new(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        bank = desk.bank_for(work, id_)
        blank = DraftText("", "", "", (), {})
        return _editor(visit, work, Editor(id_, bank.title, frame_of(work, bank), blank))


@AREA.post("/questions/banks/<uuid:id_>/check")
def check_new(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        bank = desk.bank_for(work, id_)
        frame = frame_of(work, bank)
        return _editor(visit, work, Editor(id_, bank.title, frame, _typed(frame), checked=True))


@AREA.post("/questions/banks/<uuid:id_>/new")
def create(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        bank = desk.bank_for(work, id_)
        frame = frame_of(work, bank)
        typed = _typed(frame)
        try:
            item = desk.add_item(work, bank, typed).id
        except (InvalidInput, AlreadyThere) as problem:
            form = Form(wording(visit, work))
            form.problems["group"] = about_name(form.word, problem)
            return _editor(visit, work, Editor(id_, bank.title, frame, typed, checked=True), form), 422
    return _to(item, done="saved")


@AREA.get("/questions/<uuid:id_>")
def show(visit: Visit, id_: UUID) -> ResponseReturnValue:
    done = choice_of(request.args, "done", (*WORKFLOW.transitions, *DONE))
    with visit.work() as work:
        return _question(visit, work, id_, _queue(request.args), done=done)


def _question(
    visit: Visit,
    work: Work,
    id_: UUID,
    queue: Mapping[str, Any],
    *,
    done: str = "",
    form: Form | None = None,
    refused: Sequence[Why] = (),
) -> str:
    found = item_page(work, id_)
    word = wording(visit, work)
    return visit.page(
        "questions/question.html",
        word=word,
        shown=found,
        told=told(word),
        rich=rich(word),
        site_word=site_word(visit.language),
        previews=_previews(found.checked),
        today=work.today,
        done=done,
        queue=queue,
        coming=_coming(work, found, queue),
        elsewhere=next_waiting(work, found.item) if queue.get("bank") or queue.get("state") else None,
        entered=form or Form(word),
        refused_why=refused,
        places=[cited_place(place, found.frame.sources) for place in found.item.citations],
    )


def _queue(sent: MultiDict[str, str]) -> dict[str, Any]:
    """The list of what waits, with its filter, as arguments of a link; empty where it was not the way here."""
    if sent.get("queue") != "1":
        return {}
    state = choice_of(sent, "state", STATES_SHOWN)
    return {"queue": "1", "bank": text_of(sent, "bank", 100) or None, "state": state or None}


def _coming(work: Work, found: ItemPage, queue: Mapping[str, Any]) -> NextWaiting | None:
    if not queue:
        return None
    return next_waiting(work, found.item, bank=queue["bank"] or "", state=queue["state"] or "")


@AREA.get("/questions/<uuid:id_>/edit")
def edit(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = _editable(work, id_)
        return _editor(visit, work, _editor_of(found, found.draft))


@AREA.post("/questions/<uuid:id_>/check")
def check_again(visit: Visit, id_: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        found = _editable(work, id_)
        version = version_of(request.form)
        return _editor(visit, work, _editor_of(found, _typed(found.frame, found.draft.group), version))


@AREA.post("/questions/<uuid:id_>/edit")
def save(visit: Visit, id_: UUID) -> ResponseReturnValue:
    """Where somebody was faster, the editor comes back with what was typed and the way to what is there now."""
    try:
        with visit.work() as work:
            found = _editable(work, id_)
            typed = _typed(found.frame, found.draft.group)
            desk.save_draft(work, id_, typed, expected_version=version_of(request.form))
    except VersionConflict as meanwhile:
        with visit.work() as work:
            at = _editor_of(_editable(work, id_), typed, version_of(request.form))
            return _editor(visit, work, at, meanwhile=wording(visit, work).why(meanwhile)), 409
    return _to(id_, done="saved")


@AREA.post("/questions/<uuid:id_>/steps/<string(maxlength=20):step>")
def take(visit: Visit, id_: UUID, step: str) -> ResponseReturnValue:
    """A step that is refused is told on the question's own page, which shows what is so now."""
    sent = request.form
    queue, reason = _queue(sent), text_of(sent, "reason", LONG_TEXT)
    if step in WORKFLOW.transitions and "reason" in WORKFLOW.transitions[step].needs and not reason:
        with visit.work() as work:
            form = Form(wording(visit, work))
            form.refuse(f"reason-{step}", "qs_why_needed", step=form.word.step("question", step))
            return _question(visit, work, id_, queue, form=form), 422
    try:
        with visit.work() as work:
            desk.move_item(work, id_, step, act_of(work, sent), expected_version=version_of(sent))
    except (VersionConflict, AlreadyThere, Refused) as refused:
        with visit.work() as work:
            form = Form(wording(visit, work)).put(**{f"reason-{step}": reason})
            return _question(visit, work, id_, queue, form=form, refused=whys(form.word, refused)), 409
    return _to(id_, queue, step)


@AREA.post("/questions/<uuid:id_>/comments")
def comment(visit: Visit, id_: UUID) -> ResponseReturnValue:
    sent = request.form
    with visit.work() as work:
        text = clean(sent.get("text", ""), LONG_TEXT)
        try:
            add_comment(work, id_, text_of(sent, "language", 5), text_of(sent, "quote"), text)
        except InvalidInput as empty:
            form = Form(wording(visit, work)).put(quote=text_of(sent, "quote"))
            form.blame("text", empty)
            return _question(visit, work, id_, _queue(sent), form=form), 422
    return _to(id_, _queue(sent), "commented")


@AREA.post("/questions/<uuid:id_>/comments/<uuid:remark>")
def settle(visit: Visit, id_: UUID, remark: UUID) -> ResponseReturnValue:
    with visit.work() as work:
        settle_comment(work, id_, remark)
    return _to(id_, _queue(request.form), "settled")


@AREA.get("/questions/<uuid:id_>/versions/<int:number>")
def compare(visit: Visit, id_: UUID, number: int) -> ResponseReturnValue:
    """A version beside the one before it, or beside the one that is asked for (`before`)."""
    asked = request.args.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else number - 1
    with visit.work() as work:
        found = difference(work, id_, min(max(1, before), number), number)
        return visit.page("questions/compare.html", word=wording(visit, work), found=found)


# -- the editor --------------------------------------------------------------------------------------------------------


class Editor:
    """What the editor's page is made from; `item` and `version` are of a question that is kept already."""

    def __init__(
        self,
        bank_id: UUID,
        bank: Mapping[str, object],
        frame: Frame,
        draft: DraftText,
        *,
        checked: bool = False,
        item: UUID | None = None,
        version: int = 0,
    ) -> None:
        self.bank_id, self.bank, self.frame, self.draft = bank_id, bank, frame, draft
        self.item, self.version = item, version
        self.looked = checked and bool(draft.texts)
        self.languages = tuple(dict.fromkeys([*frame.languages, *draft.texts]))

    @property
    def check_at(self) -> str:
        if self.item:
            return url_for("questions.check_again", id_=self.item)
        return url_for("questions.check_new", id_=self.bank_id)

    @property
    def save_at(self) -> str:
        return url_for("questions.save", id_=self.item) if self.item else url_for("questions.create", id_=self.bank_id)


def _editor(visit: Visit, work: Work, at: Editor, form: Form | None = None, meanwhile: Why | None = None) -> str:
    word = wording(visit, work)
    checked = check(at.frame, at.draft) if at.looked else None
    return visit.page(
        "questions/edit.html",
        word=word,
        at=at,
        checked=checked,
        previews=_previews(checked) if checked else {},
        told=told(word),
        rich=rich(word),
        site_word=site_word(visit.language),
        difficulties=DIFFICULTIES,
        entered=form or Form(word),
        meanwhile=meanwhile,
    )


def _editor_of(found: ItemPage, draft: DraftText, version: int = 0) -> Editor:
    item = found.item
    return Editor(
        found.bank.id, found.bank.title, found.frame, draft, checked=True, item=item.id, version=version or item.version
    )


def _editable(work: Work, id_: UUID) -> ItemPage:
    """Raises `NotPermitted` for a question whose text is not open to changes now."""
    found = item_page(work, id_)
    if not found.may_edit:
        raise NotPermitted(
            "workflow.action_not_permitted", action="edit", state=found.item.state, workflow=found.item.workflow
        )
    return found


def _previews(checked: Checked) -> Mapping[str, Preview]:
    return {language: preview(question, with_key=True) for language, question in checked.questions.items()}


def _typed(frame: Frame, group: str = "") -> DraftText:
    """What the form says; a question that is kept already keeps its name."""
    sent = request.form
    texts = {language: _text(sent.get(f"text_{language}", "")) for language in frame.languages}
    difficulty = text_of(sent, "difficulty", 20)
    places = clean(sent.get("citations", ""), 1000).split("\n")[:MOST_CITATIONS]
    return DraftText(
        group or group_named(text_of(sent, "group", 100)),
        text_of(sent, "topic", 60),
        difficulty if difficulty in DIFFICULTIES else "",
        tuple(cited(place, frame.sources) for place in places if place.strip()),
        {language: text for language, text in texts.items() if text},
    )


def _text(given: str) -> str:
    """A question's lines as they were typed: indentation and blanks inside count in GIFT."""
    text = given.replace("\r\n", "\n").replace("\r", "\n")[:LONGEST]
    return "".join(sign for sign in text if sign.isprintable() or sign in "\n\t").strip()


def _to(id_: UUID, queue: Mapping[str, Any] = MappingProxyType({}), done: str = "") -> Response:
    return redirect(url_for("questions.show", id_=id_, **queue, done=done or None), 303)
