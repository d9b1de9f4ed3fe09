"""D11, the test result sheet: landscape, a column for every block."""

from __future__ import annotations

from docs_templates.drafting.part import Part
from docs_templates.drafting.word import each_row, table

WIDTHS = (9, 54, 19, 20, 22, 52, 17, 15, 23, 21)
BLOCKS = 5  # the place of the columns that are repeated


def draft_sheet(part: Part) -> str:
    return part.letterhead() + _opening(part) + _results(part) + _closing(part)


def _opening(part: Part) -> str:
    return (
        part.p("Title", part.say("result_sheet.title"))
        + part.requisites("frame.date")
        + part.p("Cell", part.field("position"))
        + part.p("Cell", part.field("session"))
        + part.p("Cell", part.field("thresholds"), keep_next=True)
    )


def _results(part: Part) -> str:
    codes = ("form", "attempt", "finished", "", "total", "percent", "passed", "reserve")
    heads = [
        part.cell(part.say("common.number_sign"), "CellHead"),
        part.cell(part.say("common.name"), "CellHead"),
        *(
            part.cell(part.say(f"result_sheet.{code}"), "CellHead") if code else part.cell("", "CellHead")
            for code in codes
        ),
    ]
    fields = ("number", "name", "form", "attempt", "finished", "", "total", "percent", "passed", "reserve")
    cells = [part.cell(f"{{{{ row.{name} }}}}", "Cell" if name == "name" else "CellCentre") for name in fields]
    head = part.repeated(heads, WIDTHS, BLOCKS, f"block in {part.language}.blocks", header=True)
    line = part.repeated(cells, WIDTHS, BLOCKS, "block in row.blocks")
    return table(WIDTHS, [head, each_row(f"row in {part.language}.rows", WIDTHS, line)])


def _closing(part: Part) -> str:
    facts = ("banks", "seed", "hash")
    return (
        part.rules()
        + part.gap()
        + "".join(part.p("Note", part.field(name)) for name in facts)
        + part.p("Cell", part.field("summary"), keep_next=True)
        + part.signatures(f"line in {part.language}.signatures")
    )
