"""Reads single cells of an applicants' list: personal number, length of service, phone, e-mail, education, yes or no.

Each reader answers a value, or a code why there is none, and a code of what was repaired; none raises.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from flask_app.domain.sheets import Cell

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class CellReading(Generic[Value]):
    """`value`, or `problem` with the code why there is none; `repair` names what was done to read it."""

    value: Value | None
    problem: str = ""
    repair: str = ""
    params: Mapping[str, object] = field(default_factory=dict)


class EducationLevel(StrEnum):
    """The level recognised in the words of the list; the words themselves are kept beside it."""

    HIGHER = "higher"
    SECONDARY_VOCATIONAL = "secondary_vocational"
    SECONDARY = "secondary"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class Experience:
    """A length of service. `months` is 0..11."""

    years: int
    months: int = 0

    @property
    def in_months(self) -> int:
        """The whole length in months."""
        return self.years * 12 + self.months


def plain_text(cell: Cell) -> str:
    """The cell as text: spaces tidied, whole numbers without a fraction; empty for an empty cell."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).replace("\u200b", "").replace("\ufeff", "").split())


_NOTHING = frozenset(
    (
        *("-", "--", "–", "—", "нет", "жок", "нету", "не указан", "не указано", "не указана", "отсутствует"),
        *("не имеет", "не имеется", "көрсөтүлгөн эмес", "көрсөтүлбөгөн", "n/a", "none", "no", "н/д", "нет данных"),
    )
)


def states_nothing(cell: Cell) -> bool:
    """Whether the cell says in words that there is nothing to say ("не указан", "жок", a dash)."""
    return plain_text(cell).lower().rstrip(".") in _NOTHING


# --- personal number -------------------------------------------------------------------------------------------------

NUMBER_DIGITS = 14


def read_personal_number(cell: Cell) -> CellReading[str]:
    """The personal number of a citizen of the Kyrgyz Republic: 14 digits.

    As far as its structure is known here: the first digit is 1 or 2, digits 2-9 are the birth date DDMMYYYY. Which
    of 1 and 2 stands for which sex, and how the last digit is made, no source at hand says: neither is judged.
    Problems: APPLICANT_NUMBER_ MISSING, ROUNDED, NOT_DIGITS, LENGTH, FIRST_DIGIT, NO_DATE.
    """
    text = plain_text(cell)
    if not text or isinstance(cell, bool):
        return CellReading(None, "APPLICANT_NUMBER_MISSING")
    if re.fullmatch(r"[0-9][.,]?[0-9]*[eе]\+?[0-9]+", text, re.IGNORECASE):
        return CellReading(None, "APPLICANT_NUMBER_ROUNDED")
    digits = re.sub(r"[\s'’-]", "", text)
    problem = _number_problem(digits)
    if problem:
        return CellReading(None, problem, params={"digits": len(digits), "expected": NUMBER_DIGITS})
    return CellReading(digits, repair="APPLICANT_NUMBER_TIDIED" if digits != text else "")


def _number_problem(digits: str) -> str:
    if not re.fullmatch(r"[0-9]+", digits):
        return "APPLICANT_NUMBER_NOT_DIGITS"
    if len(digits) != NUMBER_DIGITS:
        return "APPLICANT_NUMBER_LENGTH"
    if digits[0] not in "12":
        return "APPLICANT_NUMBER_FIRST_DIGIT"
    return "" if birth_date_in(digits) else "APPLICANT_NUMBER_NO_DATE"


def birth_date_in(number: str) -> date | None:
    """The birth date that digits 2-9 of a personal number spell, None where they spell no date."""
    try:
        return date(int(number[5:9]), int(number[3:5]), int(number[1:3]))
    except ValueError:
        return None


def mask_number(text: str) -> str:
    """A personal number fit for a screen: the first digit and the last two, dots between (DOMAIN.md H3, class P1)."""
    kept = "".join(text.split())
    return kept[:1] + "•" * (len(kept) - 3) + kept[-2:] if len(kept) > 5 else "•" * len(kept)


# --- length of service -----------------------------------------------------------------------------------------------

_YEARS = r"(?:лет|года?|г\.?|л\.?|жыл|years?|y)\.?"
_MONTHS = r"(?:мес(?:яц(?:а|ев)?)?\.?|м\.|ай|months?)\.?"
_DAYS = r"(?:дн(?:ей|я)?\.?|день|күн|days?)\.?"
_EXPERIENCE = re.compile(
    rf"(?:([0-9]{{1,3}}) ?{_YEARS})?[ ,]*(?:и |жана )?(?:([0-9]{{1,3}}) ?{_MONTHS})?[ ,]*(?:[0-9]{{1,2}} ?{_DAYS})?"
)
_NO_SERVICE = frozenset(("нет", "жок", "без стажа", "стажы жок", "б/с", "не имеет", "none", "no"))


