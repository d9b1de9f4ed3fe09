"""D53, the yearly report on training."""

from __future__ import annotations

from docs_templates.drafting.part import Part


def draft_report(part: Part) -> str:
    return part.letterhead() + _opening(part) + _stages(part) + _figures(part) + _people(part) + _closing(part)


def _opening(part: Part) -> str:
    return (
        part.p("Title", part.say("training_report.title"))
        + part.p("Subtitle", part.field("year"))
        + part.requisites("frame.date")
        + part.p("Plain", part.field("order"))
    )


def _stages(part: Part) -> str:
    codes = ("common.number_sign", "training_report.stage", "training_report.date", "training_report.note")
    cells = [
        part.cell("{{ stage.number }}", "CellCentre"),
        part.cell("{{ stage.name }}"),
        part.cell("{{ stage.date }}", "CellCentre"),
        part.cell("{{ stage.note }}"),
    ]
    return part.p("Heading", f"1. {part.say('training_report.stages')}") + part.grid(
        (10, 85, 26, 44), codes, f"stage in {part.language}.stages", cells
    )


def _figures(part: Part) -> str:
    money = ("body_funds", "money_planned", "money_spent", "share", "share_required")
    persons = ("persons_planned", "persons_enrolled", "persons_completed", "covered")
    return (
        part.p("Heading", f"2. {part.say('training_report.money')}")
        + _pairs(part, money)
        + part.p("Plain", part.field("share_verdict"))
        + part.p("Heading", f"3. {part.say('training_report.persons')}")
        + _pairs(part, persons)
    )


def _pairs(part: Part, names: tuple[str, ...]) -> str:
    return part.figures([(part.say(f"training_report.{name}"), part.field(name)) for name in names])


def _people(part: Part) -> str:
    codes = (
        "common.number_sign",
        "common.name",
        "training_report.programme",
        "training_report.hours",
        "training_report.result",
        "training_report.document",
    )
    cells = [
        part.cell("{{ person.number }}", "CellSmallCentre"),
        part.cell("{{ person.name }}", "CellSmall"),
        part.cell("{{ person.programme }}; {{ person.institution }}", "CellSmall"),
        part.cell("{{ person.hours }}", "CellSmallCentre"),
        part.cell("{{ person.result }}", "CellSmall"),
        part.cell("{{ person.document }}", "CellSmallCentre"),
    ]
    return part.p("Heading", f"4. {part.say('training_report.people')}") + part.grid(
        (9, 40, 52, 12, 25, 27), codes, f"person in {part.language}.people", cells
    )


def _closing(part: Part) -> str:
    return (
        part.rules()
        + part.p("Plain", part.field("summary"), keep_next=True)
        + part.signatures(f"line in {part.language}.signatures")
    )
