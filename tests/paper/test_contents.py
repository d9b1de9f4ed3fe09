"""What stands on the paper: every fact in both languages, formulas, blanks, decisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta

import pytest

from docs_templates import samples
from docs_templates.registry import TEMPLATES
from docs_templates.renderer import TemplatePaperMaker
from flask_app.ports.paper import Bilingual, CommissionProtocol, PaperFacts, Registration
from tests.paper.word import CP, DC, Paper

REGISTERED = Registration("17-К", date(2026, 11, 23))
SIGNED: tuple[PaperFacts, ...] = (
    samples.result_sheet(12, REGISTERED),
    replace(samples.protocol(5, REGISTERED), dissents=("Чыңгыз кызы Гүлзат",)),
    samples.order(REGISTERED),
    samples.training_report(14, REGISTERED),
)
DRAFTS: tuple[PaperFacts, ...] = tuple(template.sample() for template in TEMPLATES.values())
KINDS = list(TEMPLATES)
NUMBERED = [kind for kind in KINDS if kind != "D03"]
"""The announcement has no number: `test_announcement`."""
# Fields that are spelled another way (tested apart) or that stand in the footer or the file's properties.
SPELLED = {"practical", "percent", "mean_mark", "score", "body_funds", "money_planned", "money_spent", "share_percent"}
ELSEWHERE = {
    "author_login",
    "rule_pack",
    "document_id",
    "share_required_percent",
    "role",
    "result",
    "form",
    "point",
    "why",
}


def leaves(value: object, name: str = "") -> Iterator[tuple[str, Bilingual | str]]:
    """Every text of the facts with its field's name; of a person who did not come only the name is printed."""
    if isinstance(value, Bilingual | str):
        yield name, value
    elif isinstance(value, tuple):
        for item in value:
            yield from leaves(item, name)
    elif is_dataclass(value):
        for field in fields(value):
            if not (getattr(value, "present", True) is False and field.name == "percent"):
                yield from leaves(getattr(value, field.name), field.name)


@pytest.mark.parametrize("facts", SIGNED, ids=NUMBERED)
def test_every_text_stands_in_both_parts(facts: PaperFacts, maker: TemplatePaperMaker) -> None:
    paper = Paper(maker.render(facts).content)
    ky, ru = paper.text("ky"), paper.text("ru")

    for name, value in leaves(facts):
        if name in ELSEWHERE:
            continue
        wanted = value if isinstance(value, Bilingual) else Bilingual(value, value)
        if name in SPELLED:
            wanted = Bilingual(wanted.ky.replace(".", ","), wanted.ru.replace(".", ","))
            ky, ru = ky.replace(" ", ""), ru.replace(" ", "")
        assert wanted.ky.replace(" ", "") in ky.replace(" ", ""), name
        assert wanted.ru.replace(" ", "") in ru.replace(" ", ""), name


@pytest.mark.parametrize("facts", SIGNED, ids=NUMBERED)
def test_number_date_and_origin(facts: PaperFacts, maker: TemplatePaperMaker) -> None:
    printed = maker.render(facts)
    paper = Paper(printed.content)

    assert "№ 17-К" in paper.text("ky")
    assert "№ 17-К" in paper.text("ru")
    assert "2026-жылдын 23-ноябры" in paper.text("ky")
    assert "23 ноября 2026 г." in paper.text("ru")
    origin = f"kg-mun-2006 v1 · {printed.kind} {printed.template_version} · {facts.frame.document_id}"
    assert paper.edge("footer1") == paper.edge("footer2") == origin


@pytest.mark.parametrize("facts", DRAFTS, ids=KINDS)
def test_a_draft_has_blanks(facts: PaperFacts, maker: TemplatePaperMaker) -> None:
    paper = Paper(maker.render(facts).content)

    assert "№ ________" in paper.text("ky")
    assert "№ ________" in paper.text("ru")
    assert "20___-жылдын «___» __________" in paper.text("ky")
    assert "«___» ____________ 20___ г." in paper.text("ru")
    assert paper.core(f"{CP}contentStatus") == "Draft"


