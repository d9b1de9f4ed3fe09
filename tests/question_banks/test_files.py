"""Reading bank folders: what is missing, misspelled or not UTF-8 is named with its file and place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gift_export.reader import read
from question_banks.assembly import assemble
from question_banks.bank import BankError
from question_banks.files import bank_folders, load_bank, read_folder, shipped_sources
from question_banks.manifest import parse_head, parse_sources

HEAD = """
id = "demo"
block = "general"
release = "1"
status = "test"
languages = ["ru"]
options = 2
category_path = "KG/general"
[titles]
ru = "Пример"
[topics.law]
ru = "Право"
category = "act-1"
"""
GIFT = """$CATEGORY: KG/general/act-1/ru

// [id:q-1.ru] [tag:topic:law] [tag:source:seed-003#L116]
::q-1::За сколько дней? {
=за семь
~за один
}
"""


@pytest.fixture
def bank_path(tmp_path: Path) -> Path:
    (tmp_path / "bank.toml").write_text(HEAD, encoding="utf-8")
    (tmp_path / "demo.ru.gift").write_text(GIFT, encoding="utf-8")
    return tmp_path


def refusal(path: Path) -> BankError:
    with pytest.raises(BankError) as refused:
        load_bank(path, read)
    return refused.value


def test_a_bank_is_loaded(bank_path: Path) -> None:
    loaded = load_bank(bank_path, read)
    (item,) = loaded.items
    assert (loaded.id, loaded.languages, item.id, item.topic) == ("demo", ("ru",), "q-1", "law")
    assert [str(place) for place in item.citations] == ["seed-003#L116"]
    assert item.versions["ru"].category == loaded.category_of("law", "ru") == "KG/general/act-1/ru"
    assert loaded.category_of("sport", "ru") is None


def test_assembling_is_pure(bank_path: Path) -> None:
    folder = read_folder(bank_path)
    questions = {"ru": read(folder.texts["ru"].text).questions}
    assert assemble(folder, questions) == load_bank(bank_path, read)


def test_a_bank_may_bring_sources_of_its_own(bank_path: Path) -> None:
    (bank_path / "demo.ru.gift").write_text(GIFT.replace("seed-003#L116", "own#p5"), encoding="utf-8")
    assert refusal(bank_path).code == "BANK_CITATION_DEAD"
    own = '[source.own]\nkind = "act"\ntitle.ru = "Акт"\n[source.own.points]\np5 = {ru = "пункт 5"}\n'
    (bank_path / "sources.toml").write_text(own, encoding="utf-8")
    assert load_bank(bank_path, read).items[0].citations[0].source == "own"


def test_a_missing_language_file(bank_path: Path) -> None:
    (bank_path / "demo.ru.gift").unlink()
    refused = refusal(bank_path)
    assert (refused.code, refused.params["file"]) == ("BANK_FILE_MISSING", str(bank_path / "demo.ru.gift"))


def test_a_missing_head(tmp_path: Path) -> None:
    assert refusal(tmp_path).params["file"] == str(tmp_path / "bank.toml")


def test_a_file_the_head_does_not_name(bank_path: Path) -> None:
    (bank_path / "demo.ky.gift").write_text("", encoding="utf-8")
    refused = refusal(bank_path)
    assert (refused.code, refused.params["expected"]) == ("BANK_FILE_STRAY", "demo.ru.gift")


def test_a_file_in_another_encoding(bank_path: Path) -> None:
    broken = GIFT.encode().replace("один".encode(), "один".encode("cp1251"))
    (bank_path / "demo.ru.gift").write_bytes(broken)
    refused = refusal(bank_path)
    place = (refused.params["line"], refused.params["column"])
    assert (refused.code, *place) == ("BANK_FILE_ENCODING", 6, 5)


def test_a_gift_error_is_named_with_its_place(bank_path: Path) -> None:
    (bank_path / "demo.ru.gift").write_text(GIFT.replace("}", ""), encoding="utf-8")
    refused = refusal(bank_path)
    assert refused.code == "BANK_UNREADABLE"
    assert refused.params["file"] == str(bank_path / "demo.ru.gift")
    assert refused.params["problem"] in {problem.code for problem in read(GIFT.replace("}", "")).problems}
    assert refused.params["line"] == 4


def test_a_broken_rule_is_named_with_its_place(bank_path: Path) -> None:
    (bank_path / "demo.ru.gift").write_text(GIFT.replace("~за один", "~за один\n~за два"), encoding="utf-8")
    refused = refusal(bank_path)
    assert (refused.code, refused.params["line"]) == ("BANK_OPTION_COUNT", 4)
    assert (refused.params["n"], refused.params["expected"]) == (3, 2)


def test_a_readers_warning_does_not_keep_a_bank_from_loading(bank_path: Path) -> None:
    odd = GIFT.replace("// [id:q-1.ru]", "// [id:q-1.ru] [id:second]")
    assert {problem.severity for problem in read(odd).problems} == {"warning"}
    (bank_path / "demo.ru.gift").write_text(odd, encoding="utf-8")
    assert load_bank(bank_path, read).items[0].id == "q-1"


def test_a_warning_does_not_keep_a_bank_from_loading(bank_path: Path) -> None:
    (bank_path / "demo.ru.gift").write_text(GIFT.replace("::q-1::", "::другое::"), encoding="utf-8")
    assert load_bank(bank_path, read).items[0].versions["ru"].name == "другое"


def test_line_ends_and_a_byte_order_mark_do_not_matter(bank_path: Path) -> None:
    plain = load_bank(bank_path, read)
    (bank_path / "demo.ru.gift").write_bytes(b"\xef\xbb\xbf" + GIFT.replace("\n", "\r\n").encode())
    assert load_bank(bank_path, read).hash == plain.hash


def test_bank_folders_are_found_below_a_folder(bank_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    parent = tmp_path_factory.mktemp("banks")
    for name in ("b", "a"):
        (parent / name).mkdir()
        (parent / name / "bank.toml").write_text(HEAD, encoding="utf-8")
    assert bank_folders(parent) == (parent / "a", parent / "b")
    assert bank_folders(bank_path) == (bank_path,)


# ------------------------------------------------------------------------------------------------------ the manifest


def head_refusal(text: str) -> tuple[str, Any]:
    with pytest.raises(BankError) as refused:
        parse_head(text, "bank.toml")
    assert refused.value.params["file"] == "bank.toml"
    return refused.value.code, refused.value.params.get("key", refused.value.params["line"])


@pytest.mark.parametrize(
    ("old", "new", "code", "key"),
    [
        ('id = "demo"', "", "BANK_TOML_MISSING", "id"),
        ('id = "demo"', 'id = " "', "BANK_TOML_EMPTY", "id"),
        ('id = "demo"', "id = 5", "BANK_TOML_TYPE", "id"),
        ("options = 2", 'options = "2"', "BANK_TOML_TYPE", "options"),
        ("options = 2", "options = true", "BANK_TOML_TYPE", "options"),
        ("options = 2", "options = -2", "BANK_TOML_TYPE", "options"),
        ('["ru"]', "[]", "BANK_TOML_TYPE", "languages"),
        ('["ru"]', '["ru", "ru"]', "BANK_TOML_TYPE", "languages"),
        ('["ru"]', '["русский"]', "BANK_TOML_TYPE", "languages"),
        ('["ru"]', "[1]", "BANK_TOML_TYPE", "languages"),
        ('ru = "Пример"', "ru = 1", "BANK_TOML_TYPE", "titles.ru"),
        ('ru = "Право"', 'ru = ""', "BANK_TOML_EMPTY", "topics.law.ru"),
        ('id = "demo"', "id = demo", "BANK_TOML_SYNTAX", 2),
    ],
)
def test_a_head_is_refused_with_its_key(old: str, new: str, code: str, key: object) -> None:
    assert head_refusal(HEAD.replace(old, new)) == (code, key)


def test_a_topic_lies_under_its_id_unless_it_says_otherwise() -> None:
    head = parse_head(HEAD.replace('category = "act-1"', ""), "bank.toml")
    assert head.category_of("law", "ky") == "KG/general/law/ky"


def test_an_unverified_act_has_the_point_that_says_so() -> None:
    text = '[source.act]\nkind = "act"\ntitle.ru = "Акт"\narticle = "unverified"\n'
    assert set(parse_sources(text, "sources.toml")["act"].points) == {"unverified"}
    assert set(parse_sources(text.replace('article = "unverified"\n', ""), "sources.toml")["act"].points) == set()


@pytest.mark.parametrize("kind", ['"law"', "3", '""'])
def test_a_source_of_an_unknown_kind(kind: str) -> None:
    with pytest.raises(BankError) as refused:
        parse_sources(f'[source.act]\nkind = {kind}\ntitle.ru = "Акт"\n', "sources.toml")
    assert refused.value.params["key"] == "source.act.kind"


def test_the_shipped_sources_are_whole() -> None:
    for source in shipped_sources().values():
        assert set(source.titles) == {"ky", "ru"}, source.id
        assert source.points, source.id
        if source.kind == "document":
            numbers = [int(point.removeprefix("L")) for point in source.points]
            assert numbers == sorted(set(numbers)), source.id
            assert 1 <= numbers[0] <= numbers[-1] <= source.lines, source.id
