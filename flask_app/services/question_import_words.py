"""The questions of a file by name and language, and what is said of them at their place: line, or cell of a sheet."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from flask_app.messages import LANGUAGES
from flask_app.services.question_drafts import DraftText, Frame
from flask_app.services.question_files import QuestionFile
from flask_app.services.question_findings import (
    ID_CODES,
    NAME_CODES,
    Remark,
    dead_citation,
    difficulty_titles,
    name_fault,
    script_of,
    script_titles,
    shown_text,
    strange_difficulty,
    tongue_titles,
    topic_titles_of,
)
from flask_app.services.question_sheets import SHARES, in_cells, in_list, language_named, of_the_form, of_the_sheet
from gift_export.problems import Problem
from gift_export.sheet_reader import RowCells
from question_banks.bank import (
    DIFFICULTIES,
    Citation,
    Source,
    Texts,
    citations_of,
    difficulties_of,
    split_idnumber,
    topics_of,
)
from question_banks.model import Question
from question_banks.wording import letters_speak_against

TITLE_TWICE: Final = "W_DUPLICATE_TITLE"
"""The panel calls a question by its twin group and keeps no title of the file, so it need not be the only one."""
TAG_LONG: Final = "W_TAG_LONG"
"""Said of no spreadsheet: its words are not the tags that are kept, those are the codes of the topic and the act that
they name (`question_sheets`); words that name none are refused."""
_OF_CELLS: Final = frozenset({"E_SHEET_SHOWN", "E_SHEET_DATE"})
GAP: Final = "BANK_TWIN_MISSING"
"""A twin that is still to be written keeps nobody from bringing the other; the review asks for it."""
_FIELDS: Final[Mapping[str, Callable[[Question], tuple[object, ...]]]] = {
    "QUESTION_TOPIC": topics_of,
    "QUESTION_TOPIC_NONE": topics_of,
    "QUESTION_CITATION": citations_of,
    "QUESTION_SOURCE": citations_of,
    "QUESTION_SOURCE_ALIKE": citations_of,
    "QUESTION_PLACE": citations_of,
    "QUESTION_PLACE_NONE": citations_of,
    "QUESTION_DIFFICULTY": difficulties_of,
}
"""What a question says of the field that a finding is about."""
_LATIN: Final = str.maketrans("асеорхукіАСЕОРХУКІ", "aceopxykiACEOPXYKI")
"""Cyrillic letters → the Latin ones of the same looks."""
OTHER: Final = "QUESTION_LANGUAGE_OTHER"
SPELLED: Final = "QUESTION_TONGUE_LETTER"
DOUBT: Final = "QUESTION_TONGUE_DOUBT"
AGAINST: Final = "QUESTION_TONGUE_AGAINST"
_STATES: Final = {"in_use": "QUESTION_IN_USE", "suspended": "QUESTION_IN_USE", "retired": "QUESTION_IS_RETIRED"}


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What was read, by twin group and language. `twice`: group → line of the second; `unnamed`: groups whose rows had
    no ID; `named`: what is said of the names and languages of a group; `tongue`: the language of the form; `listed`:
    it is a list in Word.
    """

    groups: Mapping[str, Mapping[str, Question]]
    twice: Mapping[str, int]
    unnamed: frozenset[str]
    named: Mapping[str, Sequence[Remark]]
    problems: tuple[Remark, ...]
    cells: Mapping[int, RowCells]
    tongue: str
    listed: bool = False

    def at_row(self, remark: Remark, group: str, first_line: int) -> Remark:
        """A finding with the line of the question in its language, and in a spreadsheet with the cell of its text."""
        question = self.groups[group].get(remark.language)
        line = question.lines[0] if question is not None else first_line
        return replace(remark, line=line, cell=self.cells[line].places["text"] if line in self.cells else "")

    def cells_of(self, questions: Iterable[Question], *columns: str) -> str:
        """The cells of these questions in the first of the columns that the sheet has; nothing in other files."""
        rows = [self.cells[question.lines[0]] for question in questions if question.lines[0] in self.cells]
        found = (next((row.places[one] for one in columns if one in row.places), "") for row in rows)
        return ", ".join(filter(None, found))


