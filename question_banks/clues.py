"""Rules about options that give the answer away, or spoil it: «all of the above», and a key that sticks out.

Both are old advice to writers of tests, collected in Haladyna, Downing and Rodriguez, A Review of Multiple-Choice
Item-Writing Guidelines for Classroom Assessment (2002): no "all of the above", choices of about equal length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from question_banks.findings import Finding, Sheet

_EVERYTHING: Final = (
    # Russian
    r"вс[её] (?:вы[шщ]е)? ?перечисленно\w+",
    r"вс[её] (?:из )?(?:вы[шщ]е)?(?:названно\w+|указанно\w+|сказанно\w+|изложенно\w+)",
    (
        r"все (?:выше\w+ |перечисленные |предложенные |указанные |названные )?(?:ответы|варианты)(?: ответ\w+)?"
        r" ?(?:верны\w*|правильны\w*)?"
    ),
    r"(?:верны|правильны) (?:все|оба) (?:ответ|вариант)\w*",
    r"оба (?:ответа|варианта) (?:верны|правильны)\w*",
    (
        r"(?:ни один|ничего|ни одно|никто) из (?:вы[шщ]е)?(?:перечисленн|названн|указанн|предложенн|вариант|ответ)\w*"
        r"(?: \w+)?"
    ),
    r"(?:нет )?(?:правильного|верного) (?:ответа|варианта)(?: нет)?",
    # Kyrgyz
    r"(?:жогоруда\w*|аталган\w*|көрсөтүлгөн\w*|саналган\w*)(?: \w+)? (?:баары|бардыгы|бардык\w*)(?: туура)?",
    r"(?:баары|бардыгы)(?: тең)? туура",
    r"бардык (?:жооптор|варианттар)(?: туура)?",
    r"(?:эки|экөө) ?(?:жооп|вариант)?(?: да)? ?тең туура|экөө тең туура",
    r"(?:туура жооп|туура вариант) жок|(?:жогоруда\w*|аталган\w*) (?:эч бири|бири да)(?: \w+)?",
    # Kazakh
    r"(?:жоғарыда\w*|аталған\w*|көрсетілген\w*)(?: \w+)? (?:барлығы|бәрі)(?: дұрыс)?",
    r"(?:барлығы|бәрі) дұрыс|барлық (?:жауаптар|нұсқалар)(?: дұрыс)?",
    r"дұрыс жауап жоқ|(?:жоғарыда\w*|аталған\w*) (?:ешқайсысы|ешбірі)(?: \w+)?",
    # English
    r"(?:all|none|both|neither|any) of (?:the )?(?:above|these|them|the (?:answers|options|choices))",
    r"all (?:answers|options|choices) are (?:right|correct)|no (?:right|correct) answer",
    r"(?:both|only) \(?[a-zа-я1-9]\)? (?:and|or|и|жана|және) \(?[a-zа-я1-9]\)?",
    r"[а-яa-z1-9]\)? (?:и|жана|және|and) [а-яa-z1-9]\)? (?:верны|правильны|туура|дұрыс|are correct|are right)",
)
_ALL_OR_NONE: Final = re.compile(rf"(?:{'|'.join(_EVERYTHING)})")
_SPACES: Final = re.compile(r"[\s.,;:!«»\"']+")

STANDS_OUT: Final = 2
STANDS_OUT_BY: Final = 25
"""The key is twice as long as every other option, and by 25 letters: a guess from its length would be right."""


def nothing_stands_for_all(whole: Sheet) -> Iterator[Finding]:
    """No option means «all» or «none of the above»: who recognises two right options needs to know no third."""
    for entry in whole.entries:
        for place, answer in enumerate(entry.answers, start=1):
            plain = _SPACES.sub(" ", answer.text.casefold()).strip()
            if _ALL_OR_NONE.fullmatch(plain):
                yield entry.finding("warning", "BANK_OPTION_ALL", answer.text, place=place, answer=answer.text)


def key_does_not_stand_out(whole: Sheet) -> Iterator[Finding]:
    """The right answer of a question is not far longer than all the others."""
    for entry in whole.entries:
        if len(entry.keys) != 1 or len(entry.answers) < 3:
            continue
        key = entry.keys[0] - 1
        lengths = [len(answer.text) for answer in entry.answers]
        longest = max(length for place, length in enumerate(lengths) if place != key)
        if lengths[key] >= STANDS_OUT * longest and lengths[key] - longest >= STANDS_OUT_BY:
            text = entry.answers[key].text
            yield entry.finding("warning", "BANK_KEY_STANDS_OUT", text, n=lengths[key], longest=longest)
