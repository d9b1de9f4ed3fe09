"""Finds the head of an applicants' list and says which column is which.

Offices title their lists, merge cells, put two languages into one head ("ФИО / Аты-жөнү") and spread a head over two
or three rows ("Стаж" above "общий" and "по специальности").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask_app.domain.errors import InvalidInput
from flask_app.domain.sheets import SheetRow, column_letters


class Column(StrEnum):
    """What a column of an applicants' list holds."""

    NAME = "name"
    SURNAME = "surname"
    GIVEN_NAME = "given_name"
    PATRONYMIC = "patronymic"
    PERSONAL_NUMBER = "personal_number"
    BIRTH_DATE = "birth_date"
    EDUCATION = "education"
    SERVICE = "service"
    SPECIALTY = "specialty"
    PHONE = "phone"
    EMAIL = "email"
    DOCUMENTS = "documents"
    LANGUAGE = "language"


# The heads to write into a list: printed when a column is missing, and recognised themselves.
HEADS: Mapping[Column, str] = {
    Column.NAME: "ФИО / Аты-жөнү",
    Column.SURNAME: "Фамилия / Фамилиясы",
    Column.GIVEN_NAME: "Имя / Аты",
    Column.PATRONYMIC: "Отчество / Атасынын аты",
    Column.PERSONAL_NUMBER: "ПИН / ЖСН",
    Column.BIRTH_DATE: "Дата рождения / Туулган күнү",
    Column.EDUCATION: "Образование / Билими",
    Column.SERVICE: "Общий стаж службы / Жалпы кызмат стажы",
    Column.SPECIALTY: "Стаж по специальности / Адистиги боюнча стажы",
    Column.PHONE: "Телефон",
    Column.EMAIL: "E-mail",
    Column.DOCUMENTS: "Документы (да/нет) / Документтер (ооба/жок)",
    Column.LANGUAGE: "Язык теста / Тесттин тили",
}
OBLIGATORY = (
    *(Column.NAME, Column.PERSONAL_NUMBER, Column.BIRTH_DATE),
    *(Column.EDUCATION, Column.SERVICE, Column.DOCUMENTS),
)

# Tried from the top: the first pattern that fits a head (lower case, ё as е, without brackets) names the column.
_HEAD_PATTERNS: tuple[tuple[Column | None, str], ...] = (
    (None, r"документ\S*,? (об образовании|удостоверяющ).*|(серия|номер).* (паспорт|документ|диплом).*"),
    (Column.NAME, r"ф\.? ?и\.? ?о\b.*|ф\.? ?а\.? ?а\b\.?|фамилия,? имя.*|фамилиясы,? аты.*|аты[- ]ж[өо]н[үу]\b.*"),
    (Column.NAME, r"(full )?name|name of (the )?(applicant|candidate)|т\.? ?а\.? ?ә\.?"),
    (Column.NAME, r"(кандидат|претендент|талапкер|заявитель)(тин|дин)?( аты[- ]ж[өо]н[үу])?"),
    (Column.SURNAME, r"фамили(я|ясы)|surname|last name|family name"),
    (Column.GIVEN_NAME, r"имя(,? (и )?отчество)?|аты(,? (жана )?атасынын аты)?|(first|given) name"),
    (Column.PATRONYMIC, r"отчество|атасынын аты|patronymic|middle name"),
    (
        Column.PERSONAL_NUMBER,
        r"(№ ?)?(жсн|жин|пин|инн|pin|inn)(?: .*)?|.*(персональный|личный|идентификацион\S*) .*номер",
    ),
    (Column.PERSONAL_NUMBER, r".*(жеке|идентификациялык) .*номери?|personal (identification )?number|id number"),
    (Column.BIRTH_DATE, r"(дата|число|год|день)(,? (и )?(число|месяц|год|день))*,? рожд\S*(?: .*)?"),
    (Column.BIRTH_DATE, r"туулган (күнү|жылы|айы|датасы|кун[үу])\b.*|(date of birth|birth ?date|born)"),
    (
        Column.EDUCATION,
        r"(уровень )?образовани[ея](?: .*)?|билим(и|инин деңгээли)?(?: .*)?|(level of )?education(?: .*)?",
    ),
    (Column.SPECIALTY, r".*стаж\S* .*(специальност|специальн|профил)\S*(?: .*)?|.*адисти\S* .*стаж\S*(?: .*)?"),
    (Column.SPECIALTY, r".*стаж\S* .*адисти\S*(?: .*)?|(years|length) .*specialt?y|specialty (years|experience)"),
    (Column.SERVICE, r"(общий |трудовой |весь )?стаж(?! (руковод|на руковод)).*|.*(жалпы|эмгек|кызмат)\S* .*стаж\S*"),
    (Column.SERVICE, r"(years|length) of service|(total )?(service|experience)( years)?"),
    (Column.PHONE, r"((контактный|номер|мобильный|моб\.?|сотовый|байланыш|уюлдук) )*(тел\b|телефон).*"),
    (Column.PHONE, r"((mobile|contact) )*phone( number)?"),
    (Column.EMAIL, r"e-? ?mail.*|(эл\.?|электронная|электрондук) (почта|дарек|адрес).*|почта"),
    # Of the test by name: «Языки» or «Родной язык» alone say what a person speaks, not what they chose.
    (Column.LANGUAGE, r"язык .*(тест|экзам|испытан)\S*(?: .*)?|(тест|сынак|экзамен)\S* .*тили?(?: .*)?"),
    (Column.LANGUAGE, r"(test|exam)\S* language|language of (the )?(test|exam)\S*"),
    (Column.DOCUMENTS, r"((пакет|наличие|полнота|комплект|все) )?документ(ы|ов|тер|тери|тердин)\b.*|documents\b.*"),
)
_COMPILED = tuple((column, re.compile(pattern)) for column, pattern in _HEAD_PATTERNS)

