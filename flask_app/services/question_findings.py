"""What the reader and the rules say of a question in the making, said in the words of its author's fields."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from flask_app.domain.errors import InvalidInput
from flask_app.messages import LANGUAGES, Language, label
from question_banks.bank import DIFFICULTIES, Citation, Source, Texts
from question_banks.findings import Finding
from question_banks.model import MultichoiceQuestion, Question
from question_banks.wording import ALPHABETS, WORD, letters_speak_against

GROUP: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_GROUP: Final = 97
"""With `.ru` behind it Moodle's hundred characters of an id are full."""
_LANGUAGE: Final = re.compile(rf"\.(?:{'|'.join(LANGUAGES)})\Z", re.IGNORECASE)
ID_CODES: Final = frozenset({"BANK_ID_NONE", "BANK_ID_SHAPE", "BANK_ID_LANGUAGE"})
NAME_CODES: Final = frozenset({"QUESTION_NAME_NONE", "QUESTION_GROUP_SHAPE", "QUESTION_GROUP_LETTER"})
"""What can be said of a question's name."""
_RUSSIAN_WORDS: Final = frozenset({"в", "для", "и", "из", "или", "к", "кто", "на", "от", "по", "при", "с", "что"})
"""Small words of nearly every Russian text that Kyrgyz and Kazakh do without."""
_SCRIPTS: Final[Mapping[str, Texts]] = {
    "Cyrillic": {"ky": "кириллица", "ru": "кириллица", "kk": "кириллица", "en": "Cyrillic"},
    "Greek": {"ky": "грек алфавити", "ru": "греческий алфавит", "kk": "грек әліпбиі", "en": "Greek"},
}

_TITLE_WORD: Final = re.compile(r"[^\W\d_]{3,}")
LEAST_WORDS: Final = 3
"""A shorter title may be said by chance."""
MOST_OF: Final = 0.8
"""Share of a title's words that must be said for it to be meant."""


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
            script = script_of(letter)
            return InvalidInput("QUESTION_GROUP_LETTER", group=group, letter=letter, place=place, script=script)
    return InvalidInput("QUESTION_GROUP_SHAPE", group=group)


def script_of(letter: str) -> str:
    """The writing a letter belongs to, as Unicode calls it: `Cyrillic`."""
    return unicodedata.name(letter, "").partition(" ")[0].capitalize()


def script_titles(params: Mapping[str, object]) -> dict[str, Sequence[Texts]]:
    """The name of the writing in `params`, by the language of the reader."""
    script = str(params.get("script", ""))
    return {"script": (_SCRIPTS.get(script, {"en": script}),)} if script else {}


def language_titles(code: str) -> Texts:
    """What a language is called, by the language of the reader."""
    return {language: label(f"gift_language_{code}", language).split("; ")[0] for language in LANGUAGES}


def tongue_titles(code: str) -> tuple[Texts, ...]:
    """What a language is called; by its code where nobody here has a name for it."""
    return (language_titles(code) if code in LANGUAGES else {"en": code},)


def shown_text(question: Question) -> str:
    """What a candidate reads of a question."""
    answers = [answer.text for answer in question.answers] if isinstance(question, MultichoiceQuestion) else []
    return "\n".join([question.text, *answers])


def about_tongue(language: str, question: Question) -> Iterator[Remark]:
    """A warning where a text is hardly of the language it is said to be of: letters and small words are only a clue."""
    text = shown_text(question)
    if letters_speak_against(text, language) and _is_other(text, language):
        titles = {"tongue": tongue_titles(language)}
        yield Remark("warning", "QUESTION_TONGUE_AGAINST", language, 1, 1, {"tongue": language}, titles=titles)


def about_copies(questions: Mapping[str, Question]) -> Iterator[Remark]:
    """A warning where two languages say the same word for word, so that one was hardly translated."""
    said: dict[str, str] = {}
    for language, question in questions.items():
        first = said.setdefault(" ".join(shown_text(question).casefold().split()), language)
        if first != language and WORD.search(question.text):
            titles = {"copied": tongue_titles(first), "tongue": tongue_titles(language)}
            params = {"copied": first, "tongue": language}
            yield Remark("warning", "QUESTION_TWINS_SAME", language, 1, 1, params, titles=titles)


