"""The committed templates, their check, and what the check refuses."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import get_args, get_origin, get_type_hints

import pytest

from docs_templates import archive
from docs_templates.check import check_template, check_upload, main
from docs_templates.drafting.__main__ import DRAFTS, drafted
from docs_templates.registry import TEMPLATES
from docs_templates.sandbox import compiled
from docs_templates.wording import to_review, vocabulary
from flask_app.messages.catalogue import explain
from flask_app.ports.paper import PaperKind, TemplateFault

KINDS = list(TEMPLATES)


@pytest.mark.parametrize("kind", KINDS)
def test_committed_templates_pass(kind: PaperKind) -> None:
    assert check_template(TEMPLATES[kind], TEMPLATES[kind].content()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_committed_templates_are_what_the_drafts_make(kind: PaperKind) -> None:
    assert archive.read(TEMPLATES[kind].content()) == archive.read(drafted(kind))


def test_every_registered_template_is_drafted() -> None:
    assert set(DRAFTS) == set(TEMPLATES)


def test_the_command_finds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out == ""


def test_wording_has_the_same_places_in_both_languages() -> None:
    words = vocabulary()

    class Places(dict[str, str]):
        def __missing__(self, key: str) -> str:
            self.asked.append(key)
            return ""

        def __init__(self) -> None:
            super().__init__()
            self.asked: list[str] = []

    def places(phrase: str) -> list[str]:
        found = Places()
        phrase.format_map(found)
        return sorted(found.asked)

    for code, phrase in words["ky"].phrases.items():
        assert places(phrase) == places(words["ru"].phrases[code]), code


def test_kyrgyz_wording_waits_for_a_native_reader() -> None:
    assert all(languages == ("ky",) for languages in to_review().values())


def altered(change: Callable[[dict[str, bytes]], None], kind: PaperKind = "D19") -> bytes:
    members = archive.read(TEMPLATES[kind].content())
    change(members)
    return archive.write(archive.pack(name, content) for name, content in members.items())


def with_text(text: str) -> bytes:
    def change(members: dict[str, bytes]) -> None:
        marker = b"{{ ky.head_name }}"
        assert marker in members["word/document.xml"]
        members["word/document.xml"] = members["word/document.xml"].replace(marker, text.encode())

    return altered(change)


def faults(content: bytes, kind: PaperKind = "D19") -> set[str]:
    """The codes found, after making sure that each can be explained."""
    found = check_template(TEMPLATES[kind], content)
    for fault in found:
        assert explain(fault.code, "ky", fault.params).text
        assert explain(fault.code, "ru", fault.params).cure
    return {fault.code for fault in found}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ ky.head_nmae }}", "TEMPLATE_UNKNOWN_FIELD"),
        ("{{ head_name }}", "TEMPLATE_UNKNOWN_FIELD"),
        ("{% for line in ky.basis %}{{ line.text }}{% endfor %}", "TEMPLATE_UNKNOWN_FIELD"),
        ("{% for line in ky.bases %}{{ line }}{% endfor %}", "TEMPLATE_UNKNOWN_FIELD"),
        ("{% if ky.winner %}x{% endif %}", "TEMPLATE_UNKNOWN_FIELD"),
        ("{{ ky.head_name.upper }}", "TEMPLATE_UNKNOWN_FIELD"),
        ("{{ ky.__class__ }}", "TEMPLATE_UNKNOWN_FIELD"),
        ("{{ loop.index }}", "TEMPLATE_UNKNOWN_FIELD"),
        ("{% for x in ky.basis %}{{ loop.cycle }}{% endfor %}", "TEMPLATE_UNKNOWN_FIELD"),
        ("{% for x in ky.head_name %}{{ x }}{% endfor %}", "TEMPLATE_NOT_A_LIST"),
        ("{{ ky.basis }}", "TEMPLATE_NOT_A_TEXT"),
        ("{{ ky.frame }}", "TEMPLATE_NOT_A_TEXT"),
        ("{{ ky.head_name.upper() }}", "TEMPLATE_FORBIDDEN"),
        ("{{ ky.head_name ~ 'x' }}", "TEMPLATE_FORBIDDEN"),
        ("{{ 'a' * 100000000 }}", "TEMPLATE_FORBIDDEN"),
        ("{{ ky.basis[0] }}", "TEMPLATE_FORBIDDEN"),
        ("{{ ky.head_name|safe }}", "TEMPLATE_FORBIDDEN"),
        ("{% set x = 1 %}", "TEMPLATE_FORBIDDEN"),
        ("{% macro m() %}{% endmacro %}", "TEMPLATE_FORBIDDEN"),
        ("{% include 'x' %}", "TEMPLATE_FORBIDDEN"),
        ("{{ ky.head_name", "TEMPLATE_SYNTAX"),
        ("{% for x in ky.basis %}", "TEMPLATE_SYNTAX"),
    ],
)
def test_what_a_template_may_not_ask(text: str, code: str) -> None:
    assert code in faults(with_text(text))


@pytest.mark.parametrize(
    "text",
    [
        "{{ ky.head_name }}",
        "{{ ky.basis|length }}",
        "{{ ky.basis|join(', ') }}",
        "{% if ky.basis %}{{ ky.unit }}{% else %}–{% endif %}",
        "{% for x in ky.basis %}{{ loop.index }}. {{ x }}{% if not loop.last %}; {% endif %}{% endfor %}",
    ],
)
def test_what_a_template_may_ask(text: str) -> None:
    assert faults(with_text(text)) == set()


def test_expressions_that_word_has_split_are_repaired() -> None:
    split = '{{ ky.</w:t></w:r><w:proofErr w:type="spellStart"/><w:r><w:t>head_name }}'

    assert faults(with_text(split)) == set()


OUTSIDE = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a"'
    b' Type="t" TargetMode="External" Target="https://example.org/x.dotm"/></Relationships>'
)


@pytest.mark.parametrize(
    ("member", "content", "code"),
    [
        ("word/vbaProject.bin", b"MZ", "TEMPLATE_ACTIVE"),
        ("word/embeddings/oleObject1.bin", b"\xd0\xcf", "TEMPLATE_ACTIVE"),
        ("word/document.xml", b"<w:document", "TEMPLATE_XML"),
        ("word/document.xml", b'<!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>', "TEMPLATE_XML"),
        ("word/document.xml", b"\xff\xfe\x00", "TEMPLATE_XML"),
        ("word/footer1.xml", b'<x xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:tbl/></x>',
         "TEMPLATE_NO_GRID"),
        (
            "word/_rels/footer1.xml.rels",
            OUTSIDE,
            "TEMPLATE_LINK",
        ),
    ],
)  # fmt: skip
def test_what_a_file_may_not_hold(member: str, content: bytes, code: str) -> None:
    assert code in faults(altered(lambda members: members.update({member: content})))


def test_a_text_without_its_language_is_refused() -> None:
    def change(members: dict[str, bytes]) -> None:
        members["word/document.xml"] = members["word/document.xml"].replace(b"ky-KG", b"ru-RU")

    assert faults(altered(change)) == {"TEMPLATE_NO_LANGUAGE"}


def without_content_types(members: dict[str, bytes]) -> None:
    del members["[Content_Types].xml"]


def test_a_missing_part_is_refused() -> None:
    assert faults(altered(without_content_types)) == {"TEMPLATE_NOT_WORD"}


def bomb() -> bytes:
    """30 MB of zeros in some 30 KB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("word/document.xml", b"\0" * (15 * 2**20))
        target.writestr("word/header1.xml", b"\0" * (15 * 2**20))
    return file.getvalue()