def by_group(
    questions: Sequence[Question],
    tongue: str,
    names: Iterator[str],
    problems: tuple[Remark, ...],
    cells: Mapping[int, RowCells],
    held: Callable[[Question, str], str],
    *,
    listed: bool = False,
) -> ReadFile:
    """Questions by twin group and language. A question without an ID is the one that is `held` with this very text in
    this language, once; else it gets the next of `names`.

    Its language is the one its ID ends with, or else that of the row's own column, or else the form's (`tongue`).
    """
    found: dict[str, dict[str, Question]] = {}
    twice: dict[str, int] = {}
    unnamed: set[str] = set()
    named: dict[str, list[Remark]] = {}
    for question in questions:
        group, language = split_idnumber(question.idnumber)
        row = cells.get(question.lines[0])
        language, spelled = _of_the_id(question, language, row)
        language, said = _language(question, language, tongue, row)
        if not group:
            group = held(question, language)
            if not group or language in found.get(group, {}):
                group = next(names)
                unnamed.add(group)
        named.setdefault(group, []).extend((*spelled, *said))
        if language in found.setdefault(group, {}):
            twice.setdefault(group, question.lines[0])
        else:
            found[group][language] = question
    return ReadFile(found, twice, frozenset(unnamed), named, problems, cells, tongue, listed)


def latin(said: str) -> str:
    """A language as an ID was meant to say it: look-alikes as Latin letters, where that makes a language."""
    meant = in_latin(said)
    return meant if meant in LANGUAGES else said


def in_latin(said: str) -> str:
    """With the Latin letter for each Cyrillic one of the same looks."""
    return said.translate(_LATIN)


def _of_the_id(question: Question, said: str, row: RowCells | None) -> tuple[str, list[Remark]]:
    """The language that an ID ends with; a letter of another alphabet in it is told where it stands."""
    letter = next((sign for sign in said if _is_foreign(sign)), "")
    if not letter:
        return said, []
    language, script = latin(said), script_of(letter)
    place = len(question.idnumber) - len(said) + said.index(letter) + 1
    params = {"id": question.idnumber, "letter": letter, "place": place, "script": script}
    where, titles = _cell(row, "id"), script_titles(params)
    shown = language if language in LANGUAGES else ""
    return language, [Remark("error", SPELLED, shown, question.lines[0], 1, params, where, titles)]


def _is_foreign(sign: str) -> bool:
    return sign.isalpha() and not sign.isascii()


def _language(question: Question, of_id: str, tongue: str, row: RowCells | None) -> tuple[str, list[Remark]]:
    """The language of a question, and what is to be said of how it was told."""
    told = row.language if row is not None else ""
    column = language_named(told)
    if not (of_id or told):
        return tongue, _of_the_form(question, tongue, row)
    if column in (of_id, "") and (column or not told):
        return of_id, []
    if column and not of_id:
        return column, []
    where = row.places["language"] if row is not None else ""
    code = "QUESTION_TONGUE_TWO" if column else "QUESTION_TONGUE_UNKNOWN"
    params = {"said": told, "id": question.idnumber, "cell": where}
    return of_id or tongue, [Remark("error", code, of_id, question.lines[0], 1, params, where)]


def _of_the_form(question: Question, tongue: str, row: RowCells | None) -> list[Remark]:
    """What is to be said of a language that only the page of the import says."""
    line, titles = question.lines[0], {"tongue": tongue_titles(tongue)}
    params = {"tongue": tongue, "id": question.idnumber}
    if letters_speak_against(shown_text(question), tongue):
        cell = row.places["text"] if row is not None else ""
        return [Remark("error", DOUBT, tongue, line, 1, params, cell, titles)]
    if question.idnumber:
        return [Remark("warning", "QUESTION_TONGUE_TAKEN", tongue, line, 1, params, _cell(row, "id"), titles)]
    return []


def _cell(row: RowCells | None, column: str) -> str:
    return row.places.get(column, "") if row is not None else ""