@pytest.mark.parametrize("facts", SIGNED, ids=NUMBERED)
def test_the_file_knows_what_it_is(facts: PaperFacts, maker: TemplatePaperMaker) -> None:
    printed = maker.render(facts)
    paper = Paper(printed.content)

    assert paper.core(f"{DC}creator") == samples.BODY.name.ky
    assert paper.core(f"{DC}subject").replace("\u00a0", " ") == "№ 17-К, 2026-жылдын 23-ноябры"
    assert paper.core(f"{DC}identifier") == facts.frame.document_id
    assert paper.core(f"{DC}language") == "ky-KG"
    assert paper.core(f"{CP}lastModifiedBy") == "a.sydykova"
    assert paper.core(f"{CP}category") == printed.kind
    assert paper.core(f"{CP}version") == printed.template_version
    assert paper.core(f"{CP}contentStatus") == "Final"
    assert "2026-11-23T00:00:00Z" in paper.members["docProps/core.xml"].decode()


def protocol_text(maker: TemplatePaperMaker, facts: CommissionProtocol, language: str) -> str:
    return Paper(maker.render(facts).content).text(language)


def test_attendance_counts_members_with_a_vote_only(maker: TemplatePaperMaker) -> None:
    facts = samples.protocol()

    assert len(facts.present) == 7  # with the secretary, who has no vote
    assert "Члены комиссии с правом голоса: присутствуют 6 из 7." in protocol_text(maker, facts, "ru")
    assert "Добуш укугу бар мүчөлөр: бардыгы – 7, катышканы – 6." in protocol_text(maker, facts, "ky")


def test_a_substitute_is_present_in_the_place_of_who_is_absent(maker: TemplatePaperMaker) -> None:
    """Seven members still; the substitute signs among them."""
    facts = samples.with_substitute(samples.protocol())
    absent, name = facts.absent[0].name, facts.present[-1].name

    attendance = "Члены комиссии с правом голоса: присутствуют 7 из 7, в том числе замещающих – 1."
    assert attendance in protocol_text(maker, facts, "ru")
    role = f"замещающий член комиссии (вместо отсутствующего члена: {absent}), с правом голоса"
    assert role in protocol_text(maker, facts, "ru")
    assert f"алмаштыруучу мүчө (келбеген мүчөнүн ордуна: {absent})" in protocol_text(maker, facts, "ky")
    assert protocol_text(maker, facts, "ru").count(name) == 2  # among the present, and to sign


@pytest.mark.parametrize(
    ("required", "ky", "ru"),
    [
        (
            None,
            "Кворум: kg-mun-2006 v1 эрежелер топтому кворумду белгилебейт.",
            "Кворум: пакет правил kg-mun-2006 v1 кворум не устанавливает.",
        ),
        (
            5,
            "Кворум: талап кылынганы – 5, катышканы – 6; кворум бар.",
            "Кворум: требуется 5, присутствуют 6; кворум имеется.",
        ),
    ],
)
def test_the_quorum_that_was_applied(required: int | None, ky: str, ru: str, maker: TemplatePaperMaker) -> None:
    facts = replace(samples.protocol(), quorum_required=required)

    assert ky in protocol_text(maker, facts, "ky")
    assert ru in protocol_text(maker, facts, "ru")


def test_a_sitting_without_quorum_is_minuted_without_votes(maker: TemplatePaperMaker) -> None:
    facts = replace(samples.protocol(), quorum_required=7, votes=(), winner=None, reserve=(), not_admitted=())
    facts = replace(facts, recusals=(), evaluations=())

    assert "1. Из-за отсутствия кворума решения не принимались." in protocol_text(maker, facts, "ru")
    assert "Кандидатов, поставленных на голосование, нет." in protocol_text(maker, facts, "ru")
    assert "кворум жок" in protocol_text(maker, facts, "ky")
    assert "кворума нет" in protocol_text(maker, facts, "ru")