# A title, a name of the body and its address stand above a head: it is looked for in the first rows only.
SEARCHED_ROWS = 40
HIGHEST_HEAD = 3
FEWEST_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Head:
    """Where the head stands (`first`..`last`, indexes into the sheet's rows), and the column index of each kind.

    `titles` are the heads as written in the file. `doubled` are columns that repeat an optional one and are not read.
    """

    first: int
    last: int
    places: Mapping[Column, int]
    titles: Mapping[Column, str]
    doubled: tuple[tuple[Column, int], ...] = ()

    def title(self, column: Column) -> str:
        """The head as the file writes it, or the head to write where the file has none."""
        return self.titles.get(column) or HEADS[column]


def column_of(title: str) -> Column | None:
    """Which column a head names; None for a head of no interest or one whose two languages disagree."""
    named = {found for part in _parts(title) for found in [_match(part)] if found is not None}
    return named.pop() if len(named) == 1 else None


def _parts(title: str) -> list[str]:
    """The languages of a head, without what stands in brackets; what stands in brackets where nothing else does."""
    plain = " ".join(title.replace("\u00ad", "").split()).lower().replace("ё", "е")
    outside = re.sub(r"\([^)]*\)", " ", plain)
    named = outside if re.search(r"\w", outside) else plain.replace("(", " ").replace(")", " ")
    return [" ".join(part.split()).strip(" .,:*") for part in re.split(r"[/|\\]", named)]


def _match(part: str) -> Column | None:
    return next((column for column, pattern in _COMPILED if pattern.fullmatch(part)), None)


def find_head(rows: Sequence[SheetRow]) -> Head | None:
    """The head with the most recognised columns; of equals the lowest in height, then the topmost. None without one."""
    best: Head | None = None
    searched = rows[: SEARCHED_ROWS + HIGHEST_HEAD]
    widest = max((len(row.cells) for row in searched), default=0)
    for height in range(1, HIGHEST_HEAD + 1):
        for first in range(max(0, min(SEARCHED_ROWS, len(rows) - height + 1))):
            head = _head_at(rows, first, height)
            if best is None or len(head.places) > len(best.places):
                best = head
            if len(best.places) == widest:  # every column is named: none later can have more
                return best if _is_head(best) else None
    return best if best is not None and _is_head(best) else None


def _is_head(found: Head) -> bool:
    return len(found.places) >= FEWEST_COLUMNS and _has_anchor(found)


def _has_anchor(head: Head) -> bool:
    anchors = (Column.NAME, Column.SURNAME, Column.PERSONAL_NUMBER)
    return any(column in head.places for column in anchors)


def _head_at(rows: Sequence[SheetRow], first: int, height: int) -> Head:
    group = rows[first : first + height]
    places: dict[Column, int] = {}
    titles: dict[Column, str] = {}
    doubled: list[tuple[Column, int]] = []
    for index in range(max(len(row.cells) for row in group)):
        title, column = _title_at(group, index)
        if column is None:
            continue
        if column in places:
            doubled.append((column, index))
        else:
            places[column], titles[column] = index, title
    return Head(first, first + height - 1, places, titles, tuple(doubled))


def _title_at(group: Sequence[SheetRow], index: int) -> tuple[str, Column | None]:
    """The head of one column: the texts above one another, or where they say nothing together, the lowest alone."""
    texts = [text for level in range(len(group)) for text in [_text(group, level, index)] if text]
    joined = " ".join(dict.fromkeys(texts))
    for title in dict.fromkeys([joined, *reversed(texts)]):
        column = column_of(title)
        if column is not None:
            return " ".join(title.split()), column
    return joined, None


def _text(group: Sequence[SheetRow], level: int, index: int) -> str:
    """The text over a column: its own cell's, or that of the merged cell that covers it."""
    row = group[level]
    own = _own_text(row, index)
    if own:
        return own
    covering = next((first for first, last in row.merged if first < index <= last), None)
    if covering is None and not any(other.merged for other in group):
        covering = _covering_by_look(group, level, index)
    return "" if covering is None else _own_text(row, covering)


def _covering_by_look(group: Sequence[SheetRow], level: int, index: int) -> int | None:
    """In a file that knows no merged cells: the text to the left covers this column where both have a head below."""
    if level + 1 == len(group) or not _own_text(group[level + 1], index):
        return None
    left = next((place for place in range(index, -1, -1) if _own_text(group[level], place)), None)
    if left is None:
        return None
    below = all(_own_text(group[level + 1], place) for place in range(left, index))
    return left if below else None


def _own_text(row: SheetRow, index: int) -> str:
    cell = row.cell(index)
    return cell.strip() if isinstance(cell, str) else ""


def check_head(head: Head, row_number: int) -> None:
    """Raises InvalidInput APPLICANTS_COLUMNS_MISSING or APPLICANTS_COLUMN_TWICE."""
    missing = [column for column in OBLIGATORY if not _given(column, head)]
    if missing:
        columns = "; ".join(HEADS[column] for column in missing)
        raise InvalidInput("APPLICANTS_COLUMNS_MISSING", row=row_number, columns=columns)
    for column, index in head.doubled:
        if column in OBLIGATORY:
            one, other = column_letters(head.places[column]), column_letters(index)
            raise InvalidInput(
                "APPLICANTS_COLUMN_TWICE", row=row_number, column=head.title(column), one=one, other=other
            )


def _given(column: Column, head: Head) -> bool:
    if column is Column.NAME:
        return Column.NAME in head.places or {Column.SURNAME, Column.GIVEN_NAME} <= head.places.keys()
    return column in head.places
