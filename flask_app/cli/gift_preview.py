"""`kyzmat gift preview`: a page of questions as Moodle shows them, in one file that loads and runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from flask_app.messages import label
from gift_export.preview import PreviewWords, question_html
from gift_export.problems import Problem
from question_banks.model import CategorySwitch

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_app.cli.gift_files import Source
    from flask_app.messages import Language

_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:52rem;padding:1rem;color:#1d2125;background:#fff}
h1{font-size:1.5rem}h2{font-size:1rem;margin:2rem 0 .5rem;color:#41474d;overflow-wrap:anywhere}
.kz-question{border:1px solid #8f959e;border-radius:.5rem;padding:1rem;background:#e7f3f5;overflow-wrap:anywhere}
.kz-question__text{margin-bottom:.75rem}.kz-question img{max-width:100%;height:auto}
.kz-question__answers,.kz-question__items,.kz-question__key{margin:.25rem 0;padding-left:2rem}
.kz-question ul.kz-question__answers{list-style:none;padding-left:.5rem}.kz-question__text>p:first-child{margin-top:0}
.kz-question__choice{display:inline}.kz-question__choice p{display:inline;margin:0}
.kz-question__answer--right{background:#d4edda}.kz-question__mark{color:#0b5d2a}
.kz-question__feedback{background:#fcefdc;padding:.25rem .5rem;margin:.25rem 0}
.kz-question__pairs td{padding:.25rem .75rem .25rem 0;vertical-align:top}
.kz-question textarea{width:100%;box-sizing:border-box}
.findings{border-left:4px solid #8f959e;padding:.25rem .75rem;margin:.5rem 0}.findings .error{color:#a11212}
@media print{.kz-question{break-inside:avoid}}
"""
# Even if something harmful came through, a page with this policy neither loads nor runs it.
_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(
    source: Source, title: str, lang: Language, words: PreviewWords, say: Callable[[Problem], str], *, key: bool
) -> str:
    """The whole page: questions in file order, each with the findings that stand on its lines."""
    heading = escape(f"{label('gift_preview', lang)}: {title}")
    body = "".join(_body(source, lang, words, say, key=key))
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{heading}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{heading}</h1>\n{body}"
        "</main>\n</body>\n</html>\n"
    )


def _body(
    source: Source, lang: Language, words: PreviewWords, say: Callable[[Problem], str], *, key: bool
) -> Iterator[str]:
    left = list(source.problems)
    number = 0
    for at, item in enumerate(source.items):
        if isinstance(item, CategorySwitch):
            yield f"<h2>{escape(item.path)}</h2>\n"
            continue
        number += 1
        yield f"<h2>{number}. {escape(item.name)}</h2>\n"
        if at in source.doubts:
            yield f'<p><strong class="error">{escape(label("gift_doubtful", lang))}</strong></p>\n'
        first, last = item.lines
        mine = [found for found in left if first <= found.line <= last]
        left = [found for found in left if not first <= found.line <= last]
        yield question_html(item, attachments=source.attachments.get(at, ()), words=words, key=key)
        yield _findings(mine, say)
    if left:
        yield f"<h2>{escape(label('gift_findings', lang))}</h2>\n{_findings(left, say)}"


def _findings(problems: Sequence[Problem], say: Callable[[Problem], str]) -> str:
    if not problems:
        return ""
    rows = "".join(f'<li class="{found.severity}">{escape(say(found))}</li>\n' for found in problems)
    return f'<ul class="findings">\n{rows}</ul>\n'