def free_names(prefix: str, taken: Container[str]) -> Iterator[str]:
    """Names that nobody bears, in their order: `new-001`, `new-002`."""
    number = 0
    while True:
        number += 1
        name = f"{prefix}-{number:03d}"
        if name not in taken:
            yield name


# -- what is said ------------------------------------------------------------------------------------------------------


def said_of(reading: QuestionFile) -> tuple[Remark, ...]:
    """What the reading says; of a spreadsheet with its cells."""
    unsaid = {TITLE_TWICE, TAG_LONG} if reading.heads else {TITLE_TWICE}
    found = (_remark(problem) for problem in reading.problems if problem.code not in unsaid)
    placed = [of_the_sheet(r, reading.cells.get(r.line)) if reading.heads and r.line else r for r in found]
    return tuple(_together(placed))


def _together(remarks: Iterable[Remark]) -> Iterator[Remark]:
    """What is said of several cells of a row for the same reason, said once with all; of a key's shares once."""
    merged: dict[tuple[str, int], list[Remark]] = {}
    shared: set[int] = set()
    for remark in remarks:
        if remark.code in _OF_CELLS:
            merged.setdefault((remark.code, remark.line), []).append(remark)
        elif remark.code != SHARES:
            yield remark
        elif remark.line not in shared:
            shared.add(remark.line)
            yield remark
    for first, *others in merged.values():
        cells = ", ".join(remark.cell for remark in (first, *others))
        texts = "; ".join(str(remark.params["text"]) for remark in (first, *others))
        yield replace(first, cell=cells, params={**first.params, "text": texts})


def about_names(frame: Frame, draft: DraftText, line: int, file: ReadFile) -> Iterator[Remark]:
    """What is to be said of a question's ID, languages and topics, whatever it asks."""
    group, questions = draft.group, file.groups[draft.group]
    if group in file.twice:
        second = file.twice[group]
        cell = _cell(file.cells.get(second), "id")
        yield Remark("error", "QUESTION_TWICE_IN_FILE", "", second, 1, {"group": group}, cell)
    if group in file.unnamed:
        tongue = next(iter(questions))
        params = {"group": group, "tongue": tongue}
        code = "QUESTION_ID_NONE_LIST" if file.listed else "QUESTION_ID_NONE"
        yield Remark("info", code, "", line, 1, params, titles={"tongue": tongue_titles(tongue)})
    if fault := name_fault(group):
        cells = file.cells_of(questions.values(), "id")
        yield Remark("error", fault.code, "", line, 1, fault.params, cells, script_titles(fault.params))
    yield from _other_languages(frame, draft, line, file)
    yield from file.named.get(group, ())
    yield from _about_tags(frame, questions, line, file)


def _other_languages(frame: Frame, draft: DraftText, line: int, file: ReadFile) -> Iterator[Remark]:
    """Languages the bank does not have, each at the row that names it; wrong letters are told apart."""
    for language in sorted(set(draft.texts) - set(frame.languages)):
        if not any(map(_is_foreign, language)):
            question = file.groups[draft.group].get(language)
            at = question.lines[0] if question is not None else line
            column = "id" if question is not None and split_idnumber(question.idnumber)[1] else "language"
            cell = _cell(file.cells.get(at), column) if question is not None else ""
            meant = meant_of(frame.languages, language) or next(iter(frame.languages))
            params = {"bank": frame.code, "said": language, "example": f"{draft.group}.{meant}"}
            known = {"languages": tuple(map(_with_code, frame.languages))}
            params["languages"] = ", ".join(frame.languages)
            yield Remark("error", OTHER, language, at, 1, params, cell, known)


def meant_of(languages: Sequence[str], said: str) -> str:
    """The language of the bank that a wrong code means (`kg` for Kyrgyz); empty where that is not known."""
    named = language_named(said)
    return named if named in languages else ""


def _with_code(code: str) -> Texts:
    """A language by its code, which is what an ID says, with its name behind it."""
    names = tongue_titles(code)[0]
    return {language: f"{code} ({name})" for language, name in names.items()}


