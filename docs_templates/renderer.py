"""Facts in, DOCX out. The only module that knows docxtpl.

docxtpl repairs what Word does to template expressions (it splits them over runs); that is done once per template
version, and each part is compiled once. A document then costs one pass of Jinja over the parts that change; all other
members of the zip are copied as compressed bytes. The same facts give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date

from docxtpl import DocxTemplate
from markupsafe import escape

from docs_templates import archive
from docs_templates.columns import loop_grid_columns
from docs_templates.contexts import Properties, TemplateStamp
from docs_templates.registry import TEMPLATES, PaperTemplate
from docs_templates.sandbox import compiled
from docs_templates.wording import vocabulary
from flask_app.ports.paper import PaperFacts, PaperKind, RenderedPaper, TemplateFault

CHANGING = re.compile(r"word/(document|header\d*|footer\d*)\.xml")
CORE = "docProps/core.xml"
REQUIRED = ("[Content_Types].xml", "_rels/.rels", "word/document.xml")
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<dc:title>{title}</dc:title><dc:subject>{subject}</dc:subject><dc:creator>{author}</dc:creator>"
    "<cp:lastModifiedBy>{last_author}</cp:lastModifiedBy><dc:identifier>{identifier}</dc:identifier>"
    "<cp:contentStatus>{status}</cp:contentStatus><cp:category>{kind}</cp:category><cp:version>{version}</cp:version>"
    '<dc:language>ky-KG</dc:language><dcterms:created xsi:type="dcterms:W3CDTF">{day}T00:00:00Z</dcterms:created>'
    '<dcterms:modified xsi:type="dcterms:W3CDTF">{day}T00:00:00Z</dcterms:modified></cp:coreProperties>'
)


@dataclass(frozen=True, slots=True)
class PreparedTemplate:
    """`parts`: member name -> its compiled text; `still`: the members that no document changes."""

    stamp: TemplateStamp
    parts: Mapping[str, Callable[[dict[str, object]], str]]
    still: tuple[archive.Member, ...]

    def write(self, context: object) -> bytes:
        """The document of a context whose guard has passed."""
        values = {field.name: getattr(context, field.name) for field in fields(context)}  # type: ignore[arg-type] # contexts are dataclasses
        changed = [archive.pack(name, (_DECLARATION + text(values)).encode()) for name, text in self.parts.items()]
        core = archive.pack(CORE, _core(values["properties"], self.stamp).encode())
        return archive.write((*self.still, *changed, core))


def repaired(name: str, content: bytes) -> str:
    """A part as Jinja can read it: expressions whole again, `{%tr %}` and its kin resolved."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TemplateFault("TEMPLATE_NOT_WORD", member=name) from error
    text = re.sub(r"^\s*<\?xml[^>]*\?>\s*", "", text)
    return str(DocxTemplate(io.BytesIO()).patch_xml(text))


def prepare(kind: PaperKind, version: str, content: bytes) -> PreparedTemplate:
    """Reads and compiles a Word template. Raises `TemplateFault`."""
    members = archive.read(content)
    for name in REQUIRED:
        if name not in members:
            raise TemplateFault("TEMPLATE_NOT_WORD", member=name)
    stamp = TemplateStamp(kind, f"{version}+{hashlib.sha256(content).hexdigest()[:8]}")
    texts = {name: repaired(name, plain) for name, plain in members.items() if CHANGING.fullmatch(name)}
    sources = {name: loop_grid_columns(text) for name, text in texts.items()}
    parts = {name: compiled(name, source) for name, source in sources.items() if "{{" in source or "{%" in source}
    still = tuple(archive.pack(name, plain) for name, plain in members.items() if name not in {*parts, CORE})
    return PreparedTemplate(stamp, parts, still)


def _core(properties: object, stamp: TemplateStamp) -> str:
    assert isinstance(properties, Properties)
    texts = {field.name: escape(getattr(properties, field.name)) for field in fields(properties)}
    return _DECLARATION + _CORE.format(
        **texts, kind=stamp.kind, version=stamp.version, day=properties.happened_on.isoformat()
    )


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return {field.name: getattr(value, field.name) for field in fields(value)}  # type: ignore[arg-type] # facts hold dataclasses and dates only


def facts_sha256(facts: PaperFacts) -> str:
    """SHA-256 of the facts as JSON with sorted keys: the same facts, the same sum."""
    canonical = json.dumps(facts, default=_plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


class TemplatePaperMaker:
    """The port `PaperMaker`: guards the facts, makes the context, renders. Templates are prepared at first use."""

    def __init__(self, templates: Mapping[PaperKind, PaperTemplate] = TEMPLATES) -> None:
        self._by_facts = {template.facts: template for template in templates.values()}
        self._prepared: dict[PaperKind, PreparedTemplate] = {}

    def render(self, facts: PaperFacts) -> RenderedPaper:
        """Raises `PaperRefused` for facts that contradict themselves, `TemplateFault` for a broken template."""
        template = self._by_facts[type(facts)]
        prepared = self._prepare(template)
        template.guard(facts)
        context = template.context(facts, vocabulary(), prepared.stamp)
        return RenderedPaper(
            content=prepared.write(context),
            kind=template.kind,
            template_version=prepared.stamp.version,
            facts_sha256=facts_sha256(facts),
        )

    def _prepare(self, template: PaperTemplate) -> PreparedTemplate:
        if template.kind not in self._prepared:
            self._prepared[template.kind] = prepare(template.kind, template.version, template.content())
        return self._prepared[template.kind]


def milliseconds_per_paper(maker: TemplatePaperMaker, facts: PaperFacts, count: int = 200) -> float:
    """Mean CPU time of one paper; the template is prepared before the measurement starts."""
    maker.render(facts)
    started = time.process_time()
    for _ in range(count):
        maker.render(facts)
    return (time.process_time() - started) * 1000 / count
