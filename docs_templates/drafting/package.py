"""The parts of a Word file around its text: styles, page, header with the page number, footer, relationships."""

from __future__ import annotations

from dataclasses import dataclass

from docs_templates import archive
from docs_templates.drafting.word import twips

MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
FACE = "Times New Roman"


@dataclass(frozen=True, slots=True)
class Page:
    """A4 in millimetres; the margins of the KG custom: left 30, right 15, top and bottom 20."""

    width: float = 210
    height: float = 297

    @property
    def text_width(self) -> float:
        return self.width - 30 - 15

    def section(self) -> str:
        turned = ' w:orient="landscape"' if self.width > self.height else ""
        return (
            '<w:sectPr><w:headerReference w:type="default" r:id="rId4"/><w:headerReference w:type="first" r:id="rId5"/>'
            '<w:footerReference w:type="default" r:id="rId6"/><w:footerReference w:type="first" r:id="rId7"/>'
            f'<w:pgSz w:w="{twips(self.width)}" w:h="{twips(self.height)}"{turned}/>'
            f'<w:pgMar w:top="{twips(20)}" w:right="{twips(15)}" w:bottom="{twips(20)}" w:left="{twips(30)}"'
            f' w:header="{twips(10)}" w:footer="{twips(10)}" w:gutter="0"/><w:titlePg/></w:sectPr>'
        )


PORTRAIT = Page()
LANDSCAPE = Page(297, 210)


def _style(name: str, size: float, layout: str = "", *, weight: str = "") -> str:
    return (
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{name}"><w:name w:val="Paper {name}"/>'
        f'<w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{layout}</w:pPr>'
        f'<w:rPr>{weight}<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/></w:rPr></w:style>'
    )


def _space(before: int = 0, after: int = 0, line: int = 240) -> str:
    return f'<w:spacing w:before="{before}" w:after="{after}" w:line="{line}" w:lineRule="auto"/>'


_CENTRE, _RIGHT = '<w:jc w:val="center"/>', '<w:jc w:val="right"/>'
_BOLD = "<w:b/>"
_RULE = '<w:pBdr><w:bottom w:val="single" w:sz="8" w:space="4" w:color="auto"/></w:pBdr>'
_FIRST_LINE = f'<w:ind w:firstLine="{twips(12.5)}"/>'


def _styles() -> str:
    paragraphs = (
        _style("Body", 14, _space(0, 60, 259) + _FIRST_LINE),
        _style("Plain", 14, _space(80, 60, 259)),
        _style("Entry", 14, _space(0, 60, 259) + f'<w:ind w:left="{twips(12.5)}"/>'),
        _style("Heading", 14, "<w:keepNext/><w:keepLines/>" + _space(200, 80), weight=_BOLD),
        _style("Title", 14, "<w:keepNext/><w:keepLines/>" + _space(240, 120) + _CENTRE, weight=_BOLD),
        _style("Subtitle", 14, "<w:keepNext/><w:keepLines/>" + _space(0, 120) + _CENTRE, weight=_BOLD),
        _style("Requisite", 14, _space(60, 60)),
        _style("RequisiteCentre", 14, _space(60, 60) + _CENTRE),
        _style("RequisiteRight", 14, _space(60, 60) + _RIGHT),
        _style("Letterhead", 12, _space(0, 20) + _CENTRE, weight=_BOLD),
        _style("Address", 10, _space() + _CENTRE),
        _style("AddressRuled", 10, _RULE + _space(0, 120) + _CENTRE),
        _style("Cell", 12, _space(20, 20)),
        _style("CellCentre", 12, _space(20, 20) + _CENTRE),
        _style("CellSmall", 11, _space(20, 20)),
        _style("CellSmallCentre", 11, _space(20, 20) + _CENTRE),
        _style("CellRight", 12, _space(20, 20) + _RIGHT),
        _style("Lead", 14, "<w:keepNext/><w:keepLines/>" + _space(200, 80)),
        _style("CellHead", 11, "<w:keepNext/>" + _space(20, 20) + _CENTRE, weight=_BOLD),
        _style("Note", 11, _space(60, 40)),
        _style("Signature", 14, "<w:keepNext/><w:keepLines/>" + _space(200, 0)),
        _style("Gap", 2, _space()),
        _style("PageNumber", 12, _CENTRE),
        _style("Footer", 8, _CENTRE, weight='<w:color w:val="595959"/>'),
    )
    return (
        f'{HEAD}<w:styles xmlns:w="{MAIN}"><w:docDefaults><w:rPrDefault><w:rPr>'
        f'<w:rFonts w:ascii="{FACE}" w:hAnsi="{FACE}" w:eastAsia="{FACE}" w:cs="{FACE}"/>'
        '<w:sz w:val="28"/><w:szCs w:val="28"/><w:lang w:val="ky-KG" w:eastAsia="ru-RU" w:bidi="ar-SA"/>'
        "</w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:widowControl/></w:pPr></w:pPrDefault></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>'
        f"{_table_style('Bare', '')}{_table_style('Ruled', _borders())}{''.join(paragraphs)}</w:styles>"
    )