def _is_other(text: str, language: str) -> bool:
    """Whether there is a clue to another language; one long Kyrgyz text in sixty merely lacks its own letters."""
    words = {word.lower() for word in WORD.findall(unicodedata.normalize("NFC", text))}
    others = frozenset().union(*ALPHABETS.values()) - ALPHABETS.get(language, frozenset())
    return not words.isdisjoint(_RUSSIAN_WORDS) or not others.isdisjoint("".join(words))


def difficulty_word(level: str, language: Language) -> str:
    """A difficulty as people read it: one word in each language, the same on pages, in templates and in sentences."""
    return label(f"qs_difficulty_{level}", language)


def difficulty_titles(levels: Iterable[str]) -> tuple[Texts, ...]:
    """Difficulties in the reader's language; words that name none as they were typed."""

    def words(level: str) -> Texts:
        return {language: difficulty_word(level, language) for language in LANGUAGES}

    return tuple(words(level) if level in DIFFICULTIES else {"ru": level} for level in levels)


def topic_titles_of(topics: Iterable[str], titles: Mapping[str, Texts]) -> tuple[Texts, ...]:
    """The titles of topics, by their code where the bank says none."""
    return tuple(titles.get(topic) or {"ru": topic} for topic in topics)


def in_editor(
    finding: Finding, *, group: str, topic: str, topics: Mapping[str, Texts], sources: Mapping[str, Source]
) -> Remark:
    """A finding of the rules: what is a tag in a file is a field of the editor."""
    found = Remark(finding.severity, finding.code, finding.file, finding.line, finding.column, finding.params)
    if finding.code in ID_CODES:
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
        return strange_difficulty(str(finding.params["found"]))
    return found


def _again(
    remark: Remark, code: str, params: Mapping[str, object], titles: Mapping[str, Sequence[Texts]] | None = None
) -> Remark:
    """What is said of a field of the whole question: once, whatever the number of its languages."""
    return Remark(remark.severity, code, "", 0, 0, params, titles=titles or {})


def _about_name(remark: Remark, group: str) -> Remark:
    fault = name_fault(group) or remark
    return _again(remark, fault.code, fault.params, script_titles(fault.params))


def dead_citation(cited: Citation, sources: Mapping[str, Source]) -> Remark:
    """What is said of a citation that leads nowhere, without its place."""
    params = {"source": cited.source, "point": cited.point}
    return _about_citation(Remark("error", "BANK_CITATION_DEAD", "", 0, 0, params), sources)


def strange_difficulty(word: str) -> Remark:
    """What is said of a difficulty that is not in the list, without its place."""
    params = {"found": word, "known": ", ".join(DIFFICULTIES)}
    return Remark("error", "QUESTION_DIFFICULTY", "", 0, 0, params, titles={"known": difficulty_titles(DIFFICULTIES)})


def _about_citation(remark: Remark, sources: Mapping[str, Source]) -> Remark:
    act, place = str(remark.params["source"]), str(remark.params["point"])
    if act not in sources:
        said = f"{act}#{place}" if place else act
        alike = _called_alike(act, sources)
        if alike is None:
            return _again(remark, "QUESTION_SOURCE", {"said": said})
        params = {"said": said, "source": alike.id, "number": alike.number, "code": alike.id}
        return _again(remark, "QUESTION_SOURCE_ALIKE", params, {"source": (alike.titles,)})
    source = sources[act]
    params = {"said": place, "source": act, "known": ", ".join(source.points)}
    titles = {"source": (source.titles,), "known": tuple(_place_titles(source))}
    return _again(remark, "QUESTION_PLACE" if place else "QUESTION_PLACE_NONE", params, titles)


def _called_alike(said: str, sources: Mapping[str, Source]) -> Source | None:
    """The one act of the list whose title these words repeat, though number or date are another's: most likely a former
    act of the same name.
    """
    words = frozenset(_TITLE_WORD.findall(said.casefold()))
    alike = [
        source
        for source in sources.values()
        if source.number
        and any(_covers(words, frozenset(_TITLE_WORD.findall(title.casefold()))) for title in source.titles.values())
    ]
    return alike[0] if len(alike) == 1 else None


def _covers(words: frozenset[str], title: frozenset[str]) -> bool:
    """Nearly all of the title's words are said: an author shortens one, or leaves one out."""
    return len(title) >= LEAST_WORDS and len(title & words) >= MOST_OF * len(title)


def _place_titles(source: Source) -> Iterator[Texts]:
    """The places of an act, each by its code with its gist behind it."""
    for point, gist in source.points.items():
        yield {language: f"{point} ({said})" for language, said in gist.items()} or {"ru": point}