def test_votes_stand_in_their_columns(maker: TemplatePaperMaker) -> None:
    facts = samples.protocol()
    paper = Paper(maker.render(facts).content)
    table = paper.table("ru", "«за»")

    assert table[0] == ["№", "Кандидат", "«за»", "«против»", "«воздержались»", "самоотвод"]
    assert paper.table("ky", "«макул»")[0][2:5] == ["«макул»", "«каршы»", "«калыс»"]
    assert table[1:] == [
        [str(place), vote.name, *map(str, (vote.in_favour, vote.against, vote.abstained, vote.recused))]
        for place, vote in enumerate(facts.votes, 1)
    ]


def test_decisions_in_order(maker: TemplatePaperMaker) -> None:
    facts = samples.protocol()
    position, winner = facts.position.ru, facts.winner
    lines = Paper(maker.render(facts).content).paragraphs("ru")
    start = lines.index("РЕШИЛИ:")

    assert lines[start + 1 : start + 9] == [
        f"1. Признать победителем конкурса на должность «{position}»:",
        f"– {winner} («за» – 4, участвовало в заседании членов комиссии – 6)",
        "2. Рекомендовать во внутренний кадровый резерв (результат теста не менее 75 %):",
        f"– {facts.reserve[0]} – 51 из 60",
        f"– {facts.reserve[1]} – 50 из 60",
        "3. Не допускать к конкурсу по основанию:",
        f"– {facts.not_admitted[0][0]} – {facts.not_admitted[0][1].ru}",
        f"– {facts.not_admitted[1][0]} – {facts.not_admitted[1][1].ru}",
    ]


def test_an_internal_competition_that_found_nobody_is_followed_by_an_open_one(maker: TemplatePaperMaker) -> None:
    facts = replace(samples.protocol(with_winner=False), internal=True)
    assert "объявлении открытого конкурса." in protocol_text(maker, facts, "ru")
    assert "повторном" not in protocol_text(maker, facts, "ru")
    assert "ачык конкурс жарыялоо" in protocol_text(maker, facts, "ky")


def test_a_sitting_that_ended_on_another_day_says_so(maker: TemplatePaperMaker) -> None:
    facts = samples.protocol()
    assert "22 ноября" not in protocol_text(maker, facts, "ru")
    facts = replace(facts, ended_at=facts.ended_at + timedelta(days=1))
    assert "12:35, 22 ноября 2026" in protocol_text(maker, facts, "ru").replace(" ", " ")


def test_no_winner_and_nothing_else(maker: TemplatePaperMaker) -> None:
    facts = replace(samples.protocol(with_winner=False), reserve=(), not_admitted=(), annexes=(), recording=None)
    lines = Paper(maker.render(facts).content).paragraphs("ky")
    start = lines.index("ЧЕЧИМ КЫЛЫНДЫ:")

    assert lines[start + 1 : start + 5] == [
        "1. Конкурстун жеңүүчүсү аныкталган жок; жетекчиге кайталап конкурс өткөрүү маселесин кароо сунушталсын.",
        "Өзгөчө пикир: билдирилген жок.",
        "Тиркемелер",
        "Жок.",
    ]


def test_who_signs_the_protocol(maker: TemplatePaperMaker) -> None:
    facts = samples.protocol()
    table = Paper(maker.render(replace(facts, evaluations=())).content).tables("ru")[-1]

    assert [(row[0], row[-1]) for row in table] == [
        ("Председатель комиссии", facts.present[0].name),
        ("Заместитель председателя", facts.present[1].name),
        ("Члены комиссии", facts.present[2].name),
        *(("", facts.present[place].name) for place in (3, 4, 5)),
        ("Секретарь комиссии", facts.present[6].name),
    ]


def test_a_point_without_a_source_is_said_to_be_unverified(maker: TemplatePaperMaker) -> None:
    rules = (replace(samples.RULES[0], point="unverified"), replace(samples.RULES[1], point="12"))
    paper = Paper(maker.render(replace(samples.protocol(), rules=rules)).content)

    assert [row[3] for row in paper.table("ru", "Акт, пункт")[1:]] == [
        f"{samples.DECREE.ru}, пункт: не сверен",
        f"{samples.DECREE.ru}, пункт: 12",
    ]
    assert paper.table("ky", "Акт, пункт")[1][3].endswith("пункт: такталган эмес")


