"""Files made to do harm: each is answered with a coded finding, within bounded time and memory."""

from __future__ import annotations

import gzip
import io
import resource
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree
from xmlschema.exceptions import XMLResourceBlocked, XMLResourceForbidden

from connector.institutions import safety
from connector.institutions.schema import explaining_schema, hardened_parser
from tests.connector_institutions.samples import NAMESPACE, RECORD, batch, changed, codes, read, records

GOOD = batch(RECORD).decode()
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DECLARED = '<?xml version="1.0" encoding="{}"?>'


def _with_doctype(subset: str, value: str = "85.5") -> bytes:
    return (f"<!DOCTYPE gradeBatch [{subset}]>" + GOOD.replace("85.5", value)).encode()


def _nested(depth: int) -> bytes:
    return changed(GOOD.encode(), "<names>", "<a>" * depth + "</a>" * depth + "<names>")


def _zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("batch.xml", GOOD * 100)
    return target.getvalue()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "BATCH_EMPTY"),
    "only white space": (lambda: b" \n" * 1000, "BATCH_EMPTY"),
    "billion laughs": (lambda: _with_doctype('<!ENTITY l0 "lol">' + LAUGHS, "&l9;"), "BATCH_DOCTYPE"),
    "quadratic blow-up": (lambda: _with_doctype(f'<!ENTITY a "{"x" * 50_000}">', "&a;" * 50_000), "BATCH_DOCTYPE"),
    "external entity": (lambda: _with_doctype('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"), "BATCH_DOCTYPE"),
    "parameter entity": (
        lambda: _with_doctype('<!ENTITY % a SYSTEM "http://192.0.2.1/a.dtd"> %a;'),
        "BATCH_DOCTYPE",
    ),
    "external DTD": (
        lambda: f'<!DOCTYPE gradeBatch SYSTEM "http://192.0.2.1/a.dtd">{GOOD}'.encode(),
        "BATCH_DOCTYPE",
    ),
    "doctype after a long comment": (
        lambda: f"<!-- {'x' * 100_000} --><!DOCTYPE gradeBatch>{GOOD}".encode(),
        "BATCH_DOCTYPE",
    ),
    "doctype in small letters": (lambda: f"<!doctype gradeBatch>{GOOD}".encode(), "BATCH_DOCTYPE"),
    "doctype hidden in UTF-16": (lambda: _with_doctype("").decode().encode("utf-16"), "BATCH_ENCODING"),
    "doctype hidden in UTF-16 without mark": (
        lambda: _with_doctype("").decode().encode("utf-16-be"),
        "BATCH_ENCODING",
    ),
    "UTF-32": (lambda: GOOD.encode("utf-32"), "BATCH_ENCODING"),
    "UTF-7": (lambda: b"+/v8-" + GOOD.encode("utf-7"), "BATCH_ENCODING"),
    "UTF-7 declared": (lambda: DECLARED.format("UTF-7").encode() + GOOD.encode("utf-7"), "BATCH_ENCODING"),
    "EBCDIC": (lambda: (DECLARED.format("cp037") + "<a/>").encode("cp037"), "BATCH_ENCODING"),
    "windows-1251": (
        lambda: (DECLARED.format("windows-1251") + GOOD.replace("уулу", "")).encode("cp1251"),
        "BATCH_ENCODING",
    ),
    "UTF-8 said to be UTF-16": (lambda: (DECLARED.format("UTF-16") + GOOD).encode(), "BATCH_ENCODING"),
    "overlong UTF-8": (lambda: GOOD.encode().replace(b"knu", b"kn\xc1\xb5"), "BATCH_ENCODING"),
    "NUL": (lambda: GOOD.encode().replace(b"knu", b"kn\0u"), "BATCH_ENCODING"),
    "control character": (lambda: GOOD.encode().replace(b"knu", b"kn\x01u"), "BATCH_NOT_XML"),
    "control character by reference": (lambda: changed(GOOD.encode(), "knu", "kn&#1;u"), "BATCH_NOT_XML"),
    "unknown entity": (lambda: changed(GOOD.encode(), "85.5", "&s;"), "BATCH_NOT_XML"),
    "deep nesting": (lambda: _nested(100_000), "BATCH_TOO_DEEP"),
    "nesting within the parser's bounds": (lambda: _nested(150), "BATCH_TOO_MANY_FIELDS"),
    "wrong namespace": (lambda: changed(GOOD.encode(), NAMESPACE, "urn:kyzmat:grade-batch:2"), "BATCH_WRONG_ROOT"),
    "no namespace": (lambda: changed(GOOD.encode(), f' xmlns="{NAMESPACE}"', ""), "BATCH_WRONG_ROOT"),
    "another document": (lambda: b"<html><body/></html>", "BATCH_WRONG_ROOT"),
    "huge attribute": (
        lambda: changed(GOOD.encode(), "<record ", f'<record x="{"y" * 9_000_000}" '),
        "BATCH_VALUE",
    ),
    "huge name": (lambda: changed(GOOD.encode(), "<names>", f"<{'n' * 60_000}/><names>"), "BATCH_NOT_XML"),
    "huge value": (lambda: changed(GOOD.encode(), ">Асанов", f">{'А' * 4_000_000}"), "BATCH_VALUE"),
    "huge number": (lambda: changed(GOOD.encode(), "<revision>1<", f"<revision>{'9' * 100_000}<"), "BATCH_VALUE"),
    "exponent bomb": (lambda: changed(GOOD.encode(), ">85.5<", ">1e999999999<"), "BATCH_VALUE"),
    "thousands of attributes": (
        lambda: changed(GOOD.encode(), "<record ", "<record " + " ".join(f'a{n}=""' for n in range(50_000)) + " "),
        "BATCH_TOO_MANY_FIELDS",
    ),
    "attribute twice": (lambda: changed(GOOD.encode(), "<record ", '<record action="issue" '), "BATCH_NOT_XML"),
    "a hundred thousand fields": (
        lambda: changed(GOOD.encode(), "<names>", "<x/>" * 100_000 + "<names>"),
        "BATCH_TOO_MANY_FIELDS",
    ),
    "a million records": (
        lambda: changed(GOOD.encode(), "</records>", "<record/>" * 1_000_000 + "</records>"),
        "BATCH_TOO_MANY_RECORDS",
    ),
    "a million parts": (
        lambda: changed(GOOD.encode(), "<header>", "<a/>" * 1_000_000 + "<header>"),
        "BATCH_TOO_MANY_RECORDS",
    ),
    "XInclude between records": (
        lambda: changed(
            GOOD.encode(),
            "</records>",
            '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/></records>',
        ),
        "BATCH_COUNT_DIFFERS",
    ),
    "XInclude in a value": (
        lambda: changed(
            GOOD.encode(),
            ">Асанов",
            '><i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>Асанов',
        ),
        "BATCH_FIELD_UNEXPECTED",
    ),
    "processing instruction": (
        lambda: f'<?xml-stylesheet href="http://192.0.2.1/a.xsl"?>{GOOD}'.encode(),
        "BATCH_INSTRUCTION",
    ),
    "processing instruction cutting a value": (
        lambda: changed(GOOD.encode(), ">85.5<", ">8<?x?>5.5<"),
        "BATCH_INSTRUCTION",
    ),
    "schema from elsewhere": (
        lambda: changed(
            GOOD.encode(),
            "<record ",
            '<record xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="names" ',
        ),
        "BATCH_ATTRIBUTE_UNEXPECTED",
    ),
    "null by xsi:nil": (
        lambda: changed(
            GOOD.encode(),
            "<names>",
            '<names xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true">',
        ),
        "BATCH_ATTRIBUTE_UNEXPECTED",
    ),
    "formula": (lambda: changed(GOOD.encode(), ">Асанов", ">=HYPERLINK(1)Асанов"), "BATCH_VALUE"),
    "direction override": (lambda: changed(GOOD.encode(), ">П-17<", ">\u202eП-17<"), "BATCH_VALUE"),
    "duplicate ids": (lambda: batch(RECORD, RECORD), "BATCH_RECORD_REPEATED"),
    "truncated": (lambda: GOOD.encode()[:-200], "BATCH_NOT_XML"),
    "two documents": (lambda: (GOOD + GOOD).encode(), "BATCH_NOT_XML"),
    "gzip": (lambda: gzip.compress(GOOD.encode()), "BATCH_COMPRESSED"),
    "zip": (_zipped, "BATCH_COMPRESSED"),
    "over the limit": (lambda: GOOD.encode() + b" " * safety.LARGEST_BATCH, "BATCH_TOO_LARGE"),
    "JSON": (lambda: b'{"records": []}', "BATCH_NOT_XML"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n\x00\x00", "BATCH_ENCODING"),
}

SLOWEST_SECONDS = 5.0


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_answered_with_a_code(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object) -> None:
        raise AssertionError("a batch was read over the network")

    monkeypatch.setattr(socket, "create_connection", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    make, code = HOSTILE[name]
    content = make()
    started = time.process_time()
    reading = read(content)
    assert time.process_time() - started < SLOWEST_SECONDS
    assert any(found.startswith(code) for found in codes(reading)), codes(reading)
    assert len(reading.records) <= 1
    assert "root:" not in str(reading), "nothing of this machine comes out"


def test_a_wrong_file_of_the_largest_size_stays_within_time_and_memory(tmp_path: Path) -> None:
    """In a process of its own that may not take more than 1.5 GB of address space."""
    wrong = changed(batch(*records(8000)), ">passed<", ">ok<").replace(b"<attempt>1</attempt>", b"<attempt>x</attempt>")
    file = tmp_path / "batch.xml"
    file.write_bytes(wrong)
    assert 4_000_000 < len(wrong) < safety.LARGEST_BATCH
    program = (
        "import sys, resource\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))\n"
        "from connector.institutions.reader import GradeBatchXmlReader\n"
        "reading = GradeBatchXmlReader().read(open(sys.argv[1], 'rb').read())\n"
        "print(len(reading.problems), len(reading.records))\n"
    )
    started = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=False)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.stderr == ""
    assert done.stdout.split() == ["8001", "0"]
    assert ended.ru_utime - started.ru_utime < 20


def test_the_explaining_schema_refuses_entities_by_itself() -> None:
    """Were a document ever handed to it as text: the library's default would expand them."""
    bomb = f'<!DOCTYPE record [<!ENTITY l0 "lol">{LAUGHS}]><record xmlns="{NAMESPACE}">&l9;</record>'
    with pytest.raises(XMLResourceForbidden):
        list(explaining_schema().iter_errors(bomb))


def test_the_explaining_schema_fetches_nothing(tmp_path: Path) -> None:
    (tmp_path / "batch.xml").write_text(GOOD)
    with pytest.raises(XMLResourceBlocked):
        list(explaining_schema().iter_errors(str(tmp_path / "batch.xml")))


def test_the_parser_expands_nothing_even_without_the_checks_before_it() -> None:
    root = etree.fromstring(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', hardened_parser())
    assert root.text is None
