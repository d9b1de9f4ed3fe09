"""Writes the templates: `python -m docs_templates.drafting [folder]`, by default into `docs_templates/papers`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from docs_templates.drafting.announcement import draft_announcement
from docs_templates.drafting.order import draft_order
from docs_templates.drafting.package import LANDSCAPE, PORTRAIT, Page, word_file
from docs_templates.drafting.part import Part
from docs_templates.drafting.protocol import draft_protocol
from docs_templates.drafting.result_sheet import draft_sheet
from docs_templates.drafting.training_report import draft_report
from docs_templates.wording import vocabulary
from docs_templates.words import LANGUAGES

DRAFTS: Mapping[str, tuple[Callable[[Part], str], Page]] = {
    "D03": (draft_announcement, PORTRAIT),
    "D11": (draft_sheet, LANDSCAPE),
    "D16": (draft_protocol, PORTRAIT),
    "D19": (draft_order, PORTRAIT),
    "D53": (draft_report, PORTRAIT),
}


def drafted(kind: str) -> bytes:
    """The Word file of a template: the Kyrgyz original, then the Russian part on a new page."""
    draft, page = DRAFTS[kind]
    return word_file(kind, "".join(draft(Part(vocabulary()[language], page)) for language in LANGUAGES), page)


def main(arguments: list[str]) -> None:
    folder = Path(arguments[0]) if arguments else Path(__file__).parents[1] / "papers"
    folder.mkdir(parents=True, exist_ok=True)
    for kind in DRAFTS:
        (folder / f"{kind}.docx").write_bytes(drafted(kind))


if __name__ == "__main__":
    main(sys.argv[1:])
