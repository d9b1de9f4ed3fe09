"""From one spelling to another, with a list of everything that does not go across: code, place, question.

A question the target cannot say is left out and is an error; a part of it that is lost is a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from gift_export.attachments import PLACE, Attachment, inlined
from gift_export.moodle_xml import HEAD, TAIL, category_element, write_xml
from gift_export.problems import Problem, excerpt, problem
from gift_export.refusal import CannotSayError
from gift_export.writer import spell, write
from question_banks.model import Answer, CategorySwitch, FormattedText, MatchPair, Question

NO_FILES: Final[Mapping[int, Sequence[Attachment]]] = {}
NO_REMARKS: Final[Mapping[int, Sequence[str]]] = {}


class Converted(NamedTuple):
    """The text of the target file, how many questions are in it, and what was lost on the way."""

    text: str
    written: int
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether every question went across, parts of it aside."""
        return not any(found.severity == "error" for found in self.problems)


def to_gift(
    items: Iterable[Question | CategorySwitch],
    attachments: Mapping[int, Sequence[Attachment]] = NO_FILES,
    remarks: Mapping[int, Sequence[str]] = NO_REMARKS,
) -> Converted:
    """GIFT. Pictures go into HTML texts as `data:` addresses; `remarks` are comment lines put above a question."""
    out: list[str] = []
    problems: list[Problem] = []
    category, written = "", 0
    for at, item in enumerate(items):
        try:
            wanted = item.path if isinstance(item, CategorySwitch) else item.category
            if wanted != category or isinstance(item, CategorySwitch):
                out.append(write([CategorySwitch(wanted)]))
                category = wanted
            if isinstance(item, CategorySwitch):
                continue
            shown, lost = with_pictures(item, attachments.get(at, ()))
            spelled = spell(shown)
        except CannotSayError as refusal:
            problems.append(_refused(item, refusal))
            continue
        problems.extend(lost)
        out.append("".join(f"// {_comment(remark)}\n" for remark in remarks.get(at, ())) + spelled)
        written += 1
    return Converted("\n".join(out), written, tuple(problems))


def _comment(remark: str) -> str:
    """A remark on one line, in which nothing can be taken for an id or a tag."""
    return " ".join(remark.split()).replace("[", "(").replace("]", ")")


def to_xml(
    items: Iterable[Question | CategorySwitch], attachments: Mapping[int, Sequence[Attachment]] = NO_FILES
) -> Converted:
    """Moodle XML, with the files."""
    out: list[str] = [HEAD]
    problems: list[Problem] = []
    category, written = "", 0
    for at, item in enumerate(items):
        try:
            wanted = item.path if isinstance(item, CategorySwitch) else item.category
            if wanted != category or isinstance(item, CategorySwitch):
                out.append(category_element(wanted))
                category = wanted
            if isinstance(item, CategorySwitch):
                continue
            out.append(write_xml(item, attachments.get(at, ())))
        except CannotSayError as refusal:
            problems.append(_refused(item, refusal))
            continue
        written += 1
    return Converted("".join((*out, TAIL)), written, tuple(problems))


def _refused(item: Question | CategorySwitch, refusal: CannotSayError) -> Problem:
    return problem(refusal.code, item.lines[0], 1 if item.lines[0] else 0, **refusal.params)


def for_sheet(
    items: Iterable[Question | CategorySwitch], attachments: Mapping[int, Sequence[Attachment]] = NO_FILES
) -> tuple[list[Question | CategorySwitch], list[Problem]]:
    """The same records with pictures inside their texts, for a spreadsheet, and what became of the files."""
    shown: list[Question | CategorySwitch] = []
    problems: list[Problem] = []
    for at, item in enumerate(items):
        if isinstance(item, CategorySwitch):
            shown.append(item)
            continue
        question, lost = with_pictures(item, attachments.get(at, ()))
        shown.append(question)
        problems.extend(lost)
    return shown, problems


def with_pictures(question: Question, attachments: Sequence[Attachment]) -> tuple[Question, list[Problem]]:
    """The question with its pictures inside its HTML texts, and what became of each file."""
    if not attachments:
        return question, []
    taken = _Taking(question, attachments)
    changed: dict[str, Any] = {
        "text": taken.text(question.text, question.format, "questiontext"),
        "generalfeedback": taken.formatted(question.generalfeedback, "generalfeedback"),
    }
    for name in ("feedbacktrue", "feedbackfalse"):
        if hasattr(question, name):
            field = f"answer[{0 if name == 'feedbacktrue' else 1}].feedback"
            changed[name] = taken.formatted(getattr(question, name), field)
    for name in ("answers", "pairs"):
        if hasattr(question, name):
            entries = enumerate(getattr(question, name))
            changed[name] = tuple(taken.entry(entry, at) for at, entry in entries)
    return question._replace(**changed), taken.finish()


class _Taking:
    """Files of one question on their way into its texts."""

    def __init__(self, question: Question, attachments: Sequence[Attachment]) -> None:
        self._place = (question.lines[0], 1 if question.lines[0] else 0)
        self._left: dict[str, dict[str, bytes]] = {}
        for one in attachments:
            self._left.setdefault(one.field, {}).setdefault(one.path + one.name, one.content)  # the first of two
        self._problems: list[Problem] = []

    def text(self, text: str, text_format: str, field: str) -> str:
        files = self._left.get(field)
        if not files or text_format == "plain" or PLACE not in text:
            return text
        changed, missing = inlined(text, files)
        for name in list(files):
            if name not in missing and changed != text:
                del files[name]
                self._problems.append(problem("I_FILE_INLINED", *self._place, text=excerpt(name)))
        return changed

    def formatted(self, part: FormattedText, field: str) -> FormattedText:
        return FormattedText(self.text(part.text, part.format, field), part.format)

    def entry(self, entry: Any, at: int) -> Any:
        if isinstance(entry, MatchPair):
            return entry._replace(text=self.text(entry.text, entry.format, f"subquestion[{at}]"))
        if isinstance(entry, Answer):
            entry = entry._replace(text=self.text(entry.text, entry.format, f"answer[{at}]"))
        return entry._replace(feedback=self.formatted(entry.feedback, f"answer[{at}].feedback"))

    def finish(self) -> list[Problem]:
        """What is said of the files; those that no text took are lost."""
        lost = [
            problem("W_FILE_LOST", *self._place, text=excerpt(name)) for files in self._left.values() for name in files
        ]
        return [*self._problems, *lost]