@pytest.mark.parametrize("reason", [None, Bilingual("", " ")])
def test_absence_without_a_reason_is_said(reason: Bilingual | None, maker: TemplatePaperMaker) -> None:
    facts = samples.protocol()
    silent = replace(facts, absent=(replace(facts.absent[0], absence_reason=reason),))

    assert "причина не указана" in protocol_text(maker, silent, "ru")
    assert "себеби көрсөтүлгөн эмес" in protocol_text(maker, silent, "ky")


@pytest.mark.parametrize(
    ("given", "ky", "ru"),
    [
        (Bilingual("жакын тууганы", "близкий родственник"), "жакын тууганы", "близкий родственник"),
        (
            Bilingual("", "близкий родственник"),
            "кыргызча көрсөтүлгөн эмес; орусча: «близкий родственник»",
            "близкий родственник",
        ),
        (
            Bilingual("жакын тууганы", " "),
            "жакын тууганы",
            "на русском языке не указана; на кыргызском: «жакын тууганы»",
        ),
    ],
)
def test_a_reason_is_never_passed_off_as_the_other_language(
    given: Bilingual, ky: str, ru: str, maker: TemplatePaperMaker
) -> None:
    """Of an absence and of a recusal alike; the protocol names who stood aside in whose case."""
    facts = samples.protocol()
    aside = replace(facts.recusals[0], reason=given)
    absent = replace(facts.absent[0], absence_reason=given)
    paper = Paper(maker.render(replace(facts, absent=(absent,), recusals=(aside,))).content)

    assert paper.table("ky", "Комиссиянын мүчөсү")[1:] == [["1", aside.member, aside.candidate, ky]]
    assert paper.table("ru", "Член комиссии")[1:] == [["1", aside.member, aside.candidate, ru]]
    assert paper.table("ky", "Себеби")[1][-1] == ky
    assert paper.table("ru", "Причина")[1][-1] == ru


def test_who_was_not_put_to_the_vote_is_named(maker: TemplatePaperMaker) -> None:
    facts = samples.protocol()
    first, second = facts.unvoted
    paper = Paper(maker.render(facts).content)

    assert paper.table("ru", "Причина неучастия")[1:] == [
        ["1", first.name, "неявка на собеседование", "21 ноября 2026 г."],
        ["2", second.name, "отзыв заявления", "19 ноября 2026 г."],
    ]
    assert paper.table("ky", "Катышпоо себеби")[1][2] == "аңгемелешүүгө келген жок"
    everybody = protocol_text(maker, replace(facts, unvoted=()), "ru")
    assert "НЕ СТАВИЛИСЬ НА ГОЛОСОВАНИЕ" not in everybody


def test_the_practical_task_stands_beside_the_test(maker: TemplatePaperMaker) -> None:
    facts = samples.protocol()
    rows = Paper(maker.render(facts).content).table("ru", "Практическое задание")[1:]

    assert [row[3] for row in rows[:3]] == ["–", "8,5 из 10", "8 из 10"]


def test_the_annex_holds_every_member_s_marks(maker: TemplatePaperMaker) -> None:
    facts = samples.protocol()
    paper = Paper(maker.render(facts).content)
    head, *rows = paper.table("ru", "Кто оценил")

    assert head == ["№", "Кандидат", "Кто оценил", "1", "2", "3", "Сред."]
    assert len(rows) == 30
    assert rows[0] == ["1", facts.votes[0].name, facts.present[0].name, "3", "4", "5", "4,00"]
    aside = facts.recusals[0]
    assert rows[9] == ["10", aside.candidate, aside.member, "–", "–", "–", "–"]
    assert "1 – натыйжага умтулуу; 2 – командада иштөө; 3 – жоопкерчилик" in paper.text("ky")
    assert "Кто оценил" not in protocol_text(maker, replace(facts, evaluations=()), "ru")