def read_experience(cell: Cell) -> CellReading[Experience]:
    """A length of service: whole years, or years and months in words ("5 лет 3 мес.", "5 жыл 3 ай").

    "5,5" and "2.3" are refused: the fraction may mean months or a part of the year.
    Problems: APPLICANT_SERVICE_ MISSING, NEGATIVE, FRACTION, UNREADABLE.
    """
    text = plain_text(cell).lower()
    if not text or text in {"-", "–", "—"}:
        return CellReading(None, "APPLICANT_SERVICE_MISSING")
    if isinstance(cell, bool):
        return CellReading(None, "APPLICANT_SERVICE_UNREADABLE")
    if re.fullmatch(r"[-−–] ?[0-9]+([.,][0-9]+)?.*", text):
        return CellReading(None, "APPLICANT_SERVICE_NEGATIVE")
    if re.fullmatch(r"[0-9]{1,3}", text):
        return CellReading(Experience(int(text)))
    if re.fullmatch(rf"[0-9]+[.,][0-9]+ ?({_YEARS})?", text):
        return CellReading(None, "APPLICANT_SERVICE_FRACTION")
    return _experience_in_words(text)


def _experience_in_words(text: str) -> CellReading[Experience]:
    if text in _NO_SERVICE:
        return CellReading(Experience(0), repair="APPLICANT_SERVICE_READ", params={"years": 0, "months": 0})
    found = _EXPERIENCE.fullmatch(text)
    if not found or not (found[1] or found[2]):
        return CellReading(None, "APPLICANT_SERVICE_UNREADABLE")
    years, months = int(found[1] or 0), int(found[2] or 0)
    if found[1] and months > 11:
        return CellReading(None, "APPLICANT_SERVICE_UNREADABLE")
    length = Experience(years + months // 12, months % 12)
    return CellReading(length, repair="APPLICANT_SERVICE_READ", params={"years": length.years, "months": length.months})


# --- phone and e-mail ------------------------------------------------------------------------------------------------

COUNTRY_CODE = "996"


def read_phone(cell: Cell) -> CellReading[str]:
    """A phone number as +996 and nine digits; numbers of other countries only where written with their +.

    Of several numbers in one cell the first is taken, and that is told. Problem: APPLICANT_PHONE_UNREADABLE.
    """
    text = plain_text(cell)
    if not text:
        return CellReading(None)
    if states_nothing(cell):
        return CellReading(None, repair="APPLICANT_NOT_STATED")
    several = [part for part in re.split(r"[,;/]|\s(?=\+)|\sжана\s|\sи\s", text) if re.search(r"[0-9]", part)]
    number = _international(several[0]) if several else ""
    if not number:
        return CellReading(None, "APPLICANT_PHONE_UNREADABLE")
    if len(several) > 1:
        return CellReading(number, repair="APPLICANT_PHONE_FIRST_TAKEN", params={"phone": number})
    same = re.sub(r"[\s()-]", "", text) == number
    return CellReading(number, repair="" if same else "APPLICANT_PHONE_READ", params={"phone": number})


def _international(text: str) -> str:
    bare = re.sub(r"(?i)^(тел|моб|сот)\w*[.:]?", "", text.strip())
    compact = re.sub(r"[\s()\-‐–—.]", "", bare)
    if not re.fullmatch(r"\+?[0-9]+", compact):
        return ""
    digits = compact.lstrip("+")
    if compact.startswith("+") and not digits.startswith(COUNTRY_CODE):
        return compact if 10 <= len(digits) <= 15 and not digits.startswith("0") else ""
    for lead in ("00" + COUNTRY_CODE, COUNTRY_CODE, "0", ""):
        national = digits.removeprefix(lead)
        if digits.startswith(lead) and len(national) == 9 and not national.startswith("0"):
            return f"+{COUNTRY_CODE}{national}"
    return ""


_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([a-z0-9](-*[a-z0-9])*\.)+[a-z]{2,}", re.I
)