def lying() -> bytes:
    """Declares 100 bytes and holds more."""
    honest = archive.pack("word/document.xml", bytes(range(256)) * 40)
    return archive.write([archive.Member(honest.name, honest.method, honest.crc, 100, honest.packed)])


def crowd() -> bytes:
    return archive.write(archive.pack(f"{number}.xml", b"") for number in range(archive.MAX_MEMBERS + 1))


def giant() -> bytes:
    """Declares a member over the limit; nobody has to make it to have it refused."""
    return archive.write([archive.Member(b"a.xml", 8, 0, archive.MAX_MEMBER_BYTES + 1, b"\0" * 10**6)])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "TEMPLATE_NOT_A_ZIP"),
        (b"PK\x05\x06" + b"\0" * 10, "TEMPLATE_NOT_A_ZIP"),
        (b"%PDF-1.7", "TEMPLATE_NOT_A_ZIP"),
        (bomb(), "TEMPLATE_RATIO"),
        (lying(), "TEMPLATE_NOT_A_ZIP"),
        (crowd(), "TEMPLATE_TOO_MANY_MEMBERS"),
        (giant(), "TEMPLATE_TOO_LARGE"),
        (archive.write([archive.pack("../evil", b"x")]), "TEMPLATE_NOT_A_ZIP"),
        (archive.write([archive.pack("a", b"x"), archive.pack("a", b"y")]), "TEMPLATE_NOT_A_ZIP"),
    ],
    ids=["empty", "end only", "pdf", "bomb", "lying", "crowd", "giant", "path", "twice"],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")  # raised by the standard library's writer, not used here
