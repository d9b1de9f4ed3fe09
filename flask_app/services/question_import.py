"""Questions from a file: read whole, held to the bank's rules, shown as a difference, and then written or not at all.

The file lies in the file store between the preview and the confirmation; what the browser carries is its hash and a
seal over it, the person and the bank. At the confirmation the plan is made anew; what is not the plan that was shown is
shown again instead of being written.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select

from flask_app.domain.canonical import digest
from flask_app.domain.errors import InvalidInput
from flask_app.domain.workflow import Refusal
from flask_app.services import audit
from flask_app.services.banks import questions_of
from flask_app.services.office import Work
from flask_app.services.question_content import ComparedLine, compare_lines, lines_of, read_one
from flask_app.services.question_drafts import (
    DraftText,
    Frame,
    Remark,
    as_draft,
    as_probe,
    bare_text,
    check,
    frame_of,
    owners_of,
    repeated,
    repeats_exactly,
)
from flask_app.services.question_files import QuestionFile, read_file
from flask_app.services.question_items import GROUP, add_item, bank_for, begin_revision, draft_of, save_draft
from flask_app.services.question_sheets import in_cells, of_the_sheet, topic_names, with_sources, with_topic
from flask_app.store.models.banks import QuestionBank
from flask_app.store.models.questions import QuestionItem
from gift_export.problems import Problem
from gift_export.reader import read
from gift_export.sheet_reader import RowCells
from question_banks.bank import Citation, citations_of, content_hash, difficulties_of, split_idnumber, topics_of
from question_banks.duplicates import Probe, Wording
from question_banks.model import Question

Kind = Literal["new", "changed", "same", "refused"]
KINDS: Final[tuple[Kind, ...]] = ("new", "changed", "same", "refused")
NOTHING_READ: Final = "E_NO_QUESTIONS"
REPEATED_IN_FILE: Final = "QUESTION_REPEATED_IN_FILE"
TITLE_TWICE: Final = "W_DUPLICATE_TITLE"
"""The panel calls a question by its twin group and keeps no title of the file, so it need not be the only one."""
LARGEST: Final = 2_000
"""Questions of one file: what a person can still review."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the form says of questions whose file does not: language, topic, source, first part of a new name."""

    language: str
    topic: str = ""
    citation: str = ""
    prefix: str = "q"


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One twin group of the file. `remarks`: what is said against it, with lines of the file; `lines` per language."""

    group: str
    kind: Kind
    draft: DraftText
    remarks: tuple[Remark, ...]
    compared: Mapping[str, tuple[ComparedLine, ...]]
    first_line: int

    @property
    def errors(self) -> tuple[Remark, ...]:
        return tuple(remark for remark in self.remarks if remark.severity == "error")

    @property
    def warned(self) -> bool:
        """Whether it would be written although something is to be said against it."""
        return self.kind in ("new", "changed") and any(remark.severity == "warning" for remark in self.remarks)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What confirming would do. `lost`: errors of the file outside every question, so that questions may be missing;
    `notes`: what else is to be said of the file as a whole.

    `hash` binds the confirmation to exactly this plan.
    """

    rows: tuple[ImportRow, ...]
    lost: tuple[Remark, ...]
    hash: str = field(default="")
    notes: tuple[Remark, ...] = ()

    def of(self, kind: Kind) -> tuple[ImportRow, ...]:
        return tuple(row for row in self.rows if row.kind == kind)

    def shown(self, kind: Kind) -> tuple[ImportRow, ...]:
        """The rows of a kind as a person should read them: those with warnings first, else in the order of the file."""
        return tuple(sorted(self.of(kind), key=lambda row: not row.warned))

    @property
    def warned(self) -> int:
        return sum(row.warned for row in self.rows)

    @property
    def writes(self) -> int:
        return len(self.of("new")) + len(self.of("changed"))


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits for its confirmation."""

    sha256: str
    seal: str
    file_name: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What was written, in twin groups."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    left_out: tuple[str, ...]


def preview_import(
    work: Work, bank_id: UUID, content: bytes, file_name: str, defaults: Defaults
) -> tuple[Upload, ImportPlan]:
    """Reads the file and writes nothing of it. Raises `InvalidInput("question.import_empty")`, `NotFound`."""
    bank = bank_for(work, bank_id)
    made = plan_import(work, bank, content, defaults)
    stored = work.office.files.put(content)
    return Upload(stored.sha256, _seal(work, bank_id, stored.sha256), file_name), made


def uploaded(work: Work, bank_id: UUID, sha256: str, seal: str) -> bytes:
    """The file that was previewed. Raises `InvalidInput("question.upload_foreign")`, `NotFound`."""
    if not hmac.compare_digest(_seal(work, bank_id, sha256).encode(), seal.encode()):
        raise InvalidInput("question.upload_foreign")
    return work.office.files.get(sha256)


def _seal(work: Work, bank_id: UUID, sha256: str) -> str:
    return work.office.sealer.index(f"questions upload {work.actor.user_id} {bank_id} {sha256}")


def import_questions(
    work: Work, bank: QuestionBank, content: bytes, defaults: Defaults, *, plan_hash: str, only_sound: bool = False
) -> Imported:
    """Writes the plan that was shown: new questions and changes, as drafts.

    With a question refused nothing is written, unless the person chose to leave the refused ones out (`only_sound`);
    a file that lost questions is never written. Raises `InvalidInput`: question.import_other_plan, and with every
    reason in `others` question.import_lost, question.import_refused.
    """
    plan = plan_import(work, bank, content, defaults)
    if plan.hash != plan_hash:
        raise InvalidInput("question.import_other_plan")
    _refuse_broken(plan, only_sound=only_sound)
    for row in plan.of("new"):
        add_item(work, bank, row.draft)
    for row in plan.of("changed"):
        _change(work, bank, row.draft)
    told = {kind: tuple(row.group for row in plan.of(kind)) for kind in KINDS}
    audit.record(
        work,
        "question.imported",
        "question_bank",
        bank.id,
        after={kind: len(groups) for kind, groups in told.items()},
    )
    return Imported(told["new"], told["changed"], told["refused"])


def _refuse_broken(plan: ImportPlan, *, only_sound: bool) -> None:
    code = "question.import_lost" if plan.lost else "question.import_refused"
    remarks = [*plan.lost, *(remark for row in plan.of("refused") for remark in row.errors)]
    if plan.lost or (plan.of("refused") and not only_sound):
        error = InvalidInput(code, n=len(plan.of("refused")) or len(plan.lost))
        error.others = tuple(Refusal(r.code, None, {**r.params, "line": r.line, "column": r.column}) for r in remarks)
        raise error


def _change(work: Work, bank: QuestionBank, draft: DraftText) -> None:
    item = work.session.scalar(
        select(QuestionItem).where(QuestionItem.bank_id == bank.id, QuestionItem.twin_group == draft.group)
    )
    if item is None:
        item = begin_revision(work, bank, draft.group, "import")
    save_draft(work, item.id, draft, expected_version=item.version, reason="import")


# -- the plan ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Held:
    """What the panel has of a twin group: its text, and whether it may be changed now."""

    draft: DraftText
    state: str


@dataclass(frozen=True, slots=True)
class _File:
    """What was read, by twin group. `twice`: group → line of the second; `unnamed`: groups whose rows had no ID."""

    groups: Mapping[str, Mapping[str, Question]]
    twice: Mapping[str, int]
    unnamed: frozenset[str]
    problems: tuple[Remark, ...]
    cells: Mapping[int, RowCells]
    defaults: Defaults


def plan_import(work: Work, bank: QuestionBank, content: bytes, defaults: Defaults) -> ImportPlan:
    """What the file would change; a function of the file, the form's words and what the panel holds."""
    reading = read_file(content)
    problems = _said_of(reading)
    apart = [remark for remark in problems if _owner(remark, reading.questions) is None]
    loose = [remark for remark in apart if remark.severity == "error"]
    if not reading.questions and all(remark.code == NOTHING_READ for remark in loose):
        raise InvalidInput("question.import_empty")
    if len(reading.questions) > LARGEST:
        raise InvalidInput("question.import_too_long", n=len(reading.questions), most=LARGEST)
    frame, held = frame_of(work, bank), _held(work, bank)
    lost = tuple(r for r in loose if not (reading.by_rows and r.line))
    file = _by_group(_in_our_words(frame, reading), defaults, set(held), problems, reading.cells)
    rows = [_row(frame, held.get(group), group, file) for group in file.groups]
    refused = [remark for remark in loose if reading.by_rows and remark.line]
    rows = _with_repeats(frame, held, _with_refused(rows, refused, reading.cells), file)
    mark = digest([[row.group, row.kind, row.draft.content_hash, len(row.errors), _was(held, row)] for row in rows])
    notes = tuple(remark for remark in apart if reading.by_rows and remark.severity == "warning")
    return ImportPlan(tuple(rows), lost, mark, notes)


