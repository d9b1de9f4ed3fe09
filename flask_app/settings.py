"""What an installation decides: one frozen class, every value typed and described, secrets marked.

Reading settings touches the environment only. The two steps that touch the disk are functions of their own:
`load_settings` turns a wrong value into a sentence for a person, `secret_key` reads or creates the signing key.
"""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from flask_app.domain.errors import InvalidInput

SECRET_BYTES = 48
"""Random bytes of a new signing key."""

SHORTEST_SECRET = 32
"""Characters below which a signing key is refused."""

POSTGRES_SCHEMES = ("postgresql", "postgresql+psycopg", "postgres")


class Settings(BaseSettings):
    """The environment, read once. Names are `KYZMAT_<FIELD>`; Moodle's two have no prefix."""

    model_config = SettingsConfigDict(
        env_prefix="KYZMAT_",
        frozen=True,
        extra="forbid",
        env_ignore_empty=True,
        validate_default=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    home: Path = Field(
        default=Path("var"),
        description="Folder of everything this installation keeps on disk: database, files, secret, papers.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL 15 or newer, as the application's role; empty = the embedded one in `home`.",
    )
    database_owner_url: SecretStr | None = Field(
        default=None,
        description="The same database as the role that owns the schema and migrates it; empty = `database_url`.",
    )
    moodle_url: str | None = Field(
        default=None,
        validation_alias="MOODLE_URL",
        description="Address of the Moodle site (https://…); empty = the stand-in.",
    )
    moodle_token: SecretStr | None = Field(
        default=None,
        validation_alias="MOODLE_TOKEN",
        description="Web service token of the Moodle account that has the role of `local_kyzmat`.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="Key that signs sessions and forms; empty = kept in `home`/secret, made at the first start.",
    )
    host: str = Field(default="127.0.0.1", description="Address the panel listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the panel listens on.")
    processes: int = Field(
        default=2, ge=1, le=64, description="Processes that answer; one per processor core is right."
    )
    public_url: str | None = Field(
        default=None, description="Address people type, when a proxy stands before the panel (https://…)."
    )
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = Field(
        default=0, description="How many proxies in front may set X-Forwarded-*; 0 = none is believed."
    )
    cookie_name: str = Field(
        default="kyzmat", pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Name of the session cookie."
    )
    cookie_secure: bool | None = Field(
        default=None, description="Send the cookie over HTTPS only; empty = yes when `public_url` is https."
    )
    cookie_samesite: Literal["Lax", "Strict"] = Field(default="Lax", description="SameSite of the session cookie.")
    session_idle: timedelta = Field(
        default=timedelta(minutes=30), description="A session without a request for so long ends."
    )
    session_length: timedelta = Field(
        default=timedelta(hours=10), description="A session ends after so long in any case."
    )
    upload_limit: int = Field(default=20 * 1024 * 1024, ge=1024, description="Largest request body, in bytes.")
    languages: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("ky", "ru", "kk", "en"), description="Languages offered, comma separated; the first is the default."
    )

    @field_validator("languages", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("languages")
    @classmethod
    def _known_languages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or set(value) - {"ky", "ru", "kk", "en"}:
            raise ValueError("only ky, ru, kk, en")
        return value

    @field_validator("database_url", "database_owner_url")
    @classmethod
    def _postgres_only(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and value.get_secret_value().partition("://")[0] not in POSTGRES_SCHEMES:
            raise ValueError("not a postgresql:// address")
        return value

    @field_validator("moodle_url", "public_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("https://", "http://")):
            raise ValueError("not an http(s):// address")
        return value.rstrip("/") if value else value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"shorter than {SHORTEST_SECRET} characters")
        return value

    @model_validator(mode="after")
    def _owner_needs_database(self) -> Settings:
        if self.database_owner_url is not None and self.database_url is None:
            raise ValueError("KYZMAT_DATABASE_OWNER_URL without KYZMAT_DATABASE_URL")
        if (self.moodle_url is None) != (self.moodle_token is None):
            raise ValueError("MOODLE_URL and MOODLE_TOKEN go together")
        return self

    @property
    def secure_cookie(self) -> bool:
        """Whether the session cookie may travel over HTTPS only."""
        if self.cookie_secure is not None:
            return self.cookie_secure
        return bool(self.public_url and self.public_url.startswith("https://"))

    @property
    def postgres_dir(self) -> Path:
        """Where the embedded database stands, unless `postgres.location` beside it says otherwise."""
        return self.home / "postgres"

    @property
    def files_dir(self) -> Path:
        """Root of the content-addressed file store."""
        return self.home / "files"


def load_settings() -> Settings:
    """The settings of this process's environment.

    Raises `InvalidInput("settings.invalid", name=…, reason=…)` for the first wrong value; the value is not repeated.
    """
    try:
        return Settings()
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = "_".join(str(part) for part in problem["loc"])
        raise InvalidInput("settings.invalid", name=_variable(name), reason=problem["msg"]) from None


def _variable(field: str) -> str:
    if not field:
        return "KYZMAT_*"
    return field if field.isupper() else f"KYZMAT_{field.upper()}"


def secret_key(settings: Settings) -> SecretStr:
    """The signing key: the one given, else the one kept in `home`/secret (mode 0600), made when there is none.

    Raises `InvalidInput`: "settings.secret_readable" when others may read the file, "settings.secret_short" when it
    holds less than 32 characters.
    """
    if settings.secret_key is not None:
        return settings.secret_key
    path = settings.home / "secret"
    if not path.exists():
        _write_secret(path)
    if path.stat().st_mode & 0o077:
        raise InvalidInput("settings.secret_readable", path=str(path))
    key = path.read_text(encoding="ascii").strip()
    if len(key) < SHORTEST_SECRET:
        raise InvalidInput("settings.secret_short", path=str(path), shortest=SHORTEST_SECRET)
    return SecretStr(key)


def _write_secret(path: Path) -> None:
    """Whole or not at all; of two processes that start together one wins and both read its key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(SECRET_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return  # the other process was first
    finally:
        draft.unlink()
