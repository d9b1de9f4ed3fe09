"""What an installation may set, what is refused, and the signing key on disk."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from flask_app.domain.errors import InvalidInput
from flask_app.settings import Settings, load_settings, secret_key


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("KYZMAT_", "MOODLE_")):
            monkeypatch.delenv(name)


def test_a_fresh_machine_needs_no_settings() -> None:
    settings = load_settings()
    assert settings.home == Path("var")
    assert (settings.database_url, settings.moodle_url, settings.secret_key) == (None, None, None)
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.trusted_proxies == 0


def test_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "KYZMAT_HOME": "/srv/kyzmat",
        "KYZMAT_DATABASE_URL": "postgresql://app@db/kyzmat",
        "KYZMAT_PORT": "9000",
        "MOODLE_URL": "https://moodle.example.kg/",
        "MOODLE_TOKEN": "token",
        "KYZMAT_LANGUAGES": "ru, ky",
        "KYZMAT_PUBLIC_URL": "https://kyzmat.example.kg",
        "KYZMAT_HOST": "",
    }.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.home == Path("/srv/kyzmat")
    assert settings.postgres_dir == Path("/srv/kyzmat/postgres")
    assert settings.files_dir == Path("/srv/kyzmat/files")
    assert settings.port == 9000
    assert settings.host == "127.0.0.1"
    assert settings.moodle_url == "https://moodle.example.kg"
    assert settings.languages == ("ru", "ky")
    assert settings.secure_cookie


def test_secrets_are_not_shown() -> None:
    settings = Settings(
        database_url=SecretStr("postgresql://app:pa55@db/kyzmat"),
        secret_key=SecretStr("k" * 40),
        moodle_url="https://m.kg",
        moodle_token=SecretStr("t0ken"),
    )
    shown = repr(settings) + str(settings.model_dump())
    assert not [secret for secret in ("pa55", "k" * 40, "t0ken") if secret in shown]


def test_every_field_is_described_and_every_secret_is_one() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        if name.endswith(("_url", "_token", "_key")) and name not in ("moodle_url", "public_url"):
            assert "SecretStr" in str(field.annotation), name


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        load_settings().port = 1  # type: ignore[misc]  # what the test is about


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({"KYZMAT_PORT": "many"}, "KYZMAT_PORT"),
        ({"KYZMAT_PORT": "70000"}, "KYZMAT_PORT"),
        ({"KYZMAT_DATABASE_URL": "mysql://root:pa55@db/x"}, "KYZMAT_DATABASE_URL"),
        ({"KYZMAT_DATABASE_OWNER_URL": "postgresql://owner:pa55@db/x"}, "KYZMAT_*"),
        ({"MOODLE_URL": "moodle.example.kg", "MOODLE_TOKEN": "pa55"}, "MOODLE_URL"),
        ({"MOODLE_TOKEN": "pa55"}, "KYZMAT_*"),
        ({"KYZMAT_SECRET_KEY": "pa55"}, "KYZMAT_SECRET_KEY"),
        ({"KYZMAT_LANGUAGES": "ru,uz"}, "KYZMAT_LANGUAGES"),
        ({"KYZMAT_TRUSTED_PROXIES": "-1"}, "KYZMAT_TRUSTED_PROXIES"),
        ({"KYZMAT_COOKIE_SAMESITE": "None"}, "KYZMAT_COOKIE_SAMESITE"),
    ],
)
def test_wrong_value_is_refused_by_name_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], name: str
) -> None:
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidInput) as caught:
        load_settings()
    assert caught.value.code == "settings.invalid"
    assert caught.value.params["name"] == name
    assert "pa55" not in str(caught.value)


# ------------------------------------------------------------------------------------------------------- signing key


def test_signing_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "var")
    assert not (tmp_path / "var").exists(), "settings themselves touch no disk"
    key = secret_key(settings)
    assert len(key.get_secret_value()) >= 60
    assert secret_key(settings) == key
    assert (tmp_path / "var" / "secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret"]


def test_two_installations_have_two_keys(tmp_path: Path) -> None:
    assert secret_key(Settings(home=tmp_path / "a")) != secret_key(Settings(home=tmp_path / "b"))


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    keys: list[str] = []
    threads = [
        threading.Thread(target=lambda: keys.append(secret_key(Settings(home=tmp_path)).get_secret_value()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_given_key_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    given = SecretStr("g" * 40)
    assert secret_key(Settings(home=tmp_path, secret_key=given)) == given
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "mode", "code"),
    [
        ("k" * 40, 0o644, "settings.secret_readable"),
        ("k" * 40, 0o640, "settings.secret_readable"),
        ("short", 0o600, "settings.secret_short"),
        ("", 0o600, "settings.secret_short"),
    ],
)
def test_bad_key_file_is_refused(tmp_path: Path, content: str, mode: int, code: str) -> None:
    path = tmp_path / "secret"
    path.write_text(content)
    path.chmod(mode)
    with pytest.raises(InvalidInput) as caught:
        secret_key(Settings(home=tmp_path))
    assert caught.value.code == code