def _was(held: Mapping[str, _Held], row: ImportRow) -> str:
    """What the row would be written over: if that is another text by then, the plan is another plan."""
    present = held.get(row.group)
    return present.draft.content_hash if present is not None else ""


def _said_of(reading: QuestionFile) -> tuple[Remark, ...]:
    """What the reading says; of a spreadsheet with its cells."""
    found = (_remark(problem, "") for problem in reading.problems if problem.code != TITLE_TWICE)
    return tuple(of_the_sheet(r, reading.cells.get(r.line)) if reading.by_rows and r.line else r for r in found)


def _in_our_words(frame: Frame, reading: QuestionFile) -> tuple[Question, ...]:
    """In a spreadsheet topics and acts may be called by code or title; in other files they are tags."""
    if not reading.by_rows:
        return reading.questions
    names = topic_names(frame)
    return tuple(with_sources(frame.sources, with_topic(names, question)) for question in reading.questions)


def _with_refused(
    rows: Sequence[ImportRow], remarks: Iterable[Remark], cells: Mapping[int, RowCells]
) -> list[ImportRow]:
    """Rows of a spreadsheet that gave no question, by their ID: a question whose one language is refused is refused."""
    told: dict[str, list[Remark]] = {}
    for remark in sorted(remarks, key=lambda one: one.line):
        group, language = split_idnumber(cells[remark.line].id if remark.line in cells else "")
        told.setdefault(group or f"#{remark.line}", []).append(replace(remark, language=language))
    known = {row.group for row in rows}
    whole = [
        replace(row, kind="refused", remarks=(*row.remarks, *told.get(row.group, ()))) if row.group in told else row
        for row in rows
    ]
    rest = [
        ImportRow(name, "refused", DraftText(name, "", "", (), {}), tuple(said), {}, said[0].line)
        for name, said in told.items()
        if name not in known
    ]
    return [*whole, *rest]