def test_uploads_that_are_no_template(content: bytes, code: str) -> None:
    assert [fault.code for fault in check_upload("D19", content)] == [code]


def test_an_upload_is_judged_in_a_child_process() -> None:
    assert check_upload("D19", TEMPLATES["D19"].content()) == []
    found = check_upload("D19", with_text("{{ ky.head_nmae }}"))
    assert [fault.code for fault in found] == ["TEMPLATE_UNKNOWN_FIELD"]


def test_a_template_that_needs_too_much_is_stopped() -> None:
    loops = "".join(f"{{% for a{n} in ky.rows %}}" for n in range(12)) + "x" + "{% endfor %}" * 12

    def change(members: dict[str, bytes]) -> None:
        document = members["word/document.xml"].decode()
        members["word/document.xml"] = document.replace("{{ ky.frame.number }}", loops).encode()

    found = check_upload("D11", altered(change, "D11"), cpu_seconds=3)
    assert [fault.code for fault in found] == ["TEMPLATE_CHECK_STOPPED"]


@pytest.mark.parametrize(
    "source",
    [
        "{{ x.__class__ }}",
        "{{ x.upper() }}",
        "{{ 'a' * 9 }}",
        "{{ 2 ** 9 }}",
        "{{ missing }}",
        "{{ x.missing }}",
        "{{ x[0] }}",
    ],
)
def test_the_sandbox_refuses_at_print_time_too(source: str) -> None:
    with pytest.raises(TemplateFault) as fault:
        compiled("word/document.xml", source)({"x": "text"})
    assert fault.value.code == "TEMPLATE_RENDER"


def test_the_zip_records_are_those_of_the_format() -> None:
    written = archive.write([archive.pack("a.xml", b"text")])

    assert struct.unpack_from("<4sHHH", written) == (b"PK\x03\x04", 20, 0x800, 0)


def test_every_field_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "papers.md").read_text(encoding="utf-8")

    for template in TEMPLATES.values():
        for name in field_names(template.context_type):
            assert f"`{name}`" in page or f"`{name}[]`" in page, name


def field_names(kind: type) -> Iterator[str]:
    """Of a context and of everything in it."""
    for name, hint in get_type_hints(kind).items():
        yield name
        inner = get_args(hint)[0] if get_origin(hint) is tuple else hint
        if is_dataclass(inner) and isinstance(inner, type):
            yield from field_names(inner)
