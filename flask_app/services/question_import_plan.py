"""What a file of questions would change: every question of it beside what the panel holds, new, changed, same, refused.

A function of the file, the form's words and what the panel holds; nothing is written here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final, Literal

from sqlalchemy import select

from flask_app.domain.canonical import digest
from flask_app.domain.errors import InvalidInput
from flask_app.services.banks import questions_of
from flask_app.services.office import Work
from flask_app.services.question_content import (
    ComparedLine,
    FieldChange,
    changed_fields,
    compare_lines,
    lines_of,
    read_one,
)
from flask_app.services.question_drafts import DraftText, Frame, as_draft, bare_text, check, frame_of
from flask_app.services.question_files import QuestionFile, read_file
from flask_app.services.question_findings import Remark
from flask_app.services.question_import_looks import with_looks
from flask_app.services.question_import_pictures import with_pictures
from flask_app.services.question_import_repeats import Asked, Repeats, told_once
from flask_app.services.question_import_twins import Half, slips
from flask_app.services.question_import_words import (
    OTHER,
    SPELLED,
    ReadFile,
    about_gap,
    about_names,
    about_state,
    about_taken,
    by_group,
    free_names,
    in_file,
    in_latin,
    in_sheet,
    in_word,
    latin,
    meant_of,
    owner_of,
    said_of,
    stands_in,
)
from flask_app.services.question_items import draft_of, names_taken
from flask_app.services.question_sheets import language_named, topic_names, with_sources, with_topic
from flask_app.store.models.banks import QuestionBank
from flask_app.store.models.questions import QuestionItem
from gift_export.reader import read
from gift_export.sheet_reader import RowCells
from question_banks.bank import Citation, citations_of, content_hash, difficulties_of, split_idnumber, topics_of
from question_banks.model import Question

Kind = Literal["new", "changed", "same", "refused"]
KINDS: Final[tuple[Kind, ...]] = ("new", "changed", "same", "refused")
NOTHING_READ: Final = "E_NO_QUESTIONS"
BESIDE_EXAMPLE: Final = "W_SHEET_EXAMPLE"
GAP: Final = "QUESTION_LANGUAGE_GAP"
NEAR: Final = "QUESTION_LANGUAGE_GAP_NEAR"
NOT_NAMED: Final[Mapping[str, frozenset[str]]] = {
    "QUESTION_TOPIC_NONE": frozenset({"tags"}),
    "QUESTION_CELL_SOURCE_NONE": frozenset({"source"}),
}
"""What is said of a field that no row names → the columns where a row might have named it."""
TWICE: Final = frozenset({"E_ID_DUPLICATE", "QUESTION_TWICE_IN_FILE"})
OPTION_CODES: Final = frozenset({"QUESTION_CELL_OPTIONS", "BANK_OPTION_COUNT"})
LARGEST: Final = 2_000
"""Questions of one file: what a person can still review."""
COMMON_FROM: Final = 3
"""From how many questions on, refused for one and the same reason, that reason is worth a line of its own."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the form says of questions whose file does not: language, topic, source, first part of a new name."""

    language: str
    topic: str = ""
    citation: str = ""
    prefix: str = "q"


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One twin group of the file. `remarks`: what is said against it, errors first, with lines of the file.

    `group` is empty for a row of a spreadsheet that says no ID and gave no question. `fields`: what changes outside the
    texts of a question that is held, as (name, before, after).
    """

    group: str
    kind: Kind
    draft: DraftText
    remarks: tuple[Remark, ...]
    compared: Mapping[str, tuple[ComparedLine, ...]]
    first_line: int
    fields: tuple[FieldChange, ...] = ()

    @property
    def errors(self) -> tuple[Remark, ...]:
        return tuple(remark for remark in self.remarks if remark.severity == "error")

    @property
    def warned(self) -> bool:
        """Whether it would be written, or was, although something is to be said against it."""
        return self.kind != "refused" and any(remark.severity != "info" for remark in self.remarks)


@dataclass(frozen=True, slots=True)
class CommonReason:
    """Why many of the refused questions are refused: `n` of `of`. `remark`: the reason as the first of them has it."""

    remark: Remark
    n: int
    of: int

    @property
    def about_options(self) -> bool:
        return self.remark.code in OPTION_CODES


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

    @property
    def common_reasons(self) -> tuple[CommonReason, ...]:
        """Each reason for which at least half of the refused questions are refused, the most frequent first."""
        refused = self.of("refused")
        told: dict[tuple[str, ...], Remark] = {}
        counts: Counter[tuple[str, ...]] = Counter()
        for row in refused:
            reasons = {_reason(remark): remark for remark in reversed(row.errors)}
            counts.update(reasons.keys())
            told = reasons | told
        enough = max(COMMON_FROM, (len(refused) + 1) // 2)
        return tuple(CommonReason(told[why], n, len(refused)) for why, n in counts.most_common() if n >= enough)


def _reason(remark: Remark) -> tuple[str, ...]:
    """What two remarks share that say the same of two questions."""
    if remark.code in OPTION_CODES:
        return ("options", str(remark.params["n"]))
    return (remark.code,)


@dataclass(frozen=True, slots=True)
class _Held:
    """What the panel has of a twin group: its text, and whether it may be changed now."""

    draft: DraftText
    state: str


def plan_import(work: Work, bank: QuestionBank, content: bytes, defaults: Defaults) -> ImportPlan:
    """What the file would change.

    Raises `InvalidInput`: as `read_file`, `with_pictures`, `with_looks`, and where it has no question or too many.
    """
    reading = with_looks(content, with_pictures(content, read_file(content, work.office.read_word_list)))
    problems = said_of(reading)
    apart = [remark for remark in problems if owner_of(remark, reading.questions) is None]
    loose = [remark for remark in apart if remark.severity == "error"]
    _refuse_empty(reading, apart)
    if len(reading.questions) > LARGEST:
        raise InvalidInput("question.import_too_long", n=len(reading.questions), most=LARGEST)
    frame, held = frame_of(work, bank), _held(work, bank)
    lost = tuple(r for r in loose if not (reading.by_rows and r.line))
    names = free_names(defaults.prefix, {*held, *(split_idnumber(q.idnumber)[0] for q in reading.questions)})
    questions = _in_our_words(frame, reading)
    listed = reading.by_rows and not reading.heads
    file = by_group(questions, defaults.language, names, problems, reading.cells, _by_text(held), listed=listed)
    taken = names_taken(work, set(file.groups) - set(held))
    rows = [_unless_taken(_row(frame, held.get(group), group, file, defaults), taken, file) for group in file.groups]
    refused = [remark for remark in loose if reading.by_rows and remark.line]
    rows = [*_with_misspelt_twins(_with_refused(rows, refused, reading.cells))]
    rows = [*_with_slips(rows, file.unnamed)]
    rows = [_to_be_read(row, by_rows=reading.by_rows) for row in _with_repeats(frame, held, rows, file)]
    mark = digest([[row.group, row.kind, row.draft.content_hash, len(row.errors), _was(held, row)] for row in rows])
    notes = tuple(remark for remark in apart if reading.by_rows and remark.severity == "warning")
    return ImportPlan(tuple(rows), lost, mark, notes)


def _by_text(held: Mapping[str, _Held]) -> Callable[[Question, str], str]:
    """The name under which the panel has a question with this very text in this language; empty where it has none.

    A retired one is not had: a file that brings it again means a new question.
    """

    @cache
    def names() -> Mapping[tuple[str, str], str]:
        living = ((group, one.draft) for group, one in held.items() if one.state != "retired")
        texts = ((group, language, text) for group, draft in living for language, text in draft.texts.items())
        read_ones = ((group, language, read(text).questions) for group, language, text in texts)
        return {(language, _bare_hash(found[0])): group for group, language, found in read_ones if len(found) == 1}

    return lambda question, language: names().get((language, _bare_hash(question)), "")


def _refuse_empty(reading: QuestionFile, apart: Sequence[Remark]) -> None:
    """Raises `InvalidInput`: a file without a question, with the sheet that is read and the one that was filled in."""
    errors = [remark for remark in apart if remark.severity == "error"]
    if reading.questions or any(remark.code != NOTHING_READ for remark in errors):
        return
    if not reading.heads:
        raise InvalidInput("question.import_empty")
    sheet = ", ".join(reading.heads)
    for remark in apart:
        if remark.code == BESIDE_EXAMPLE:
            params = remark.params
            raise InvalidInput("question.import_on_example", sheet=sheet, example=params["text"], rows=params["n"])
    raise InvalidInput("question.import_no_rows", sheet=sheet)


def _to_be_read(row: ImportRow, *, by_rows: bool) -> ImportRow:
    """What refuses a question stands above what is only to be said of it; a row of a sheet has no columns of signs."""
    placed = (replace(one, column=0) if by_rows and not one.cell else one for one in row.remarks)
    return replace(row, remarks=tuple(sorted(placed, key=_order)))


def _order(remark: Remark) -> tuple[bool, bool]:
    """Errors first, and of them the ID that stands twice: it explains the others."""
    return remark.severity != "error", remark.code not in TWICE


def _was(held: Mapping[str, _Held], row: ImportRow) -> str:
    """What the row would be written over: if that is another text by then, the plan is another plan."""
    present = held.get(row.group)
    return present.draft.content_hash if present is not None else ""


def _in_our_words(frame: Frame, reading: QuestionFile) -> tuple[Question, ...]:
    """In a spreadsheet topics and acts may be called by code or title; in other files they are tags."""
    if not reading.heads:
        return reading.questions
    names = topic_names(frame)
    return tuple(with_sources(frame.sources, with_topic(names, question)) for question in reading.questions)


def _with_refused(
    rows: Sequence[ImportRow], remarks: Iterable[Remark], cells: Mapping[int, RowCells]
) -> list[ImportRow]:
    """Rows of a spreadsheet that gave no question, by their ID: a question whose one language is refused is refused."""
    told: dict[str, list[Remark]] = {}
    for remark in sorted(remarks, key=lambda one: one.line):
        row = cells.get(remark.line)
        group, language = split_idnumber(row.id if row else "")
        language = latin(language) or language_named(row.language if row else "")
        told.setdefault(group or f"#{remark.line}", []).append(replace(remark, language=language))
    known = {row.group for row in rows}
    whole = [_refused(row, told[row.group], cells) if row.group in told else row for row in rows]
    rest = [
        ImportRow("" if name.startswith("#") else name, "refused", _nothing(name), tuple(said), {}, said[0].line)
        for name, said in told.items()
        if name not in known
    ]
    return [*whole, *rest]


def _with_misspelt_twins(rows: Sequence[ImportRow]) -> Iterator[ImportRow]:
    """A question whose other language is refused for a look-alike letter in its ID is not written by halves."""
    misspelt = {in_latin(row.group): row for row in rows if row.kind == "refused" and in_latin(row.group) != row.group}
    for row in rows:
        twin = misspelt.get(row.group)
        if twin is None or row.kind not in ("new", "changed") or set(twin.draft.texts) & set(row.draft.texts):
            yield row
            continue
        params = {"group": row.group, "spelled": twin.group, "row": twin.first_line}
        said = Remark("error", "QUESTION_TWIN_MISSPELT", "", row.first_line, 1, params)
        kept = (remark for remark in row.remarks if remark.code != GAP)
        yield replace(row, kind="refused", remarks=(said, *kept))


def _with_slips(rows: Sequence[ImportRow], unnamed: Container[str]) -> Iterator[ImportRow]:
    """A question that lacks a language is told of the one in the file that is most likely its other half."""
    by_name = {row.group: row for row in rows}
    gaps = {row.group: one for row in by_name.values() for one in row.remarks if one.code == GAP}
    lacking = {name: frozenset(str(one.params["languages"]).split(", ")) for name, one in gaps.items()}
    other = slips({n: Half(by_name[n].draft.texts.keys(), lacks) for n, lacks in lacking.items() if n not in unnamed})
    for row in rows:
        if row.group not in other:
            yield row
            continue
        twin = by_name[other[row.group]]
        first = min(row, twin, key=lambda one: one.first_line)
        ids = ", ".join(f"{first.group}.{language}" for language in sorted({*row.draft.texts, *twin.draft.texts}))
        params = {"languages": gaps[row.group].params["languages"], "other": twin.group, "ids": ids}
        said = replace(gaps[row.group], code=NEAR, params={**params, "row": twin.first_line})
        yield replace(row, remarks=tuple(said if one.code == GAP else one for one in row.remarks))


def _refused(row: ImportRow, said: Sequence[Remark], cells: Mapping[int, RowCells]) -> ImportRow:
    """The question with the row of its other language: it is in the file, and so is what it says."""
    there = {remark.language for remark in said}
    filled = {field for remark in said if remark.line in cells for field in cells[remark.line].filled}
    named = {code for code, fields in NOT_NAMED.items() if fields & filled}
    kept = [r for r in row.remarks if r.code != GAP or set(str(r.params["languages"]).split(", ")) - there]
    return replace(row, kind="refused", remarks=(*(r for r in kept if r.code not in named), *said))


def _nothing(name: str) -> DraftText:
    return DraftText("" if name.startswith("#") else name, "", "", (), {})


def _held(work: Work, bank: QuestionBank) -> dict[str, _Held]:
    released: dict[str, dict[str, Question]] = {}
    for row in questions_of(work, bank.id):
        if not row.retired:
            released.setdefault(row.twin_group, {})[row.language] = read_one(row.source)
    found = {group: _Held(as_draft(group, questions), "draft") for group, questions in released.items()}
    for item in work.session.scalars(select(QuestionItem).where(QuestionItem.bank_id == bank.id)):
        found[item.twin_group] = _Held(draft_of(item), item.state)
    return found


def _row(frame: Frame, present: _Held | None, group: str, file: ReadFile, defaults: Defaults) -> ImportRow:
    questions = file.groups[group]
    draft = _merged(group, questions, defaults, present)
    line = min(question.lines[0] for question in questions.values())
    remarks = [
        replace(r, language=language) for language, q in questions.items() for r in file.problems if stands_in(r, q)
    ]
    remarks += about_names(frame, draft, line, file)
    checked = check(frame, draft, repeats=False)
    ruled = in_file(checked.remarks, questions, said=remarks)
    remarks += in_word(ruled, questions) if file.listed else in_sheet(frame.sources, ruled, questions, file.cells)
    if not any(remark.code == SPELLED for remark in remarks):
        meant = {meant_of(frame.languages, remark.language) for remark in remarks if remark.code == OTHER}
        remarks += about_gap([one for one in checked.missing if one not in meant], group, line, listed=file.listed)
    changed = present is None or draft.content_hash != present.draft.content_hash
    if present is not None and changed:
        remarks += about_state(present.state, group, line)
    broken = any(remark.severity == "error" for remark in remarks)
    kind: Kind = "same" if not changed else "refused" if broken else "new" if present is None else "changed"
    fields = changed_fields(_fields_of(present.draft), _fields_of(draft)) if present is not None else ()
    return ImportRow(group, kind, draft, tuple(remarks), _compared(present, draft), line, fields)


def _fields_of(draft: DraftText) -> Mapping[str, object]:
    return {"topic": draft.topic, "difficulty": draft.difficulty, "citations": sorted(draft.citations)}


def _unless_taken(row: ImportRow, taken: Mapping[str, str], file: ReadFile) -> ImportRow:
    """A new question under a name that another bank has, or that this one has retired."""
    if row.group not in taken:
        return row
    return replace(
        row, kind="refused", remarks=(about_taken(row.group, taken[row.group], row.first_line, file), *row.remarks)
    )


def _merged(group: str, questions: Mapping[str, Question], defaults: Defaults, present: _Held | None) -> DraftText:
    """The file's languages over those that are there; tags of the file over those that are there, over the form's."""
    was = present.draft if present else DraftText(group, "", "", (), {})
    topics = next(filter(None, map(topics_of, questions.values())), ())
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


def _with_repeats(
    frame: Frame, held: Mapping[str, _Held], rows: Sequence[ImportRow], file: ReadFile
) -> Iterator[ImportRow]:
    """The rows with what repeats a question of the bank, of a draft, or of the file; word for word is refused."""
    asked = {
        row.group: Asked(
            {code: read_one(text) for code, text in row.draft.texts.items()},
            {code: question.lines[0] for code, question in file.groups.get(row.group, {}).items()},
            row.first_line,
        )
        for row in rows
        if row.group
    }
    repeats = Repeats(frame, asked, {group: one.draft.texts for group, one in held.items() if one.state != "retired"})
    for row in rows:
        if row.group not in asked:
            yield row
            continue
        known = {remark.code for remark in row.errors}
        found = repeats.of(row.group, exactly=row.kind != "same")
        said = [file.at_row(r, row.group, row.first_line) for r in found if r.code not in known]
        kind: Kind = "refused" if any(remark.severity == "error" for remark in said) else row.kind
        if kind != "refused":
            repeats.take(row.group)
        yield replace(row, kind=kind, remarks=told_once((*row.remarks, *said)))