def test_that_nobody_stood_aside_is_said(maker: TemplatePaperMaker) -> None:
    facts = samples.protocol()
    votes = tuple(replace(vote, abstained=vote.abstained + vote.recused, recused=0) for vote in facts.votes)
    nobody = replace(facts, votes=votes, recusals=(), evaluations=())

    assert "САМООТВОДЫ: не заявлены." in protocol_text(maker, nobody, "ru")
    assert "ӨЗҮНӨН ӨЗҮ БАШ ТАРТУУ: билдирилген жок." in protocol_text(maker, nobody, "ky")


def test_who_stood_aside_before_names_were_kept_is_counted(maker: TemplatePaperMaker) -> None:
    """Ballots of before reasons were asked for: the table of votes must not speak against the list of recusals."""
    facts = replace(samples.protocol(), recusals=(), evaluations=())
    recused = sum(vote.recused for vote in facts.votes)
    text = protocol_text(maker, facts, "ru")

    assert recused > 0
    assert "не заявлены" not in text
    assert text.count("поимённо не записано: ") == sum(vote.recused > 0 for vote in facts.votes)
    assert "аты жазылган эмес: " in protocol_text(maker, facts, "ky")


def test_the_order_names_the_protocol_and_never_inflects(maker: TemplatePaperMaker) -> None:
    facts = samples.order(REGISTERED)
    paper = Paper(maker.render(facts).content)

    assert "– конкурстук комиссиянын жыйынынын 2026-жылдын 21-ноябрындагы № 12 протоколу" in paper.paragraphs("ky")
    assert "– протокол заседания конкурсной комиссии от 21 ноября 2026 г. № 12" in paper.paragraphs("ru")
    assert "БУЙРУК КЫЛАМ:" in paper.paragraphs("ky")
    assert "ПРИКАЗЫВАЮ:" in paper.paragraphs("ru")
    assert "2. Установить испытательный срок: 3 мес." in paper.paragraphs("ru")
    assert "2026-жылдын 1-декабрынан тартып" in paper.paragraphs("ky")
    assert f"4. Ознакомить с приказом: {facts.appointee}." in paper.paragraphs("ru")


def test_an_order_without_probation_says_so(maker: TemplatePaperMaker) -> None:
    paper = Paper(maker.render(replace(samples.order(), probation_months=0)).content)

    assert "2. Испытательный срок не устанавливается." in paper.paragraphs("ru")
    assert "2. Сыноо мөөнөтү белгиленбейт." in paper.paragraphs("ky")


def test_the_result_sheet_row_by_row(maker: TemplatePaperMaker) -> None:
    paper = Paper(maker.render(samples.result_sheet()).content)
    table = paper.table("ru", "Порог пройден")

    assert len(table) == 13
    assert table[0][5:7] == ["Основной тест", "Предметный тест"]
    assert table[3] == [
        "3", "Осмонбек уулу Эрлан", "A02", "4102", "19.11.2026 10:26", "22/30", "25/30", "47/60", "78,33", "да", "да",
    ]  # fmt: skip
    assert table[7] == ["7", samples.people(7)[6], "A06", *"––––––", "неявка", "–"]
    assert paper.table("ky", "Босогодон өттү")[7][9] == "келген жок"
    assert "В списке – 12, явились – 11, прошли порог – 9, подходят в резерв – 5." in paper.text("ru")


def test_the_training_report_figures(maker: TemplatePaperMaker) -> None:
    text = Paper(maker.render(samples.training_report()).content).text("ru")

    for figure in ("12 480 000,00", "131 040,00", "118 500,50", "1,05 %", "62,5 %", "сдано, 87,5"):
        assert figure in text
    assert "Требование к доле выполнено." in text
    missed = replace(samples.training_report(), share_required_percent="2")
    assert "Требование к доле не выполнено." in Paper(maker.render(missed).content).text("ru")