def _held(work: Work, bank: QuestionBank) -> dict[str, _Held]:
    released: dict[str, dict[str, Question]] = {}
    for row in questions_of(work, bank.id):
        if not row.retired:
            released.setdefault(row.twin_group, {})[row.language] = read_one(row.source)
    found = {group: _Held(as_draft(group, questions), "draft") for group, questions in released.items()}
    for item in work.session.scalars(select(QuestionItem).where(QuestionItem.bank_id == bank.id)):
        found[item.twin_group] = _Held(draft_of(item), item.state)
    return found


def _by_group(
    questions: Sequence[Question],
    defaults: Defaults,
    taken: set[str],
    problems: tuple[Remark, ...],
    cells: Mapping[int, RowCells],
) -> _File:
    """Questions by twin group and language; a question without an id gets the next free name."""
    found: dict[str, dict[str, Question]] = {}
    twice: dict[str, int] = {}
    unnamed: set[str] = set()
    names = _free_names(defaults.prefix, taken | {split_idnumber(q.idnumber)[0] for q in questions})
    for question in questions:
        group, language = split_idnumber(question.idnumber)
        if not group:
            group = next(names)
            unnamed.add(group)
        language = language or defaults.language
        if language in found.setdefault(group, {}):
            twice.setdefault(group, question.lines[0])
        else:
            found[group][language] = question
    return _File(found, twice, frozenset(unnamed), problems, cells, defaults)


def _free_names(prefix: str, taken: set[str]) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        name = f"{prefix}-{number:03d}"
        if name not in taken:
            yield name