def read_email(cell: Cell) -> CellReading[str]:
    """An e-mail address, its domain in small letters. Problem: APPLICANT_EMAIL_UNREADABLE."""
    text = plain_text(cell)
    if not text:
        return CellReading(None)
    if states_nothing(cell):
        return CellReading(None, repair="APPLICANT_NOT_STATED")
    bare = text.removeprefix("mailto:").rstrip(".,;")
    if len(bare) > 254 or not _EMAIL.fullmatch(bare):
        return CellReading(None, "APPLICANT_EMAIL_UNREADABLE")
    local, _, domain = bare.rpartition("@")
    address = f"{local}@{domain.lower()}"
    return CellReading(address, repair="APPLICANT_EMAIL_TIDIED" if address != text else "", params={"email": address})


# --- yes or no -------------------------------------------------------------------------------------------------------

_YES = frozenset(("да", "ооба", "бар", "есть", "имеется", "имеются", "+", "v", "✓", "✔", "yes", "y", "true", "1"))
_YES_WORDS = frozenset(("полный", "полностью", "полные", "сданы", "сдал", "сдала", "толук", "тапшырды", "тапшырган"))
_NO = frozenset(("нет", "жок", "-", "–", "—", "отсутствуют", "отсутствует", "no", "n", "false", "0", "✗", "✘"))
_NO_WORDS = frozenset(("неполный", "не полный", "неполные", "не полностью", "не сданы", "толук эмес", "тапшырган эмес"))


def read_yes_no(cell: Cell) -> CellReading[bool]:
    """Whether the documents are complete. An empty cell says neither.

    Problems: APPLICANT_DOCUMENTS_MISSING, APPLICANT_DOCUMENTS_UNREADABLE.
    """
    if isinstance(cell, bool):
        return CellReading(cell)
    text = plain_text(cell).lower().rstrip(".!")
    if not text:
        return CellReading(None, "APPLICANT_DOCUMENTS_MISSING")
    if text in _YES or text in _YES_WORDS:
        return CellReading(True)
    if text in _NO or text in _NO_WORDS:
        return CellReading(False)
    return CellReading(None, "APPLICANT_DOCUMENTS_UNREADABLE")


# --- language of the test --------------------------------------------------------------------------------------------

_LANGUAGES: Mapping[str, frozenset[str]] = {
    "ky": frozenset(("ky", "kg", "кырг", "кыргызский", "киргизский", "кыргызча", "кыргыз", "кыргыз тили", "kyrgyz")),
    "ru": frozenset(("ru", "рус", "русский", "орусча", "орус", "орус тили", "russian")),
    "kk": frozenset(("kk", "kz", "каз", "казахский", "казакча", "казак тили", "қазақша", "қазақ тілі", "kazakh")),
}


def read_language(cell: Cell, offered: Collection[str]) -> CellReading[str]:
    """The language somebody wants to sit the test in, as the panel knows it: ky, ru, kk; empty where none is said.

    `offered`: those of the competition's rules. «Государственный» is not guessed at: it is another one in each country.
    Repair: APPLICANT_LANGUAGE_NOT_READ, with the value left empty; nobody is refused for it.
    """
    text = plain_text(cell).lower().rstrip(".").removeprefix("на ").removesuffix(" язык")
    if not text or states_nothing(cell):
        return CellReading("")
    found = next((language for language, words in _LANGUAGES.items() if text in words), "")
    return CellReading(found) if found in offered else CellReading("", repair="APPLICANT_LANGUAGE_NOT_READ")


# --- education -------------------------------------------------------------------------------------------------------

_NOT_FINISHED = re.compile(
    r"незакон|неокон|неполн|не окон|не полн|н/в|толук эмес|бүтпө|бүтө элек|без |\bнет\b|\bжок\b|эмес"
)
_LEVELS = (
    (
        EducationLevel.HIGHER,
        r"\bвысш|\bжогорку|бакалавр|магистр|\bспециалитет|аспирант|кандидат\w* наук|\bhigher|bachelor|master",
    ),
    (
        EducationLevel.SECONDARY_VOCATIONAL,
        r"\bср\w*[.\s-]*(спец|проф|тех)|орто[- ](кесип|атайын|техник)|атайын орто|техникум|колледж|vocational|college",
    ),
    (EducationLevel.SECONDARY, r"\bсредн|\bорто\b|\bsecondary"),
)


def education_level(text: str) -> EducationLevel:
    """The highest level the words name for certain; UNKNOWN for unfinished, denied or unrecognised education."""
    plain = text.lower().replace("ё", "е")
    if _NOT_FINISHED.search(plain):
        return EducationLevel.UNKNOWN
    return next((level for level, words in _LEVELS if re.search(words, plain)), EducationLevel.UNKNOWN)
