"""The invented body of the demonstration, its staff and its vacancy. Any likeness to real people is chance."""

from __future__ import annotations

from dataclasses import dataclass

from flask_app.domain.identity import (
    ADMINISTRATOR,
    AUDITOR,
    BANK_EDITOR,
    HEAD,
    HR_OFFICER,
    SECRETARY,
    TRAINING_OFFICER,
)
from flask_app.services.bodies import BodyProfile

PACK = "kg-mun-2006"
COMPETITION = "K-1"
SESSION = "k1"
ORDER = "TO-1"
EXAM_COURSE = "KYZMAT-EXAMS"
TRAINING_COURSE = "KYZMAT-TRAINING"
INSTITUTION = "academy-demo"
INSTITUTION_COURSE = "LSG-36"

BODY = BodyProfile(
    code="demo",
    jurisdiction="KG",
    name={"ky": "Булак айыл өкмөтү (көрсөтмө)", "ru": "Айыл окмоту Булак (демонстрация)"},
    address={"ky": "Булак айылы, Достук көчөсү, 1", "ru": "с. Булак, ул. Достук, 1"},
    place={"ky": "Булак айылы", "ru": "с. Булак"},
    time_zone="Asia/Bishkek",
)


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who logs in. `seat`: role in the commission, empty for those outside it."""

    login: str
    name: str
    roles: tuple[str, ...]
    seat: str = ""
    post_ky: str = ""
    post_ru: str = ""


STAFF: tuple[Staff, ...] = (
    Staff("admin", "Сыдыков Нурбек Асан уулу", (ADMINISTRATOR,)),
    Staff("hr", "Жумабаева Гүлнара Токтосуновна", (HR_OFFICER,)),
    Staff(
        "secretary",
        "Касымова Айгүл Бакыт кызы",
        (SECRETARY,),
        "secretary",
        "кадр иштери боюнча башкы адис",
        "главный специалист по кадрам",
    ),
    Staff(
        "chair",
        "Эргешов Таалай Мукашевич",
        (),
        "chair",
        "аппарат жетекчиси",
        "руководитель аппарата",
    ),
    Staff("member1", "Төлөгөнова Жылдыз Сапаровна", (), "member", "башкы эсепчи", "главный бухгалтер"),
    Staff(
        "member2",
        "Өмүрбеков Данияр Эсен уулу",
        (),
        "member",
        "жер иштери боюнча башкы адис",
        "главный специалист по земельным вопросам",
    ),
    Staff(
        "member3",
        "Ибраимова Чолпон Келдибековна",
        (),
        "member",
        "айылдык кеңештин депутаты",
        "депутат айылного кенеша",
    ),
    Staff(
        "member4",
        "Бейшеналиев Үсөн Рыскулович",
        (),
        "member",
        "коомдук кеңештин өкүлү",
        "представитель общественного совета",
    ),
    Staff("head", "Маматов Кубанычбек Шералиевич", (HEAD,)),
    Staff("banks", "Сооронбаева Динара Аскаровна", (BANK_EDITOR,)),
    Staff("banks2", "Токтомушев Илим Сапарович", (BANK_EDITOR,)),
    Staff("training", "Абдыкадырова Нуриза Болотовна", (TRAINING_OFFICER,)),
    Staff("auditor", "Осмонов Эрлан Качкынович", (AUDITOR,)),
)

COMMISSION_NAME = {"ky": "Аттестациялык жана конкурстук комиссия", "ru": "Аттестационная и конкурсная комиссия"}

POSITION = {
    "title": {
        "ky": "Муниципалдык менчик жана чарба бөлүмүнүн башкы адиси",
        "ru": "Главный специалист отдела муниципальной собственности и хозяйства",
    },
    "unit": {"ky": "Муниципалдык менчик жана чарба бөлүмү", "ru": "Отдел муниципальной собственности и хозяйства"},
    "category": {"ky": "Улук топ, С-А категориясы", "ru": "Старшая группа, категория С-А"},
}

ANNOUNCEMENT = {
    "body_name_and_address": {
        "ky": "Булак айыл өкмөтү, Булак айылы, Достук көчөсү, 1",
        "ru": "Айыл окмоту Булак, с. Булак, ул. Достук, 1",
    },
    "position": POSITION["title"],
    "qualification_requirements": {
        "ky": "Жогорку билим; кеминде 2 жыл кызмат стажы же адистиги боюнча кеминде 3 жыл иш стажы",
        "ru": "Высшее образование; стаж службы не менее 2 лет или по специальности не менее 3 лет",
    },
    "functional_duties": {
        "ky": "Муниципалдык мүлктү эсепке алуу, келишимдерди жана отчетторду даярдоо",
        "ru": "Учёт муниципального имущества, подготовка договоров и отчётов",
    },
    "required_documents": {
        "ky": (
            "Арыз, кадрларды эсепке алуу баракчасы, сүрөт, паспорттун көчүрмөсү, билими жана стажы жөнүндө документтер"
        ),
        "ru": "Заявление, листок по учёту кадров, фотография, копия паспорта, документы об образовании и стаже",
    },
    "filing_place_and_time": {
        "ky": "Айыл өкмөтүнүн имараты, 4-кабинет, жумуш күндөрү саат 9дан 17ге чейин",
        "ru": "Здание айыл окмоту, кабинет 4, рабочие дни с 9 до 17 часов",
    },
    "competition_place_and_time": {
        "ky": "Айыл өкмөтүнүн имараты, компьютер классы; убактысы талапкерлерге кеминде бир жума мурда билдирилет",
        "ru": "Здание айыл окмоту, компьютерный класс; время сообщается кандидатам не менее чем за неделю",
    },
}

TRAINEES: tuple[str, ...] = (
    "Асанбекова Мээрим Руслановна",
    "Жолдошев Бакыт Асан уулу",
    "Кадырова Сайкал Марат кызы",
    "Мурзаев Эмил Токтогулович",
    "Турдубаева Назгүл Эркиновна",
)

PROCTOR = "Шаршенов Азамат Кубатович"