def _borders() -> str:
    edges = ("top", "left", "bottom", "right", "insideH", "insideV")
    lines = "".join(f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for edge in edges)
    return f"<w:tblBorders>{lines}</w:tblBorders>"


def _table_style(name: str, borders: str) -> str:
    margins = '<w:left w:w="57" w:type="dxa"/><w:right w:w="57" w:type="dxa"/>'
    return (
        f'<w:style w:type="table" w:customStyle="1" w:styleId="{name}"><w:name w:val="Paper {name}"/>'
        f"<w:tblPr>{borders}<w:tblCellMar>{margins}</w:tblCellMar></w:tblPr></w:style>"
    )


_SETTINGS = (
    f'{HEAD}<w:settings xmlns:w="{MAIN}"><w:zoom w:percent="100"/><w:defaultTabStop w:val="709"/>'
    '<w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:compatSetting w:name="compatibilityMode"'
    ' w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat><w:themeFontLang w:val="ky-KG"/>'
    '<w:decimalSymbol w:val=","/><w:listSeparator w:val=";"/></w:settings>'
)
# PT Serif has the Kyrgyz letters too; Word takes it where Times New Roman is missing.
_FONTS = (
    f'{HEAD}<w:fonts xmlns:w="{MAIN}"><w:font w:name="{FACE}"><w:altName w:val="PT Serif"/>'
    '<w:panose1 w:val="02020603050405020304"/><w:charset w:val="CC"/><w:family w:val="roman"/>'
    '<w:pitch w:val="variable"/></w:font></w:fonts>'
)


def _edge(kind: str, inner: str) -> str:
    return f'{HEAD}<w:{kind} xmlns:w="{MAIN}">{inner}</w:{kind}>'


_NUMBER = (
    '<w:p><w:pPr><w:pStyle w:val="PageNumber"/></w:pPr><w:fldSimple w:instr=" PAGE "><w:r><w:t>2</w:t></w:r>'
    "</w:fldSimple></w:p>"
)
_NO_NUMBER = '<w:p><w:pPr><w:pStyle w:val="PageNumber"/></w:pPr></w:p>'
_FOOTER = '<w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr><w:r><w:t>{{ footer }}</w:t></w:r></w:p>'

_PARTS = (  # name, content type, relationship type
    ("styles", "styles", "styles"),
    ("settings", "settings", "settings"),
    ("fontTable", "fontTable", "fontTable"),
    ("header1", "header", "header"),
    ("header2", "header", "header"),
    ("footer1", "footer", "footer"),
    ("footer2", "footer", "footer"),
)


def _content_types() -> str:
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{TYPES}.{kind}+xml"/>' for name, kind, _ in _PARTS
    )
    return (
        f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{TYPES}.document.main+xml"/>{overrides}'
        '<Override PartName="/docProps/core.xml"'
        ' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
    )


def _relationships(entries: list[tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(entries, 1)
    )
    return f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{lines}</Relationships>'


def _core(title: str) -> str:
    return (
        f'{HEAD}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></cp:coreProperties>'
    )


def word_file(title: str, body: str, page: Page) -> bytes:
    """The template as a DOCX file. `body` is the content of `w:body` before its section properties."""
    document = (
        f'{HEAD}<w:document xmlns:w="{MAIN}" xmlns:r="{RELS}"><w:body>{body}{page.section()}</w:body></w:document>'
    )
    core = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
    members = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relationships([(f"{RELS}/officeDocument", "word/document.xml"), (core, "docProps/core.xml")]),
        "docProps/core.xml": _core(title),
        "word/document.xml": document,
        "word/_rels/document.xml.rels": _relationships([(f"{RELS}/{kind}", f"{name}.xml") for name, _, kind in _PARTS]),
        "word/styles.xml": _styles(),
        "word/settings.xml": _SETTINGS,
        "word/fontTable.xml": _FONTS,
        "word/header1.xml": _edge("hdr", _NUMBER),
        "word/header2.xml": _edge("hdr", _NO_NUMBER),
        "word/footer1.xml": _edge("ftr", _FOOTER),
        "word/footer2.xml": _edge("ftr", _FOOTER),
    }
    return archive.write(archive.pack(name, text.encode()) for name, text in members.items())
