"""What the reader and the rules say of a question in the making, said in the words of its author's fields."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from flask_app.domain.errors import InvalidInput
from flask_app.messages import LANGUAGES, Language, label
from question_banks.bank import DIFFICULTIES, Source, Texts
from question_banks.findings import Finding

GROUP: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_GROUP: Final = 97
"""With `.ru` behind it Moodle's hundred characters of an id are full."""
_LANGUAGE: Final = re.compile(rf"\.(?:{'|'.join(LANGUAGES)})\Z", re.IGNORECASE)
_IDS: Final = frozenset({"BANK_ID_NONE", "BANK_ID_SHAPE", "BANK_ID_LANGUAGE"})
NAME_CODES: Final = frozenset({"QUESTION_NAME_NONE", "QUESTION_GROUP_SHAPE", "QUESTION_GROUP_LETTER"})
"""What can be said of a question's name."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding in an author's text. `line` counts in the box of that language; 0 = the question as a whole.

    `cell`: the cell of a spreadsheet it is about (`H7`), empty elsewhere. `titles`: parameter → titles to be said in
    the reader's language in its place.
    """

    severity: Literal["error", "warning", "info"]
    code: str
    language: str
    line: int
    column: int
    params: Mapping[str, object] = field(default_factory=dict)
    cell: str = ""
    titles: Mapping[str, Sequence[Texts]] = field(default_factory=dict)


def group_named(said: str) -> str:
    """The name of a question as somebody called it: its language behind it (`const-041.ky`) is no part of it."""
    return _LANGUAGE.sub("", said.strip())


def name_fault(group: str) -> InvalidInput | None:
    """Why a name will not do, as an error with a code of `NAME_CODES`; None where it will."""
    if not group:
        return InvalidInput("QUESTION_NAME_NONE")
    if GROUP.fullmatch(group) and len(group) <= LONGEST_GROUP:
        return None
    for place, letter in enumerate(group, 1):
        if letter.isalpha() and not letter.isascii():
            script = _script(letter)
            return InvalidInput("QUESTION_GROUP_LETTER", group=group, letter=letter, place=place, script=script)
    return InvalidInput("QUESTION_GROUP_SHAPE", group=group)


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0].capitalize()


def difficulty_word(level: str, language: Language) -> str:
    """A difficulty as people read it: one word in each language, the same on pages, in templates and in sentences."""
    return label(f"qs_difficulty_{level}", language)


def _difficulty_titles() -> tuple[Texts, ...]:
    return tuple({language: difficulty_word(level, language) for language in LANGUAGES} for level in DIFFICULTIES)


def topic_titles_of(topics: Iterable[str], titles: Mapping[str, Texts]) -> tuple[Texts, ...]:
    """The titles of topics, by their code where the bank says none."""
    return tuple(titles.get(topic) or {"ru": topic} for topic in topics)


def in_editor(
    finding: Finding, *, group: str, topic: str, topics: Mapping[str, Texts], sources: Mapping[str, Source]
) -> Remark:
    """A finding of the rules: what is a tag in a file is a field of the editor."""
    found = Remark(finding.severity, finding.code, finding.file, finding.line, finding.column, finding.params)
    if finding.code in _IDS:
        return _about_name(found, group)
    if finding.code == "BANK_TOPIC_UNKNOWN":
        params = {"topic": finding.params["topic"], "known": ", ".join(topics)}
        known = {"known": topic_titles_of(topics, topics)}
        return _again(found, "QUESTION_TOPIC" if topic else "QUESTION_TOPIC_NONE", params, known)
    if finding.code == "BANK_CITATION_NONE":
        return _again(found, "QUESTION_CITATION", {})
    if finding.code == "BANK_CITATION_DEAD":
        return _about_citation(found, sources)
    if finding.code == "BANK_DIFFICULTY":
        params = {"found": finding.params["found"], "known": ", ".join(DIFFICULTIES)}
        return _again(found, "QUESTION_DIFFICULTY", params, {"known": _difficulty_titles()})
    return found


def _again(
    remark: Remark, code: str, params: Mapping[str, object], titles: Mapping[str, Sequence[Texts]] | None = None
) -> Remark:
    """What is said of a field of the whole question: once, whatever the number of its languages."""
    return Remark(remark.severity, code, "", 0, 0, params, titles=titles or {})


def _about_name(remark: Remark, group: str) -> Remark:
    fault = name_fault(group) or remark
    return _again(remark, fault.code, fault.params)


def _about_citation(remark: Remark, sources: Mapping[str, Source]) -> Remark:
    act, place = str(remark.params["source"]), str(remark.params["point"])
    if act not in sources:
        said = f"{act}#{place}" if place else act
        return _again(remark, "QUESTION_SOURCE", {"said": said})
    source = sources[act]
    params = {"said": place, "source": act, "known": ", ".join(source.points)}
    titles = {"source": (source.titles,), "known": tuple(_place_titles(source))}
    return _again(remark, "QUESTION_PLACE" if place else "QUESTION_PLACE_NONE", params, titles)


def _place_titles(source: Source) -> Iterator[Texts]:
    """The places of an act, each by its code with its gist behind it."""
    for point, gist in source.points.items():
        yield {language: f"{point} ({said})" for language, said in gist.items()} or {"ru": point}