def _row(frame: Frame, present: _Held | None, group: str, file: _File) -> ImportRow:
    questions = file.groups[group]
    draft = _merged(group, questions, file.defaults, present)
    line = min(question.lines[0] for question in questions.values())
    remarks = [replace(r, language=language) for language, q in questions.items() for r in file.problems if _in(r, q)]
    remarks += _about_names(frame, draft, line, file)
    checked = check(frame, draft, repeats=False)
    spoken = {found.code for found in remarks}
    ruled = [_in_file(r, questions) for r in checked.remarks if r.code not in spoken and not _is_gap(r)]
    remarks += _in_sheet(frame, ruled, questions, file.cells)
    if gaps := checked.missing:
        params = {"languages": ", ".join(gaps), "group": group, "first": gaps[0]}
        remarks.append(Remark("warning", "QUESTION_LANGUAGE_GAP", "", line, 1, params))
    changed = present is None or draft.content_hash != present.draft.content_hash
    if present is not None and changed and present.state != "draft":
        remarks.append(Remark("error", "QUESTION_NOT_IN_DRAFT", "", line, 1, {"group": group, "state": present.state}))
    broken = any(remark.severity == "error" for remark in remarks)
    kind: Kind = "same" if not changed else "refused" if broken else "new" if present is None else "changed"
    return ImportRow(group, kind, draft, tuple(remarks), _compared(present, draft), line)


def _about_names(frame: Frame, draft: DraftText, line: int, file: _File) -> Iterator[Remark]:
    """What is to be said of a question's ID, languages and topics, whatever it asks."""
    group, questions = draft.group, file.groups[draft.group]
    if group in file.twice:
        yield Remark("error", "QUESTION_TWICE_IN_FILE", "", file.twice[group], 1, {"group": group})
    if group in file.unnamed:
        params = {"group": group, "tongue": file.defaults.language}
        yield Remark("info", "QUESTION_ID_NONE", "", line, 1, params)
    if not GROUP.fullmatch(group) or len(group) > 97:
        yield Remark("error", "QUESTION_GROUP_SHAPE", "", line, 1, {"group": group})
    for language in sorted(set(draft.texts) - set(frame.languages)):
        yield Remark("error", "QUESTION_LANGUAGE_OTHER", language, line, 1, {"bank": frame.code})
    topics = {topic: None for question in questions.values() for topic in topics_of(question)}
    if len(topics) > 1:
        yield Remark("error", "QUESTION_TOPIC_SEVERAL", "", line, 1, {"topics": ", ".join(topics)})
    sources = {tuple(map(str, cited)) for q in questions.values() if (cited := citations_of(q))}
    if len(sources) > 1:
        params = {"sources": "; ".join(sorted(", ".join(one) for one in sources))}
        yield Remark("error", "QUESTION_SOURCES_DIFFER", "", line, 1, params)
    hard = {word: None for question in questions.values() for word in difficulties_of(question)}
    if len(hard) > 1:
        yield Remark("error", "QUESTION_DIFFICULTY_SEVERAL", "", line, 1, {"words": ", ".join(hard)})


def _in_sheet(
    frame: Frame, remarks: Sequence[Remark], questions: Mapping[str, Question], cells: Mapping[int, RowCells]
) -> list[Remark]:
    """Findings of the rules in the order they came; those about a row of a spreadsheet in the words of its cells."""
    found = [r for r in remarks if r.language not in questions or questions[r.language].lines[0] not in cells]
    for language, question in questions.items():
        if (row := cells.get(question.lines[0])) is not None:
            found += in_cells([r for r in remarks if r.language == language], question, row, frame.sources)
    return found


def _is_gap(remark: Remark) -> bool:
    """A twin that is still to be written keeps nobody from bringing the other; the review asks for it."""
    return remark.code == "BANK_TWIN_MISSING"


def _merged(group: str, questions: Mapping[str, Question], defaults: Defaults, present: _Held | None) -> DraftText:
    """The file's languages over those that are there; tags of the file over those that are there, over the form's."""
    first = next(iter(questions.values()))
    was = present.draft if present else DraftText(group, "", "", (), {})
    topics = topics_of(first)
    hard = next(filter(None, map(difficulties_of, questions.values())), ())
    said = next(filter(None, map(citations_of, questions.values())), ())
    cited = tuple(map(str, said)) or was.citations or _default_citation(defaults)
    texts = {**was.texts, **{code: _text_of(question, was.texts.get(code)) for code, question in questions.items()}}
    return DraftText(
        group,
        topics[0] if topics else was.topic or defaults.topic,
        hard[0] if hard else was.difficulty,
        cited,
        dict(sorted(texts.items())),
    )


