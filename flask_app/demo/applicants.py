"""A spreadsheet of applicants as an office sends it: a title above the head, good rows, and a few that cannot go in."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta

import xlsxwriter

SURNAMES = (
    "Абдиев", "Акматов", "Бакиров", "Жапаров", "Исаков", "Калыков", "Мамбетов", "Нурматов", "Орозов", "Садыков",
    "Токтоев", "Үсөнов", "Чороев", "Шаршеев", "Эсенов", "Өмүров", "Бектенов", "Дүйшеев", "Кожоев", "Сулайманов",
)  # fmt: skip
MEN = ("Азамат", "Бакыт", "Данияр", "Жоомарт", "Кубат", "Нурлан", "Руслан", "Улан", "Чыңгыз", "Эрмек")
WOMEN = ("Айгерим", "Бегимай", "Гүлзат", "Жаркын", "Мээрим", "Назгүл", "Салтанат", "Үмүт", "Чолпон", "Элнура")
FATHERS = ("Асан", "Болот", "Искен", "Марат", "Самат", "Талант", "Эсен", "Шамиль", "Токтогул", "Кеңеш")
HEAD = (
    "№ п/п", "ФИО / Аты-жөнү", "ЖСН (ПИН)", "Дата рождения", "Образование", "Общий стаж службы (лет)",
    "Стаж по специальности", "Телефон", "E-mail", "Документы (да/нет)",
)  # fmt: skip
FIRST_BIRTH = date(1972, 3, 5)


@dataclass(frozen=True, slots=True)
class InventedApplicant:
    """One row; `number` counts from 0 and decides everything else."""

    number: int

    @property
    def woman(self) -> bool:
        return self.number % 2 == 1

    @property
    def name(self) -> str:
        """Surname, given name and patronymic, half of them with уулу or кызы; unique for the first 2,000."""
        n = self.number
        surname, father = SURNAMES[n % len(SURNAMES)], FATHERS[(n // 20) % len(FATHERS)]
        given = (WOMEN if self.woman else MEN)[(n // 2 + n // 200) % 10]
        kin = "кызы" if self.woman else "уулу"
        patronymic = f"{father} {kin}" if n % 4 < 2 else f"{father}{'овна' if self.woman else 'ович'}"
        return f"{surname}{'а' if self.woman else ''} {given} {patronymic}"

    @property
    def birth_date(self) -> date:
        return FIRST_BIRTH + timedelta(days=37 * self.number % 9_000)

    @property
    def personal_number(self) -> str:
        return f"{1 + self.woman}{self.birth_date:%d%m%Y}{self.number:05d}"

    @property
    def phone(self) -> str:
        return f"+996 700 {self.number // 1000:03d} {self.number % 1000:03d}"

    def row(self) -> list[object]:
        return [
            self.number + 1,
            self.name,
            self.personal_number,
            self.birth_date,
            "высшее" if self.number % 3 else "жогорку",
            4 + self.number % 20,
            3 + self.number % 15,
            self.phone,
            f"applicant{self.number + 1}@example.kg" if self.number % 2 else "",
            "да" if self.number % 2 else "ооба",
        ]


def spreadsheet(count: int) -> bytes:
    """`count` good rows and four that are refused, each for its own reason."""
    rows = [InventedApplicant(number).row() for number in range(count)]
    rows[3:3] = _rows_with_faults(count)
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "dd.mm.yyyy"}) as book:
        sheet = book.add_worksheet("Тизме")
        heading = book.add_format({"bold": True, "align": "center"})
        sheet.merge_range(0, 0, 0, len(HEAD) - 1, "Арыз бергендердин тизмеси / Список подавших заявление", heading)
        sheet.write_row(3, 0, HEAD, book.add_format({"bold": True, "text_wrap": True}))
        for place, row in enumerate(rows, start=4):
            sheet.write_row(place, 0, row)
        sheet.set_column(1, 1, 36)
    return buffer.getvalue()


def _rows_with_faults(count: int) -> list[list[object]]:
    impossible = InventedApplicant(count + 1).row()
    impossible[3] = "31.02.1991"
    cut = InventedApplicant(count + 2).row()
    cut[2] = str(cut[2])[:13]
    nameless = InventedApplicant(count + 3).row()
    nameless[1] = ""
    return [impossible, cut, nameless, InventedApplicant(0).row()]