def _about_tags(frame: Frame, questions: Mapping[str, Question], line: int, file: ReadFile) -> Iterator[Remark]:
    def rows(says: Callable[[Question], tuple[object, ...]], *columns: str) -> str:
        return file.cells_of(filter(says, questions.values()), *columns)

    topics = {topic: None for question in questions.values() for topic in topics_of(question)}
    strange = {
        t: q.lines[0] for q in questions.values() for t in topics_of(q) if frame.topics and t not in frame.topics
    }
    if len(topics) > 1 and strange:  # the row with the topic that is none, not the one that is right
        known = {"known": topic_titles_of(frame.topics, frame.topic_titles)}
        for topic, at in strange.items():
            params = {"topic": topic, "known": ", ".join(frame.topics)}
            yield Remark("error", "QUESTION_TOPIC", "", at, 1, params, _cell(file.cells.get(at), "tags"), titles=known)
    elif len(topics) > 1:
        titles = {"topics": topic_titles_of(topics, frame.topic_titles)}
        params = {"topics": ", ".join(topics)}
        yield Remark("error", "QUESTION_TOPIC_SEVERAL", "", line, 1, params, rows(topics_of, "tags"), titles)
    sources = {tuple(map(str, cited)) for q in questions.values() if (cited := citations_of(q))}
    if len(sources) > 1:
        params = {"sources": "; ".join(sorted(", ".join(one) for one in sources))}
        where = rows(citations_of, "source", "tags")
        differ = Remark("error", "QUESTION_SOURCES_DIFFER", "", line, 1, params, where)
        yield from _not_valid(frame, questions, file, citations_of, differ)
    hard = {word: None for question in questions.values() for word in difficulties_of(question)}
    if len(hard) > 1:
        params, titles = {"words": ", ".join(hard)}, {"words": difficulty_titles(hard)}
        where = rows(difficulties_of, "difficulty", "tags")
        differ = Remark("error", "QUESTION_DIFFICULTY_SEVERAL", "", line, 1, params, where, titles)
        yield from _not_valid(frame, questions, file, difficulties_of, differ)


def _not_valid(
    frame: Frame,
    questions: Mapping[str, Question],
    file: ReadFile,
    says: Callable[[Question], tuple[Citation | str, ...]],
    differ: Remark,
) -> Iterator[Remark]:
    """What rows of a sheet say that cannot be, or else that they differ: made alike they would only be refused anew.

    What the first of them says is what the rules judge themselves.
    """
    rows = [(question, file.cells.get(question.lines[0])) for question in questions.values() if says(question)]
    first = says(rows[0][0])
    faults = {
        question: [replace(fault, line=question.lines[0], column=1) for fault in _faults(says(question), frame)]
        for question, row in rows
        if row is not None
    }
    if not any(faults.values()):
        yield differ
    for question, row in rows:
        if row is not None and says(question) != first:
            yield from in_cells(faults[question], question, row, frame.sources)


def _faults(said: Iterable[Citation | str], frame: Frame) -> Iterator[Remark]:
    for one in said:
        if isinstance(one, str):
            yield from () if one in DIFFICULTIES else (strange_difficulty(one),)
        elif not one.resolves(frame.sources):
            yield dead_citation(one, frame.sources)


def about_gap(missing: Sequence[str], group: str, line: int, *, listed: bool) -> Iterator[Remark]:
    """A language of the bank that neither the file nor the panel has of the question; a wrong name comes first.

    A list in Word has one language and no IDs: its other one is written in the editor.
    """
    if missing and not name_fault(group):
        params = {"languages": ", ".join(missing), "group": group, "first": missing[0]}
        code = "QUESTION_LANGUAGE_GAP_LIST" if listed else "QUESTION_LANGUAGE_GAP"
        yield Remark("warning", code, "", line, 1, params)


def about_state(state: str, group: str, line: int) -> Iterator[Remark]:
    """Why the text of a question cannot be changed now."""
    if state != "draft":
        code = _STATES.get(state, "QUESTION_NOT_IN_DRAFT")
        yield Remark("error", code, "", line, 1, {"group": group, "state": state, "workflow": "question"})


