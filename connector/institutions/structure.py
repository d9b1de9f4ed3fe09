"""What the schema says against a record, told by field, with line and XPath.

Paths carry no prefixes: `/gradeBatch/records/record[3]/score` stands for elements of the batch's namespace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml import etree
from xmlschema import XMLSchemaChildrenValidationError, XMLSchemaException, XMLSchemaValidationError
from xmlschema.validators import XsdEnumerationFacets, XsdPatternFacets

from connector.institutions.safety import ParsedBatch, local_name
from connector.institutions.schema import NAMESPACE, explaining_schema
from flask_app.ports.institutions import BatchProblem

XML_SPACE = " \t\r\n"
SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
# A record has fourteen fields; one with far more is not explained field by field.
MOST_ELEMENTS = 60
MOST_ATTRIBUTES = 20
# No field is allowed more than 1000 characters; white space around a value may add to that.
LONGEST_TEXT = 5000
LONGEST_SHOWN = 60

# What the explaining library may raise over values that no sane sender writes.
_GIVES_UP = (XMLSchemaException, ArithmeticError, LookupError, TypeError, ValueError)

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ATTRIBUTE_VALUE = re.compile(r"attribute ([\w:{}.\-]+)=")


def text_of(element: Any) -> str:
    """The element's whole text, white space as the schema's tokens have it."""
    return " ".join(re.split(f"[{XML_SPACE}]+", "".join(element.itertext()))).strip(" ")


def record_id_of(element: Any) -> str:
    """The record's id where it can be read, for a report that names it; else empty."""
    found = element.find(f"{{{NAMESPACE}}}recordId")
    text = "" if found is None else text_of(found)
    return text.lower() if _UUID.fullmatch(text) else ""


def shown(field: str, value: str) -> str:
    """A value fit for a report: shortened; a person's number masked but for its first and last two characters."""
    if field == "personId" and len(value) > 5:
        return value[:1] + "•" * min(len(value) - 3, LONGEST_SHOWN) + value[-2:]
    return value if len(value) <= LONGEST_SHOWN else value[:LONGEST_SHOWN] + "…"


def explain_structure(batch: ParsedBatch, element: Any) -> list[BatchProblem]:
    """Why the schema refuses this record or header, one finding for each field that is wrong; never empty."""
    beforehand = swelling(batch, element) or _schema_attribute(batch, element)
    if beforehand:
        return [beforehand]
    found: dict[tuple[str, str], BatchProblem] = {}
    try:
        for error in explaining_schema().iter_errors(element):
            for problem in _problems(batch, element, error):
                found.setdefault((problem.path, problem.params.get("field", "")), problem)
    except _GIVES_UP:
        # Seen: OverflowError for a year of thirteen digits. The record stays refused, with less of an explanation.
        found.setdefault((batch.path(element), ""), refused_unexplained(batch, element))
    return list(found.values()) or _foreign_spaces(batch, element) or [refused_unexplained(batch, element)]


def _foreign_spaces(batch: ParsedBatch, record: Any) -> list[BatchProblem]:
    """Spaces that look like spaces and are none to XML, such as the no-break space of a text that was pasted in."""
    found = []
    for element in record.iter():
        texts = [element.text or "", *(child.tail or "" for child in element)]
        if any(sign.isspace() and sign not in XML_SPACE for text in texts for sign in text):
            found.append(_problem(batch, record, element, "BATCH_FOREIGN_SPACE", field=local_name(element)))
    return found


def _schema_attribute(batch: ParsedBatch, record: Any) -> BatchProblem | None:
    """Attributes by which a document tells its schema what to think (xsi:type, xsi:nil): no record has them."""
    for element in record.iter():
        for name in element.attrib:
            if name.startswith(f"{{{SCHEMA_INSTANCE}}}"):
                field = f"@xsi:{etree.QName(name).localname}"
                return _problem(batch, record, element, "BATCH_ATTRIBUTE_UNEXPECTED", field=field)
    return None


def refused_unexplained(batch: ParsedBatch, element: Any) -> BatchProblem:
    """The schema refuses it, and that is all that is told."""
    return _problem(batch, element, element, "BATCH_RECORD_INVALID")


