"""D16, the protocol of the commission's sitting."""

from __future__ import annotations

from docs_templates.drafting.part import Part
from docs_templates.drafting.word import each, each_row, paragraph, run, table, when


def draft_protocol(part: Part) -> str:
    sitting = _opening(part) + _attendance(part) + _heard(part) + _decided(part) + _closing(part)
    return part.letterhead() + sitting + _annex(part)


def _opening(part: Part) -> str:
    lines = [
        (part.say("protocol.place"), part.field("place")),
        (part.say("protocol.form"), part.field("form")),
        (part.say("protocol.started"), part.field("started")),
        (part.say("protocol.ended"), part.field("ended")),
    ]
    return (
        part.p("Title", part.say("protocol.title"))
        + part.requisites("held_on")
        + part.p("Subtitle", part.field("about"))
        + part.pairs(lines, style="Cell")
        + part.p("Note", part.field("frame.registered_on"))
    )


def _attendance(part: Part) -> str:
    return (
        part.p("Heading", part.say("protocol.present"))
        + part.grid(
            (10, 52, 58, 45),
            ("common.number_sign", "common.name", "common.post", "protocol.role"),
            f"person in {part.language}.present",
            [
                part.cell("{{ person.number }}", "CellCentre"),
                *(part.cell(f"{{{{ person.{name} }}}}") for name in ("name", "post", "role")),
            ],
        )
        + part.p("Heading", part.say("protocol.absent"))
        + when(f"{part.language}.absent", _absent(part), part.p("Plain", part.say("common.nothing")))
        + part.p("Plain", part.field("attendance"))
        + part.p("Plain", part.field("quorum"))
        + part.rules()
    )


def _absent(part: Part) -> str:
    return part.grid(
        (10, 45, 45, 33, 32),
        ("common.number_sign", "common.name", "common.post", "protocol.role", "protocol.reason"),
        f"person in {part.language}.absent",
        [
            part.cell("{{ person.number }}", "CellCentre"),
            *(part.cell(f"{{{{ person.{name} }}}}") for name in ("name", "post", "role", "reason")),
        ],
    )


def _heard(part: Part) -> str:
    candidates = when(f"{part.language}.votes", _voting(part), part.p("Body", part.say("protocol.no_candidates")))
    unvoted = when(f"{part.language}.unvoted", _unvoted(part))
    agenda = part.p("Heading", part.say("protocol.agenda")) + part.p("Body", f"1. {part.field('agenda')}")
    return agenda + candidates + unvoted


def _voting(part: Part) -> str:
    return (
        _lead(part, "protocol.heard", part.say("protocol.heard_gist"))
        + part.grid(
            (10, 74, 25, 31, 25),
            ("common.number_sign", "protocol.candidate", "protocol.test", "protocol.practical", "protocol.mark"),
            f"vote in {part.language}.votes",
            [
                part.cell("{{ vote.number }}", "CellCentre"),
                part.cell("{{ vote.name }}"),
                *(part.cell(f"{{{{ vote.{name} }}}}", "CellCentre") for name in ("test", "practical", "mark")),
            ],
        )
        + _recusals(part)
        + _lead(part, "protocol.ballot", part.field("ballot"))
        + _votes(part)
    )


def _recusals(part: Part) -> str:
    """Who stood aside; that nobody did is said too."""
    some = _lead(part, "protocol.recusals", part.say("protocol.recusals_gist")) + part.grid(
        (10, 52, 52, 51),
        ("common.number_sign", "protocol.recused_member", "protocol.candidate", "protocol.recusal_reason"),
        f"recusal in {part.language}.recusals",
        [
            part.cell("{{ recusal.number }}", "CellCentre"),
            *(part.cell(f"{{{{ recusal.{name} }}}}") for name in ("member", "candidate", "reason")),
        ],
    )
    nobody = _lead(part, "protocol.recusals", part.say("protocol.recusals_none"))
    return when(f"{part.language}.recusals", some, nobody)


def _votes(part: Part) -> str:
    counts = ("in_favour", "against", "abstained", "recused")
    return part.grid(
        (10, 57, 17, 21, 34, 26),
        ("common.number_sign", "protocol.candidate", *(f"protocol.{name}" for name in counts)),
        f"vote in {part.language}.votes",
        [
            part.cell("{{ vote.number }}", "CellCentre"),
            part.cell("{{ vote.name }}"),
            *(part.cell(f"{{{{ vote.{name} }}}}", "CellCentre") for name in counts),
        ],
    )


def _unvoted(part: Part) -> str:
    """Whoever passed the test and is not among the votes: nobody is left without a word."""
    return _lead(part, "protocol.unvoted", part.say("protocol.unvoted_gist")) + part.grid(
        (10, 70, 47, 38),
        ("common.number_sign", "protocol.candidate", "protocol.unvoted_why", "protocol.unvoted_day"),
        f"person in {part.language}.unvoted",
        [
            part.cell("{{ person.number }}", "CellCentre"),
            *(part.cell(f"{{{{ person.{name} }}}}") for name in ("name", "why", "day")),
        ],
    )


def _lead(part: Part, code: str, text: str) -> str:
    """A bold verb and what follows it, kept with the table below."""
    verb = run(f"{part.say(code)} ", part.language, bold=True)
    return paragraph("Lead", verb, run(text, part.language))


def _decided(part: Part) -> str:
    text = part.p("Body", "{{ decision.number }}. {{ decision.text }}", keep_next=True)
    return part.p("Heading", part.say("protocol.decided")) + each(
        f"decision in {part.language}.decisions", text, part.entries("line in decision.lines", "– {{ line }}")
    )


def _closing(part: Part) -> str:
    annexes = each(
        f"annex in {part.language}.annexes", part.p("Entry", "{{ loop.index }}. {{ annex }}", keep_next=True)
    )
    nothing = part.p("Plain", part.say("common.nothing"), keep_next=True)
    return (
        when(f"{part.language}.recording", part.p("Note", part.field("recording")))
        + part.p("Plain", part.field("dissent"), keep_next=True)
        + part.p("Heading", part.say("protocol.annexes"))
        + when(f"{part.language}.annexes", annexes, nothing)
        + part.signatures(f"line in {part.language}.signatures")
    )


EVALUATION_WIDTHS = (9, 42, 42, 56, 16)
MARKS = 3  # the place of the columns that are repeated
NAMES = ("candidate", "member")


def _annex(part: Part) -> str:
    """The members' marks on a page of their own; none where nobody was interviewed."""
    title = paragraph("Heading", run(part.say("protocol.evaluations"), part.language), new_page=True)
    note = part.p("Plain", part.say("protocol.evaluations_gist"), keep_next=True)
    legend = part.p("Note", part.field("competences"), keep_next=True)
    return when(f"{part.language}.evaluations", title + note + legend + _evaluations(part) + part.gap())


def _evaluations(part: Part) -> str:
    codes = ("common.number_sign", "protocol.candidate", "protocol.evaluator", "", "protocol.evaluation_mean")
    fields = ("number", "candidate", "member", "", "mean")
    heads = [part.cell(part.say(code) if code else "", "CellHead") for code in codes]
    cells = [part.cell(f"{{{{ row.{name} }}}}", "Cell" if name in NAMES else "CellCentre") for name in fields]
    head = part.repeated(heads, EVALUATION_WIDTHS, MARKS, f"mark in {part.language}.marks", header=True)
    line = part.repeated(cells, EVALUATION_WIDTHS, MARKS, "mark in row.marks")
    return table(EVALUATION_WIDTHS, [head, each_row(f"row in {part.language}.evaluations", EVALUATION_WIDTHS, line)])
