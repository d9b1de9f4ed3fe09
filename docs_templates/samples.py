"""Realistic facts for checking templates: long names with уулу and кызы, long posts, several pages.

The people and the village are invented; rules and figures are those of the pack `kg-mun-2006`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from itertools import islice

from flask_app.ports.paper import (
    AnnouncementItem,
    AppliedRule,
    AppointmentOrder,
    Bilingual,
    CommissionPerson,
    CommissionProtocol,
    CompetitionAnnouncement,
    EvaluationLine,
    Letterhead,
    PaperFrame,
    Recording,
    RecusalLine,
    Registration,
    ResultRow,
    TestResultSheet,
    TrainingPersonRow,
    TrainingReport,
    TrainingStageRow,
    UnvotedLine,
    VoteLine,
)

BISHKEK = timezone(timedelta(hours=6))
HELD_ON = date(2026, 11, 21)

BODY = Letterhead(
    name=Bilingual("Ысык-Көл районунун Ак-Булуң айыл өкмөтү", "Айыл окмоту Ак-Булун Иссык-Кульского района"),
    address=Bilingual(
        "722360, Ысык-Көл облусу, Ысык-Көл району, Ак-Булуң айылы, Манас көчөсү, 15",
        "722360, Иссык-Кульская область, Иссык-Кульский район, село Ак-Булун, улица Манаса, 15",
    ),
    place=Bilingual("Ак-Булуң айылы", "село Ак-Булун"),
)
POSITION = Bilingual(
    "Жер маселелери жана муниципалдык менчикти башкаруу боюнча башкы адис",
    "главный специалист по земельным вопросам и управлению муниципальной собственностью",
)
DECREE = Bilingual(
    "КР Президентинин 2006-жылдын 28-июнундагы № 327 Жарлыгы менен бекитилген Жобо",
    "Положение, утверждённое Указом Президента КР от 28 июня 2006 г. № 327",
)
RULES = (
    AppliedRule(
        Bilingual("Аңгемелешүүгө киргизүү", "Допуск к собеседованию"),
        Bilingual("мүмкүн болгон баллдын кеминде 50 %", "не менее 50 % возможных баллов"),
        DECREE,
        "unverified",
    ),
    AppliedRule(
        Bilingual("Жеңүүчүнү аныктоо", "Определение победителя"),
        Bilingual("жыйынга катышкан мүчөлөрдүн жөнөкөй көпчүлүгү", "простое большинство участвовавших членов комиссии"),
        DECREE,
        "unverified",
    ),
    AppliedRule(
        Bilingual("Ички резервге сунуштоо", "Рекомендация во внутренний резерв"),
        Bilingual("баллдардын кеминде 75 %", "не менее 75 % баллов"),
        DECREE,
        "unverified",
    ),
)
FAMILIES = (
    "Абдырахманова", "Бейшеналиев", "Осмонбек уулу", "Жээнбекова", "Чыңгыз кызы", "Өмүрбеков", "Түлөбердиев",
    "Сыдыкова", "Кулмурзаева", "Төрөкулов", "Исакова-Шаршенбекова", "Ёлкин",
)  # fmt: skip
GIVEN = (
    "Айгүл Асанбековна", "Нурлан Кубанычбекович", "Эрлан", "Гүлзат Өмүрбековна", "Назгүл", "Бакыт Төлөгөнович",
    "Алмазбек Жумабекович", "Мээрим Сагынбаевна", "Элнура", "Улан Түгөлбаевич", "Жаңыл Мырзакансыдыковна",
)  # fmt: skip
POSTS = (
    Bilingual("айыл өкмөтүнүн башчысынын орун басары", "заместитель главы айыл окмоту"),
    Bilingual("айылдык кеңештин депутаты", "депутат айылного кенеша"),
    Bilingual("айыл өкмөтүнүн жооптуу катчысы", "ответственный секретарь айыл окмоту"),
    Bilingual(
        "Мамлекеттик жарандык кызмат агенттигинин аймактык бөлүмүнүн башкы адиси",
        "главный специалист территориального подразделения агентства по делам государственной службы",
    ),
    Bilingual("финансы-экономика бөлүмүнүн башчысы", "начальник финансово-экономического отдела"),
    Bilingual("башкы адис-юрист", "главный специалист-юрист"),
    Bilingual("коомдук кеңештин мүчөсү", "член общественного совета"),
)


def people(count: int) -> tuple[str, ...]:
    """Different names: the family and the given names run against each other."""
    return tuple(islice(_names(), count))


def _names() -> Iterator[str]:
    for place in range(len(FAMILIES) * len(GIVEN)):
        yield f"{FAMILIES[place % len(FAMILIES)]} {GIVEN[place % len(GIVEN)]}"


def frame(document: str, registration: Registration | None) -> PaperFrame:
    return PaperFrame(document, BODY, registration, "kg-mun-2006 v1", "a.sydykova")


ITEMS = (
    AnnouncementItem(
        Bilingual("Органдын аталышы жана юридикалык дареги", "Наименование органа и юридический адрес"),
        Bilingual(f"{BODY.name.ky}, {BODY.address.ky}", f"{BODY.name.ru}, {BODY.address.ru}"),
    ),
    AnnouncementItem(Bilingual("Кызмат орду", "Должность"), POSITION),
    AnnouncementItem(
        Bilingual("Квалификациялык талаптар", "Квалификационные требования"),
        Bilingual(
            "Жогорку билим: юридикалык, экономикалык же жер түзүү адистиги\n"
            "Кеминде 2 жыл кызмат стажы же адистиги боюнча кеминде 3 жыл иш стажы",
            "Высшее образование: юридическое, экономическое или землеустройство\n"
            "Стаж службы не менее 2 лет или по специальности не менее 3 лет",
        ),
    ),
    AnnouncementItem(
        Bilingual("Функциялык милдеттер", "Функциональные обязанности"),
        Bilingual(
            "Жер участокторунун жана муниципалдык мүлктүн эсебин жүргүзүү\n"
            "Ижара келишимдеринин долбоорлорун даярдоо\n"
            "Жарандардын арыздарын кароо",
            "Вести учёт земельных участков и муниципального имущества\n"
            "Готовить проекты договоров аренды\n"
            "Рассматривать обращения граждан",
        ),
    ),
    AnnouncementItem(
        Bilingual("Тапшырылуучу документтер", "Перечень документов"),
        Bilingual(
            "Жеке арыз, кадрларды эсепке алуу баракчасы, сүрөт, паспорттун көчүрмөсү, билими жана стажы жөнүндө "
            "документтер",
            "Личное заявление, листок по учёту кадров, фотография, копия паспорта, документы об образовании и стаже",
        ),
    ),
    AnnouncementItem(
        Bilingual("Документ тапшыруунун орду жана убактысы", "Место и время подачи документов"),
        Bilingual(
            "Айыл өкмөтүнүн имараты, 4-кабинет, жумуш күндөрү саат 9.00дөн 17.00гө чейин",
            "Здание айыл окмоту, кабинет 4, рабочие дни с 9.00 до 17.00",
        ),
    ),
    AnnouncementItem(
        Bilingual("Конкурс өткөрүүнүн орду жана убактысы", "Место и время проведения конкурса"),
        Bilingual(
            "Айыл өкмөтүнүн компьютердик классы, 2026-жылдын 19-ноябры, саат 10.00",
            "Компьютерный класс айыл окмоту, 19 ноября 2026 г., 10.00",
        ),
    ),
)


def announcement(letter: Registration | None = None) -> CompetitionAnnouncement:
    return CompetitionAnnouncement(
        frame=frame("0193f6a2-7c41-7d0e-9b52-6f1c2a3d4e03", None),
        kind=Bilingual("Ачык конкурс", "Открытый конкурс"),
        position=POSITION,
        items=ITEMS,
        act=DECREE,
        point="unverified",
        letter=letter,
        drafted_on=date(2026, 10, 5),
    )


def result_sheet(count: int = 12, registration: Registration | None = None) -> TestResultSheet:
    """`count` candidates; every seventh did not come."""
    return TestResultSheet(
        frame=frame("0193f6a2-7c41-7d0e-9b52-6f1c2a3d4e11", registration),
        position=POSITION,
        session_on=date(2026, 11, 19),
        session_place=Bilingual(
            "Ак-Булуң айыл өкмөтүнүн компьютердик классы", "компьютерный класс айыл окмоту Ак-Булун"
        ),
        block_names=(Bilingual("Негизги тест", "Основной тест"), Bilingual("Предметтик тест", "Предметный тест")),
        pass_percent=50,
        reserve_percent=75,
        rows=tuple(_result(place, name) for place, name in enumerate(people(count))),
        bank_versions=("kg-general 2026.2", "kg-subject-lsg 2026.1"),
        selection_seed="8c1f4e0b92d7",
        attempts_sha256="9f2b7c1d5e8a4f60b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0",
        proctor="Төрөкулов Улан Түгөлбаевич",
        secretary="Кулмурзаева Элнура Мырзакансыдыковна",
        chair="Бейшеналиев Алмазбек Жумабекович",
        rules=RULES,
    )


def _result(place: int, name: str) -> ResultRow:
    if place % 7 == 6:
        return ResultRow(name, ((0, 30), (0, 30)), 0, 60, "0", False, False, f"A{place:02}", None, None, present=False)
    general, subject = 12 + place * 5 % 18, 11 + place * 7 % 19
    total = general + subject
    return ResultRow(
        name=name,
        blocks=((general, 30), (subject, 30)),
        total=total,
        maximum=60,
        percent=f"{total * 100 / 60:.2f}",
        passed=total >= 30,
        reserve_eligible=total >= 45,
        form_code=f"A{place:02}",
        attempt_id=4100 + place,
        finished_at=datetime(2026, 11, 19, 10, 20, tzinfo=BISHKEK) + timedelta(minutes=place * 3),
    )


RECORDING = Recording(
    Bilingual("аудио жана видео", "аудио и видео"),
    "rec-2026-000417",
    "1c7d5e8a4f60b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a09f2b",
    152,
)


def commission() -> tuple[CommissionPerson, ...]:
    """Seven members with a vote (the last is absent) and a secretary without one."""
    names = ("Бейшеналиев Алмазбек Жумабекович", "Исакова-Шаршенбекова Жаңыл Мырзакансыдыковна",
             "Осмонбек уулу Нурлан", "Чыңгыз кызы Гүлзат", "Төрөкулов Улан Түгөлбаевич",
             "Сыдыкова Мээрим Сагынбаевна", "Өмүрбеков Бакыт Төлөгөнович")  # fmt: skip
    chair = CommissionPerson(names[0], POSTS[0], "chair", votes=True)
    deputy = CommissionPerson(names[1], POSTS[1], "deputy_chair", votes=True)
    members = [
        CommissionPerson(name, post, "member", votes=True) for name, post in zip(names[2:], POSTS[2:], strict=True)
    ]
    secretary = CommissionPerson("Кулмурзаева Элнура Мырзакансыдыковна", POSTS[2], "secretary", votes=False)
    return (chair, deputy, *members, secretary)


def with_substitute(facts: CommissionProtocol) -> CommissionProtocol:
    """Somebody sits in the place of the absent member, and abstains."""
    member = facts.absent[0].name
    one = CommissionPerson("Жээнбекова Сайкал Эркиновна", POSTS[2], "substitute", votes=True, in_place_of=member)
    votes = tuple(replace(vote, abstained=vote.abstained + 1) for vote in facts.votes)
    return replace(facts, present=(*facts.present, one), votes=votes)


def protocol(
    count: int = 5, registration: Registration | None = None, *, with_winner: bool = True
) -> CommissionProtocol:
    """`count` candidates; six of seven members took part, one stood aside in the second vote."""
    everyone = commission()
    away = everyone[6]
    absent = CommissionPerson(
        away.name, away.post, "member", votes=True, absence_reason=Bilingual("иш сапарында", "служебная командировка")
    )
    names = people(count + 4)
    return CommissionProtocol(
        frame=frame("0193f6a2-7c41-7d0e-9b52-6f1c2a3d4e16", registration),
        position=POSITION,
        held_on=HELD_ON,
        started_at=datetime(2026, 11, 21, 10, 0, tzinfo=BISHKEK),
        ended_at=datetime(2026, 11, 21, 12, 35, tzinfo=BISHKEK),
        form="in_person",
        place=Bilingual("Ак-Булуң айыл өкмөтүнүн чоң жыйындар залы", "большой зал заседаний айыл окмоту Ак-Булун"),
        present=(*everyone[:6], everyone[7]),
        absent=(absent,),
        members_total=7,
        quorum_required=None,
        rules=RULES,
        secret_ballot=True,
        votes=tuple(_vote(place, name, with_winner) for place, name in enumerate(names[:count])),
        winner=names[0] if with_winner else None,
        reserve=names[1:3],
        not_admitted=(
            (
                names[-2],
                Bilingual("квалификациялык талаптарга ылайык келбейт", "не соответствует квалификационным требованиям"),
            ),
            (
                names[-1],
                Bilingual(
                    "мыйзамда белгиленген тартипте жоюлбаган соттуулугу бар",
                    "имеется судимость, не снятая и не погашенная в установленном законом порядке",
                ),
            ),
        ),
        annexes=(
            Bilingual("тестирлөөнүн жыйынтык ведомосту", "ведомость результатов тестирования"),
            Bilingual("мүчөлөрдүн баалоо баракчалары", "оценочные листы членов комиссии"),
        ),
        recording=RECORDING,
        recusals=tuple(
            RecusalLine(everyone[3].name, name, Bilingual("жакын тууганы", "близкий родственник"))
            for name in names[1:count][:1]
        ),
        unvoted=(
            UnvotedLine(names[count], "missed", HELD_ON),
            UnvotedLine(names[count + 1], "withdrew", HELD_ON - timedelta(days=2)),
        ),
        competences=COMPETENCES,
        evaluations=tuple(
            EvaluationLine(name, member.name, () if (row, place) == (1, 3) else _marks(row, place))
            for row, name in enumerate(names[:count])
            for place, member in enumerate(everyone[:6])
        ),
    )


def _marks(row: int, place: int) -> tuple[int, ...]:
    return tuple(3 + (row + place + number) % 3 for number, _ in enumerate(COMPETENCES))


COMPETENCES = (
    Bilingual("натыйжага умтулуу", "ориентация на результат"),
    Bilingual("командада иштөө", "командная работа"),
    Bilingual("жоопкерчилик", "ответственность"),
)


def _vote(place: int, name: str, with_winner: bool) -> VoteLine:
    in_favour, abstained, recused = ((4 if with_winner else 3), 1, 0) if place == 0 else (1, 1, int(place == 1))
    return VoteLine(
        name=name,
        in_favour=in_favour,
        against=6 - in_favour - abstained - recused,
        abstained=abstained,
        recused=recused,
        mean_mark=f"{4.75 - place % 8 * 0.25:.2f}",
        test_total=52 - place % 20,
        test_maximum=60,
        practical=(f"{9 - place % 8 * 0.5:g}", "10") if place else None,
    )


def order(registration: Registration | None = None) -> AppointmentOrder:
    return AppointmentOrder(
        frame=frame("0193f6a2-7c41-7d0e-9b52-6f1c2a3d4e19", registration),
        appointee="Исакова-Шаршенбекова Жаңыл Мырзакансыдыковна",
        position=POSITION,
        unit=Bilingual("Жер жана муниципалдык менчик бөлүмү", "отдел земли и муниципальной собственности"),
        category=Bilingual("административдик кызмат орду, улук топ", "административная должность, старшая группа"),
        appointed_from=date(2026, 12, 1),
        probation_months=3,
        protocol=Registration("12", HELD_ON),
        basis=(
            Bilingual(
                "«Мамлекеттик жарандык кызмат жана муниципалдык кызмат жөнүндө» Мыйзам, 2021-жылдын 27-октябры, № 125",
                "Закон «О государственной гражданской службе и муниципальной службе» от 27 октября 2021 г. № 125",
            ),
        ),
        head_name="Бейшеналиев Алмазбек Жумабекович",
        head_post=Bilingual(
            "Ысык-Көл районунун Ак-Булуң айыл өкмөтүнүн башчысы", "Глава айыл окмоту Ак-Булун Иссык-Кульского района"
        ),
    )


STAGES = (
    Bilingual("окуу муктаждыктарын баалоо", "оценка потребностей в обучении"),
    Bilingual("ведомстволук заказды түзүү жана бекитүү", "формирование и утверждение ведомственного заказа"),
    Bilingual("заказды жайгаштыруу", "размещение заказа"),
    Bilingual("окутууну өткөрүү", "проведение обучения"),
    Bilingual("контролдоо, мониторинг жана баалоо", "контроль, мониторинг и оценка"),
    Bilingual("жыйынтыктар боюнча отчет", "отчёт по итогам обучения"),
)
RESULTS: tuple[tuple[str, str], ...] = (("87.5", "КБ-2026-01{:02}"), ("64", "КБ-2026-01{:02}"), ("", ""))


def training_report(count: int = 14, registration: Registration | None = None) -> TrainingReport:
    """`count` people; every third is still learning."""
    learners = tuple(_learner(place, name) for place, name in enumerate(people(count)))
    done = sum(person.result == "passed" for person in learners)
    days = (date(2026, 1, 20), date(2026, 2, 16), date(2026, 3, 11), date(2026, 9, 30), date(2026, 10, 15), None)
    return TrainingReport(
        frame=frame("0193f6a2-7c41-7d0e-9b52-6f1c2a3d4e53", registration),
        year=2026,
        order_number="4-О",
        stages=tuple(
            TrainingStageRow(name, day, Bilingual("", "") if day else Bilingual("даярдалууда", "готовится"))
            for name, day in zip(STAGES, days, strict=True)
        ),
        body_funds="12480000.00",
        money_planned="131040.00",
        money_spent="118500.50",
        share_percent="1.05",
        share_required_percent="1",
        persons_planned=count + 2,
        persons_enrolled=count,
        persons_completed=done,
        people=learners,
        hr_name="Сыдыкова Мээрим Сагынбаевна",
        head_name="Бейшеналиев Алмазбек Жумабекович",
        head_post=Bilingual("Айыл өкмөтүнүн башчысы", "Глава айыл окмоту"),
        rules=(
            AppliedRule(
                Bilingual("Окутууга каражаттын үлүшү", "Доля средств на обучение"),
                Bilingual("кеминде 1 %", "не менее 1 %"),
                Bilingual(
                    "Муниципалдык кызматчыларды окутуу боюнча резолюция", "Резолюция об обучении муниципальных служащих"
                ),
                "unverified",
            ),
        ),
    )


def _learner(place: int, name: str) -> TrainingPersonRow:
    score, document = RESULTS[place % 3]
    return TrainingPersonRow(
        name=name,
        programme=Bilingual("Жергиликтүү бюджетти түзүү жана аткаруу", "Формирование и исполнение местного бюджета"),
        hours=72,
        institution=Bilingual(
            "КР Президентине караштуу Мамлекеттик башкаруу академиясы",
            "Академия государственного управления при Президенте КР",
        ),
        result="passed" if score else "in-progress",
        score=score,
        document_number=document.format(place),
    )