def about_taken(group: str, bank: str, line: int, file: ReadFile) -> Remark:
    """That a new question cannot have this name."""
    cell = file.cells_of(file.groups[group].values(), "id")
    return Remark("error", "QUESTION_ID_TAKEN", "", line, 1, {"group": group, "bank": bank}, cell)


def in_file(remarks: Iterable[Remark], questions: Mapping[str, Question], *, said: Sequence[Remark]) -> list[Remark]:
    """Findings of the rules at the line where the question begins in the file, without what was said already."""
    spoken = {remark.code for remark in said} | NAME_CODES | {GAP}
    if spoken & {OTHER, SPELLED}:
        spoken |= ID_CODES
    doubted = {remark.language for remark in said if remark.code in (DOUBT, OTHER)}
    kept = (one for one in remarks if not (one.code == AGAINST and one.language in doubted))
    return [_at_beginning(remark, questions) for remark in kept if remark.code not in spoken]


def _at_beginning(remark: Remark, questions: Mapping[str, Question]) -> Remark:
    """The rules count lines in the question's own text; what they say of a field stands where a language says it."""
    if remark.language:
        found = questions.get(remark.language)
        return replace(remark, line=found.lines[0] if found else 0, column=1 if found else 0)
    return replace(remark, line=_rows_meant(remark, questions)[0].lines[0], column=1)


def _rows_meant(remark: Remark, questions: Mapping[str, Question]) -> list[Question]:
    """The questions that say what a finding about a field is about; all of them where none says anything."""
    says = _FIELDS.get(remark.code, topics_of)
    first = next(filter(says, questions.values()), next(iter(questions.values())))
    return [one for one in questions.values() if says(one) == says(first)] if remark.code in _FIELDS else [first]


def in_sheet(
    sources: Mapping[str, Source],
    remarks: Sequence[Remark],
    questions: Mapping[str, Question],
    cells: Mapping[int, RowCells],
) -> list[Remark]:
    """Findings of the rules in the order they came; those about a row of a spreadsheet in the words of its cells."""
    lines = {question.lines[0]: question for question in questions.values() if question.lines[0] in cells}
    found = [of_the_form(remark) for remark in remarks if remark.line not in lines]
    for line, question in lines.items():
        here = [remark for remark in remarks if remark.line == line]
        found += in_cells([r for r in here if r.code not in _FIELDS], question, cells[line], sources)
        for remark in filter(lambda one: one.code in _FIELDS, here):
            rows = [cells[one.lines[0]] for one in _rows_meant(remark, questions) if one.lines[0] in cells]
            found += in_cells([remark], question, _together_in(cells[line], rows), sources)
    return found


def in_word(remarks: Sequence[Remark], questions: Mapping[str, Question]) -> list[Remark]:
    """Findings of the rules in the order they came; those about a question of a Word list in its words."""
    lines = {question.lines[0]: question for question in questions.values()}
    found = [of_the_form(remark) for remark in remarks if remark.line not in lines]
    for line, question in lines.items():
        found += map(of_the_form, in_list([remark for remark in remarks if remark.line == line], question))
    return found


def _together_in(row: RowCells, rows: Sequence[RowCells]) -> RowCells:
    """A row whose places are those of several rows that say the same."""
    return row._replace(places={name: ", ".join(one.places[name] for one in rows) for name in row.places})


# -- places ------------------------------------------------------------------------------------------------------------


def _remark(problem: Problem) -> Remark:
    return Remark(problem.severity, problem.code, "", problem.line, problem.column, problem.params)


def stands_in(remark: Remark, question: Question) -> bool:
    """Whether a finding of the reader lies within the lines of a question."""
    return question.lines[0] <= remark.line <= question.lines[1]


def owner_of(remark: Remark, questions: Sequence[Question]) -> Question | None:
    """The question a finding of the reader lies in; None outside all of them."""
    return next((question for question in questions if stands_in(remark, question)), None)
