"""The banks that ship with the product, read and checked before anything of them is taken."""

from __future__ import annotations

from flask_app.domain.errors import InvalidInput
from gift_export.reader import read
from question_banks.assembly import read_bank
from question_banks.bank import Bank, BankError
from question_banks.files import shipped_folders


def read_shipped_banks() -> tuple[Bank, ...]:
    """Raises `InvalidInput` with the code, file, line and column of the first error; then no bank is given at all."""
    try:
        return tuple(read_bank(folder, read) for folder in shipped_folders())
    except BankError as error:
        raise InvalidInput(error.code, None, **error.params) from error
