"""The schema of grade batches, loaded in one place with the settings that keep hostile files harmless.

`defuse="always"` matters: by default xmlschema expands the entities of a document that is handed to it as text.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import xmlschema
from lxml import etree

NAMESPACE = "urn:kyzmat:grade-batch:1"


def schema_bytes() -> bytes:
    """The XSD as it ships, for institutions to check their files with."""
    return resources.files(__package__).joinpath("grade_batch.xsd").read_bytes()


@cache
def explaining_schema() -> xmlschema.XMLSchema10:
    """The slow validator that names field and rule. Refuses any document type declaration, fetches nothing."""
    text = schema_bytes().decode("utf-8").partition("?>")[2].lstrip()
    return xmlschema.XMLSchema10(text, defuse="always", allow="none")


def fast_schema() -> etree.XMLSchema:
    """The fast validator. A new one for each reading: its list of errors is not meant for several threads."""
    return etree.XMLSchema(etree.fromstring(schema_bytes(), hardened_parser()))


def hardened_parser() -> etree.XMLParser:
    """Resolves nothing, fetches nothing, keeps libxml2's limits; comments are dropped so that they cut no value."""
    settings: Any = {
        "encoding": "utf-8",
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "dtd_validation": False,
        "huge_tree": False,
        "remove_comments": True,
    }
    return etree.XMLParser(**settings)
