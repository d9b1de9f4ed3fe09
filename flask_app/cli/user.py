"""`kyzmat user`: who may log in, and as what. For the operator of the installation; recorded in the log as `system`."""

from __future__ import annotations

import secrets

import click

from flask_app.cli.installing import without_moodle
from flask_app.cli.telling import language
from flask_app.domain.errors import InvalidInput
from flask_app.messages import LANGUAGES, label
from flask_app.services import accounts
from flask_app.services.bodies import check_password

GENERATED_BYTES = 12
"""Random bytes of a password made up here: 16 signs."""


@click.group()
def user() -> None:
    """People who log in: add, list, disable, roles, passwords."""


@user.command("add")
@click.argument("login")
@click.option("--name", required=True, help="The whole name, as papers show it.")
@click.option("--role", "roles", multiple=True, help="A role in the body; may stand several times.")
@click.option("--body", default="", help="Code of the body; needed where there is more than one.")
@click.option("--language", "reads", type=click.Choice(LANGUAGES), default="ru", show_default=True)
@click.option("--generate", is_flag=True, help="Make a password up and show it once, instead of asking for one.")
def add_command(login: str, name: str, roles: tuple[str, ...], body: str, reads: str, generate: bool) -> None:
    """Add somebody. The password is asked for without being shown.

    A member of a commission needs no role: the seat gives the rights.
    """
    wanted = accounts.NewAccount(login, name, body, roles, reads)
    with without_moodle() as office:
        accounts.check_new(office, wanted)
        password = _password(generate)
        accounts.add_account(office, wanted, password)
    _say("user_added", login=login, roles=_roles(roles))
    _show_once(login, password, generate)


@user.command("password")
@click.argument("login")
@click.option("--generate", is_flag=True, help="Make a password up and show it once, instead of asking for one.")
def password_command(login: str, generate: bool) -> None:
    """Give a new password, lift a lock, and end the log-ins under the old one."""
    with without_moodle() as office:
        accounts.account(office, login)
        password = _password(generate)
        accounts.set_password(office, login, password)
    _say("user_password_kept", login=login)
    _show_once(login, password, generate)


@user.command("list")
def list_command() -> None:
    """Everybody: body, login, name, roles."""
    with without_moodle() as office:
        everybody = accounts.accounts(office)
    if not everybody:
        _say("user_list_empty")
    widest = max((len(one.login) for one in everybody), default=0)
    for one in everybody:
        state = f"  [{label('user_list_disabled', language())}]" if one.disabled else ""
        click.echo(f"{one.body}  {one.login:{widest}}  {one.language}  {one.name}: {_roles(one.roles)}{state}")


@user.command("disable")
@click.argument("login")
def disable_command(login: str) -> None:
    """Shut somebody out, at once. What they did stays under their name."""
    with without_moodle() as office:
        accounts.disable(office, login)
    _say("user_now_disabled", login=login)


@user.command("enable")
@click.argument("login")
def enable_command(login: str) -> None:
    """Let somebody who was disabled in again."""
    with without_moodle() as office:
        accounts.enable(office, login)
    _say("user_now_enabled", login=login)


@user.command("grant")
@click.argument("login")
@click.argument("role")
def grant_command(login: str, role: str) -> None:
    """Give ROLE; it holds from the next page on."""
    with without_moodle() as office:
        accounts.grant(office, login, role)
    _say("user_role_given", login=login, role=_roles((role,)))


@user.command("revoke")
@click.argument("login")
@click.argument("role")
def revoke_command(login: str, role: str) -> None:
    """Take ROLE away; from the next page on."""
    with without_moodle() as office:
        accounts.revoke(office, login, role)
    _say("user_role_taken", login=login, role=_roles((role,)))


def _password(generate: bool) -> str:
    """A password made up, or typed twice unseen. Raises `InvalidInput`: user.passwords_differ, user.password_short."""
    if generate:
        return secrets.token_urlsafe(GENERATED_BYTES)
    typed = _asked("user_password_prompt")
    check_password(typed)
    if _asked("user_password_again") != typed:
        raise InvalidInput("user.passwords_differ")
    return typed


def _asked(name: str) -> str:
    return click.prompt(label(name, language()), default="", hide_input=True, show_default=False)


def _show_once(login: str, password: str, generated: bool) -> None:
    if generated:
        _say("user_password_made", login=login, password=password)


def _roles(roles: tuple[str, ...]) -> str:
    """Roles in words, each with the name by which commands know it."""
    said = [f"{label(f'role_{role}', language())} ({role})" for role in dict.fromkeys(roles)]
    return ", ".join(said) or label("user_roles_none", language())


def _say(name: str, **params: object) -> None:
    click.echo(label(name, language(), **params))
