"""The index of the pictures in docs/: `python -m tests.web.story.album docs` writes docs/pictures.md."""

from __future__ import annotations

import sys
from pathlib import Path

SETS = (("ru", 1366), ("ru", 360), ("ky", 1366), ("ky", 360))
FAMILIES = (
    ("Log-in and first page", ("account.", "home.")),
    (
        "Drafting and announcing",
        ("wizard-", "procedures.", "announcing.", "act-", "agreement", "publication", "conflict"),
    ),
    ("The competition's page", ("competition-",)),
    (
        "Applicants",
        ("applicants", "upload", "preview", "report", "review-", "person", "slips"),
    ),
    ("The test", ("sitting", "schedule", "plan", "job", "practical", "results", "answers", "moodle.")),
    ("The commission", ("commission.", "commissions.", "desk-", "meeting", "marks", "ballot", "count", "decide")),
    ("Papers", ("paper",)),
    ("Banks of questions", ("banks.", "questions.")),
    ("Training", ("training",)),
    ("People who log in", ("people.",)),
    ("Audit", ("journal.", "timeline", "verification")),
)
REST = "Other pages"
HEAD = """# Pictures of the pages

Every page of the panel as Chromium shows it, in Russian and Kyrgyz, 1366 and 360 pixels wide. They are taken while the
tests walk through the pages (`make pictures`), so they show what the tests have checked: no violation found by axe,
nothing cut, nothing sticking out. A name is the route and who looks, or the moment in the story of one competition.
People, numbers and procedures are invented. A dash: the last run did not take that picture.
"""


def family_of(name: str) -> str:
    return next((title for title, heads in FAMILIES if name.startswith(heads)), REST)


def page_of(name: str) -> str:
    """Some tests name the language in the picture too; it is one page all the same."""
    return name.removesuffix("-ru").removesuffix("-ky")


def index(pictures: Path) -> str:
    """The page: a table for each family, a row for each page, a link for each picture there is."""
    names = sorted({page_of(path.stem) for path in pictures.glob("*/*/*.webp")})
    parts = [HEAD]
    for title in (*(title for title, _ in FAMILIES), REST):
        rows = [_row(pictures, name) for name in names if family_of(name) == title]
        if rows:
            head = " | ".join(f"{language} {width}" for language, width in SETS)
            parts.append("\n".join([f"## {title}", "", f"| page | {head} |", f"|---{'|---' * len(SETS)}|", *rows, ""]))
    return "\n".join(parts)


def _row(pictures: Path, name: str) -> str:
    cells = []
    for language, width in SETS:
        folder = Path(language) / str(width)
        places = [folder / f"{name}.webp", folder / f"{name}-{language}.webp"]
        there = next((place for place in places if (pictures / place).exists()), None)
        cells.append(f"[look](pictures/{there.as_posix()})" if there is not None else "–")
    return f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    docs = Path(sys.argv[1])
    (docs / "pictures.md").write_text(index(docs / "pictures"), encoding="utf-8")


if __name__ == "__main__":
    main()