def _text_of(question: Question, present: str | None) -> str:
    """The question's GIFT; where the panel has the same question in another spelling, that spelling stays."""
    if present is not None:
        held = read(present).questions
        if len(held) == 1 and _bare_hash(held[0]) == _bare_hash(question):
            return present
    return bare_text(question)


def _bare_hash(question: Question) -> str:
    return content_hash(question._replace(idnumber="", name="", tags=()))


def _default_citation(defaults: Defaults) -> tuple[str, ...]:
    source, _, point = defaults.citation.partition("#")
    return (str(Citation(source, point)),) if source else ()


def _compared(present: _Held | None, draft: DraftText) -> dict[str, tuple[ComparedLine, ...]]:
    old = present.draft.texts if present else {}
    return {
        language: compare_lines(
            lines_of(read_one(old[language]), with_key=True) if language in old else (),
            lines_of(read_one(text), with_key=True),
        )
        for language, text in draft.texts.items()
        if old.get(language) != text
    }


def _with_repeats(frame: Frame, held: Mapping[str, _Held], rows: Sequence[ImportRow], file: _File) -> list[ImportRow]:
    """The rows with what repeats a question of the bank, of a draft, or of the file; word for word is refused."""
    asked = {row.group: {code: read_one(text) for code, text in row.draft.texts.items()} for row in rows}
    told = repeated(frame, asked)
    wordings = owners_of(_drafted(held, set(asked)))
    in_file: dict[Wording, tuple[str, ...]] = {}
    found: list[ImportRow] = []
    for row in rows:
        said = [_at_row(remark, row, file) for remark in told.get(row.group, ())]
        if row.kind != "same":
            known = {remark.code for remark in row.errors}
            exact = [*repeats_exactly(wordings, row.group, asked[row.group], frame.code)]
            beside = [
                replace(r, code=REPEATED_IN_FILE) for r in repeats_exactly(in_file, row.group, asked[row.group], "")
            ]
            if exact or beside:  # worse than asking nearly the same
                said = []
            said += [_at_row(r, row, file) for r in (*exact, *beside) if r.code not in known]
        kind: Kind = "refused" if any(remark.severity == "error" for remark in said) else row.kind
        found.append(replace(row, kind=kind, remarks=(*row.remarks, *said)))
        if kind != "refused":
            mine = owners_of([as_probe(row.group, language, one) for language, one in asked[row.group].items()])
            in_file |= {said: owners for said, owners in mine.items() if said not in in_file}
    return found


def _at_row(remark: Remark, row: ImportRow, file: _File) -> Remark:
    """A finding with the line of the question in its own language, and in a spreadsheet with the cell of its text."""
    question = file.groups[row.group].get(remark.language)
    line = question.lines[0] if question is not None else row.first_line
    return replace(remark, line=line, cell=file.cells[line].places["text"] if line in file.cells else "")


def _drafted(held: Mapping[str, _Held], coming: set[str]) -> list[Probe]:
    """What the panel has in hand beside the file: questions that were not retired and that can be read."""
    return [
        as_probe(group, language, questions[0])
        for group, one in held.items()
        if group not in coming and one.state != "retired"
        for language, text in one.draft.texts.items()
        if len(questions := read(text).questions) == 1
    ]


# -- places ------------------------------------------------------------------------------------------------------------


def _remark(problem: Problem, language: str) -> Remark:
    return Remark(problem.severity, problem.code, language, problem.line, problem.column, problem.params)


def _in(remark: Remark, question: Question) -> bool:
    return question.lines[0] <= remark.line <= question.lines[1]


def _owner(remark: Remark, questions: Sequence[Question]) -> Question | None:
    return next((question for question in questions if _in(remark, question)), None)


def _in_file(remark: Remark, questions: Mapping[str, Question]) -> Remark:
    """A finding of the rules counts lines in the question's own text; in the file it is where the question begins."""
    found = questions.get(remark.language)
    return replace(remark, line=found.lines[0] if found else 0, column=1 if found else 0)
