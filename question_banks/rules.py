"""Is a bank fit to examine people? Each rule looks at the sheet of questions and yields findings.

Errors: what would make a paper wrong or a result indefensible (a twin that differs, a key that is not one, a citation
that leads nowhere). Warnings: what a careful editor would change. Rules about the words themselves stand in
`question_banks.wording`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from question_banks import clues, duplicates, markup, wording
from question_banks.bank import (
    DIFFICULTIES,
    DIFFICULTY_TAG,
    SOURCE_TAG,
    TOPIC_TAG,
    BankFolder,
    citations_of,
    difficulties_of,
    split_idnumber,
    topics_of,
)
from question_banks.findings import Entry, Finding, Sheet, sheet
from question_banks.model import Question

IDNUMBER: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.[a-z]{2}")
FIGURES: Final = re.compile(r"\d+(?:[.,]\d+)*")

BALANCE_FROM: Final = 20
"""From how many questions on the balance of the key is judged: below it, chance alone makes it uneven."""

Rule = Callable[[Sheet], Iterator[Finding]]


def check_bank(folder: BankFolder, questions: Mapping[str, Sequence[Question]]) -> tuple[Finding, ...]:
    """All findings about a bank, by file and place; what concerns a whole file comes first.

    `questions` holds what a reader found in the folder's texts, by language.
    """
    whole = sheet(folder, questions)
    found = [finding for rule in RULES for finding in rule(whole)]
    return tuple(sorted(found, key=lambda finding: (finding.file, finding.line, finding.column, finding.code)))


# -------------------------------------------------------------------------------------------------- identity


def languages_have_files(whole: Sheet) -> Iterator[Finding]:
    """A bank speaks every language its head names, and has questions at all."""
    for language in whole.head.languages:
        if language not in whole.folder.texts:
            yield whole.finding("error", "BANK_LANGUAGE_MISSING", language=language)
    if not whole.entries:
        yield whole.finding("error", "BANK_EMPTY")


def ids_are_sound(whole: Sheet) -> Iterator[Finding]:
    """Every question is named `<twin group>.<language of the file>` (WIRE), and its title is the twin group."""
    for entry in whole.entries:
        idnumber = entry.question.idnumber
        if not idnumber:
            yield entry.finding("error", "BANK_ID_NONE", name=entry.question.name)
        elif not IDNUMBER.fullmatch(idnumber) or len(idnumber) > 100:
            yield entry.finding("error", "BANK_ID_SHAPE", "[id:", id=idnumber)
        elif split_idnumber(idnumber)[1] != entry.language:
            yield entry.finding("error", "BANK_ID_LANGUAGE", "[id:", id=idnumber)
        elif entry.question.name != entry.group:
            yield entry.finding("warning", "BANK_NAME_OTHER", "::", id=idnumber, name=entry.question.name)


def ids_are_unique(whole: Sheet) -> Iterator[Finding]:
    """No id twice in a bank: Moodle would drop the second one without a word."""
    first: dict[str, Entry] = {}
    for entry in whole.entries:
        idnumber = entry.question.idnumber
        if idnumber and first.setdefault(idnumber, entry) is not entry:
            earlier = first[idnumber].place("[id:")[0]
            yield entry.finding("error", "BANK_ID_TWICE", "[id:", id=idnumber, first_line=earlier)


# ---------------------------------------------------------------------------------------- topic, place, source


def topics_are_known(whole: Sheet) -> Iterator[Finding]:
    """Every question has exactly one topic, one that the head declares; every declared topic has questions."""
    known = [topic.id for topic in whole.head.topics]
    for entry in whole.entries:
        topics = topics_of(entry.question)
        if not topics:
            yield entry.finding("error", "BANK_TOPIC_NONE")
        elif len(topics) > 1:
            yield entry.finding("error", "BANK_TOPIC_SEVERAL", f"[tag:{TOPIC_TAG}", topics=", ".join(topics))
        elif topics[0] not in known:
            yield entry.finding("error", "BANK_TOPIC_UNKNOWN", f"[tag:{TOPIC_TAG}", topic=topics[0])
    used = {entry.topic for entry in whole.entries}
    for topic in known:
        if topic not in used:
            yield whole.finding("warning", "BANK_TOPIC_EMPTY", topic=topic)


def categories_follow_topics(whole: Sheet) -> Iterator[Finding]:
    """A question lies in the category of its topic and language, so that practice draws never mix languages."""
    for entry in whole.entries:
        expected = whole.head.category_of(entry.topic, entry.language)
        if expected is not None and entry.question.category != expected:
            found = entry.question.category
            yield entry.finding("warning", "BANK_CATEGORY_OTHER", expected=expected, found=found)


def citations_resolve(whole: Sheet) -> Iterator[Finding]:
    """Every question says what it rests on, and every citation leads to a point that the sources list."""
    for entry in whole.entries:
        citations = citations_of(entry.question)
        if not citations:
            yield entry.finding("error", "BANK_CITATION_NONE")
        for citation in citations:
            if not citation.resolves(whole.folder.sources):
                needle = f"[tag:{SOURCE_TAG}{citation.source}"
                yield entry.finding("error", "BANK_CITATION_DEAD", needle, source=citation.source, point=citation.point)


def difficulties_are_known(whole: Sheet) -> Iterator[Finding]:
    """A question names one difficulty at most, and one that blueprints can ask for."""
    for entry in whole.entries:
        named = difficulties_of(entry.question)
        if len(named) > 1 or not set(named) <= set(DIFFICULTIES):
            known = ", ".join(DIFFICULTIES)
            yield entry.finding(
                "error", "BANK_DIFFICULTY", f"[tag:{DIFFICULTY_TAG}", found=", ".join(named), known=known
            )


# ------------------------------------------------------------------------------------------------- the answers


def questions_are_single_choice(whole: Sheet) -> Iterator[Finding]:
    """An examination question is multiple choice with one right answer worth the full mark and no part marks."""
    for entry in whole.entries:
        question = entry.question
        if question.qtype != "multichoice":
            yield entry.finding("error", "BANK_TYPE_OTHER", qtype=question.qtype)
            continue
        partial = [answer for answer in question.answers if answer.fraction not in (0, 1)]
        if len(entry.keys) > 1:
            yield entry.finding("error", "BANK_KEY_SEVERAL", "{", n=len(entry.keys))
        elif not entry.keys:
            yield entry.finding("error", "BANK_KEY_NONE", "{")
        elif not question.single:
            yield entry.finding("error", "BANK_KEY_BOXES", "{")
        if partial:
            yield entry.finding("error", "BANK_KEY_PARTIAL", partial[0].text, answer=partial[0].text)


def options_are_sound(whole: Sheet) -> Iterator[Finding]:
    """As many options as the bank promises, none empty, no two alike."""
    for entry in whole.entries:
        if entry.answers and len(entry.answers) != whole.head.options:
            yield entry.finding("error", "BANK_OPTION_COUNT", "{", n=len(entry.answers), expected=whole.head.options)
        first: dict[str, int] = {}
        for place, answer in enumerate(entry.answers, start=1):
            plain = wording.plainly(answer.text)
            if not plain:
                yield entry.finding("error", "BANK_OPTION_EMPTY", "{", place=place)
            elif first.setdefault(plain, place) != place:
                yield _same(entry, first[plain], place)


def _same(entry: Entry, first: int, second: int) -> Finding:
    """Two answers that say the same: of one worth, or one of them the right one."""
    one, other = entry.answers[first - 1], entry.answers[second - 1]
    code = "BANK_OPTION_TWICE" if one.fraction != other.fraction else "BANK_OPTION_TWICE_ALIKE"
    return entry.finding("error", code, other.text, first=first, second=second, answer=other.text)


def keys_are_balanced(whole: Sheet) -> Iterator[Finding]:
    """Each place holds between half and one and a half times its equal share of the right answers."""
    for language in whole.head.languages:
        entries = [entry for entry in whole.of(language) if len(entry.keys) == 1]
        if len(entries) < BALANCE_FROM or whole.head.options < 2:
            continue
        counts = Counter(entry.keys[0] for entry in entries)
        share = len(entries) / whole.head.options
        for place in range(1, whole.head.options + 1):
            if not share / 2 <= counts[place] <= share * 3 / 2:
                file = whole.folder.texts[language].file
                yield whole.finding(
                    "warning",
                    "BANK_KEY_BALANCE",
                    file,
                    place=place,
                    n=counts[place],
                    of=len(entries),
                    language=language,
                )


# --------------------------------------------------------------------------------------------------- the twins


def twins_are_complete(whole: Sheet) -> Iterator[Finding]:
    """Every twin group speaks every language of the bank."""
    for entries in whole.groups().values():
        spoken = {entry.language for entry in entries}
        for language in whole.head.languages:
            if language not in spoken:
                yield entries[0].finding("error", "BANK_TWIN_MISSING", "[id:", missing=language)


def twins_agree(whole: Sheet) -> Iterator[Finding]:
    """Twins agree in options, place of the key, topic, citations, difficulty, and in the figures they name."""
    for entries in whole.groups().values():
        first = entries[0]
        for other in entries[1:]:
            if other.language != first.language:
                yield from _compare(first, other)


def _compare(first: Entry, other: Entry) -> Iterator[Finding]:
    if len(first.answers) != len(other.answers):
        counts = {"n": len(other.answers), "expected": len(first.answers)}
        yield other.finding("error", "BANK_TWIN_OPTIONS", "{", twin=first.language, **counts)
    elif len(first.keys) != 1 or len(other.keys) != 1:
        pass  # said of the twin that has no key, or several
    elif first.keys != other.keys:
        shown = {"place": _shown(other.keys), "expected": _shown(first.keys)}
        yield other.finding("error", "BANK_TWIN_KEY", "{", twin=first.language, **shown)
    else:
        yield from _compare_figures(first, other)
    if _rests_on(first) != _rests_on(other):
        yield other.finding("error", "BANK_TWIN_TAGS", "[tag:", twin=first.language)


def _compare_figures(first: Entry, other: Entry) -> Iterator[Finding]:
    for ours, theirs in zip(first.texts, other.texts, strict=True):
        expected, found = figures_of(ours), figures_of(theirs)
        if expected != found:
            shown = {"expected": expected, "found": found}
            yield other.finding("warning", "BANK_TWIN_FIGURES", theirs, twin=first.language, **shown)


def figures_of(text: str) -> str:
    """The figures a text names, in their order by value as text: `10, 5`; a dash for none."""
    return ", ".join(sorted(FIGURES.findall(text))) or "–"


def _rests_on(entry: Entry) -> tuple[object, ...]:
    question = entry.question
    return sorted(topics_of(question)), sorted(citations_of(question)), sorted(difficulties_of(question))


def _shown(places: Sequence[int]) -> str:
    return ", ".join(map(str, places)) or "–"


RULES: Final[tuple[Rule, ...]] = (
    languages_have_files,
    ids_are_sound,
    ids_are_unique,
    topics_are_known,
    categories_follow_topics,
    citations_resolve,
    difficulties_are_known,
    questions_are_single_choice,
    options_are_sound,
    keys_are_balanced,
    twins_are_complete,
    twins_agree,
    wording.letters_belong_together,
    wording.words_are_not_disguised,
    wording.letters_belong_to_language,
    wording.stems_differ,
    wording.length_does_not_tell,
    clues.nothing_stands_for_all,
    clues.key_does_not_stand_out,
    markup.html_is_safe,
    markup.pictures_can_be_seen,
    duplicates.questions_differ,
)


def check_across(sheets: Sequence[Sheet]) -> tuple[Finding, ...]:
    """What no bank can see alone: questions that ask the same as one of another bank."""
    return tuple(duplicates.questions_differ_across(sheets))