def swelling(batch: ParsedBatch, element: Any) -> BatchProblem | None:
    """What makes a record too large to be looked at field by field."""
    inside = list(islice(element.iter(), MOST_ELEMENTS + 1))
    if len(inside) > MOST_ELEMENTS or any(len(one.attrib) > MOST_ATTRIBUTES for one in inside):
        return _problem(batch, element, element, "BATCH_TOO_MANY_FIELDS", limit=str(MOST_ELEMENTS))
    for one in inside:
        text = max([one.text or "", one.tail or "", *one.attrib.values()], key=len)
        if len(text) > LONGEST_TEXT:
            params = {
                "field": local_name(one),
                "value": shown(local_name(one), text),
                "rule": f"maxLength {LONGEST_TEXT}",
            }
            return _problem(batch, element, one, "BATCH_VALUE", **params)
    return None


def _problem(batch: ParsedBatch, record: Any, element: Any, code: str, **params: str) -> BatchProblem:
    return BatchProblem(code, batch.line(element), batch.path(element), record_id_of(record), params)


def _problems(batch: ParsedBatch, record: Any, error: XMLSchemaValidationError) -> Iterator[BatchProblem]:
    element = error.elem if error.elem is not None else record
    kind = type(error.validator).__name__
    if isinstance(error, XMLSchemaChildrenValidationError):
        yield _wrong_child(batch, record, element, error)
    elif kind == "XsdAttributeGroup":
        yield from _wrong_attributes(batch, record, element, error.validator)
    elif kind == "XsdGroup":
        yield _problem(batch, record, element, "BATCH_STRAY_TEXT", field=local_name(element))
    elif kind == "XsdElement" and len(element):
        child = element[0]
        yield _problem(batch, record, child, "BATCH_FIELD_UNEXPECTED", field=local_name(child))
    else:
        yield _wrong_value(batch, record, element, error)


def _wrong_child(
    batch: ParsedBatch, record: Any, element: Any, error: XMLSchemaChildrenValidationError
) -> BatchProblem:
    wanted = [one.local_name or "" for one in error.expected or () if getattr(one, "min_occurs", 1)]
    child = element[error.index] if error.index < len(element) else None
    if child is not None and (not wanted or _is_strange(child, error.validator)):
        return _problem(batch, record, child, "BATCH_FIELD_UNEXPECTED", field=local_name(child))
    if child is not None and next(child.itersiblings(child.tag, preceding=True), None) is not None:
        return _problem(batch, record, child, "BATCH_FIELD_TWICE", field=local_name(child))
    field = ", ".join(wanted)
    if child is not None and any(local_name(other) in wanted for other in element):
        return _problem(batch, record, child, "BATCH_FIELD_ORDER", field=local_name(child), before=field)
    return _problem(batch, record, element, "BATCH_FIELD_MISSING", field=field)


def _is_strange(child: Any, group: Any) -> bool:
    """A child that has no place in its parent anywhere; one of a later place tells that something before it lacks."""
    return child.tag not in {known.name for known in group.iter_elements()}


def _wrong_attributes(batch: ParsedBatch, record: Any, element: Any, allowed: Any) -> Iterator[BatchProblem]:
    for name in element.attrib:
        if name not in allowed:
            yield _problem(batch, record, element, "BATCH_ATTRIBUTE_UNEXPECTED", field=f"@{shown('', name)}")
    for name, attribute in allowed.items():
        if name is not None and attribute.use == "required" and name not in element.attrib:
            yield _problem(batch, record, element, "BATCH_ATTRIBUTE_MISSING", field=f"@{name}")


def _wrong_value(batch: ParsedBatch, record: Any, element: Any, error: XMLSchemaValidationError) -> BatchProblem:
    attribute = _ATTRIBUTE_VALUE.match(error.reason or "")
    field = f"@{attribute[1]}" if attribute else local_name(element)
    value = element.get(attribute[1], "") if attribute else text_of(element)
    rule = _rule(error.validator)
    return _problem(batch, record, element, "BATCH_VALUE", field=field, value=shown(field, value), rule=rule)


def _rule(validator: Any) -> str:
    """The broken rule in the schema's own terms, for those who write the institution's program."""
    if isinstance(validator, XsdEnumerationFacets):
        return " | ".join(map(str, validator.enumeration))
    if isinstance(validator, XsdPatternFacets):
        return " | ".join(validator.regexps)
    name = getattr(validator, "local_name", None) or type(validator).__name__
    value = getattr(validator, "value", None)
    return f"{name} {value}" if value is not None else str(name)
