"""Column loops: `{%tc for x in y %}` repeats cells, so the table's grid must repeat, or LibreOffice ignores all widths.

Word would not open a file with a loop inside `w:tblGrid`. The grid's loop is therefore written here, after docxtpl has
resolved the cells' loop: the grid columns of the repeated cells get the same loop and share their width evenly.
"""

from __future__ import annotations

import re

_TABLE = re.compile(r"(<w:tblGrid>)(.*?)(</w:tblGrid>)(.*?)(?=<w:tblGrid>|\Z)", re.DOTALL)
_ROW = re.compile(r"<w:tr[ >].*?</w:tr>", re.DOTALL)
_COLUMN = re.compile(r"<w:gridCol [^>]*?/>")
_WIDTH = re.compile(r'(<w:(?:gridCol|tcW)\b[^>]*?w:w=")(\d+)(")')
_LOOP = re.compile(r"(\{%\s*for\s+\w+\s+in\s+([\w.]+)\s*%\})(\s*<w:tc[ >].*?)(\{%\s*endfor\s*%\})", re.DOTALL)


def loop_grid_columns(xml: str) -> str:
    """The part with the grid of each table that loops over columns looping too."""
    return _TABLE.sub(_table, xml)


def _table(found: re.Match[str]) -> str:
    opened, grid, closed, rest = found.groups()
    row = _ROW.search(rest)
    loop = row and _LOOP.search(row.group())
    if not (row and loop):
        return found.group()
    before = len(re.findall(r"<w:tc[ >]", row.group()[: loop.start()]))
    repeated = len(re.findall(r"<w:tc[ >]", loop.group(3)))
    columns = _COLUMN.findall(grid)
    first, middle, last = columns[:before], columns[before : before + repeated], columns[before + repeated :]
    looped = loop.group(1) + _shared("".join(middle), loop.group(2)) + loop.group(4)
    body = _LOOP.sub(_cells, rest)
    return opened + "".join(first) + looped + "".join(last) + closed + body


def _cells(loop: re.Match[str]) -> str:
    opening, over, cells, closing = loop.groups()
    return opening + _shared(cells, over) + closing


def _shared(xml: str, over: str) -> str:
    return _WIDTH.sub(rf"\g<1>{{{{ \g<2> // ({over}|length) }}}}\g<3>", xml)
