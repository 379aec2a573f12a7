"""Accounts and transfers in and out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from pydantic import Field

from tracktok.expenses.models import AccountType
from tracktok.web.api import ListQuery, Schema


class AccountIn(Schema):
    """A bank account, cash box, card or wallet."""

    name: str = Field(min_length=1, max_length=120, examples=["Current account"])
    type: AccountType = AccountType.bank
    currency: str | None = Field(None, pattern=r"^[A-Za-z]{3}$", description="The company's, when none is given")
    number_last4: str = Field("", pattern=r"^[0-9A-Za-z]{0,4}$", examples=["4821"])
    institution: str = Field("", max_length=120)
    opening_balance: Decimal = Field(
        Decimal(0), max_digits=16, decimal_places=4, description="What was there before; on a card, what is owed"
    )
    opening_date: date | None = Field(None, description="The day of the opening balance; today when none is given")
    exchange_rate: Decimal | None = Field(
        None, gt=0, max_digits=21, decimal_places=12, description="For an opening balance in a foreign currency"
    )
    is_archived: bool = False


class AccountPatch(Schema):
    """What to change of an account. Its currency stays once it has been used."""

    name: str | None = Field(None, min_length=1, max_length=120)
    type: AccountType | None = None
    number_last4: str | None = Field(None, pattern=r"^[0-9A-Za-z]{0,4}$")
    institution: str | None = Field(None, max_length=120)
    opening_balance: Decimal | None = Field(None, max_digits=16, decimal_places=4)
    opening_date: date | None = None
    exchange_rate: Decimal | None = Field(None, gt=0, max_digits=21, decimal_places=12)
    is_archived: bool | None = None


class AccountQuery(ListQuery):
    """Which accounts."""

    q: str | None = Field(None, max_length=120, description="Part of the name or institution")
    type: AccountType | None = None
    archived: bool | None = Field(None, description="Only archived ones, or only those in use")
    sort: str = Field("name", description="name or created_at; a minus in front turns it around")


class AccountOut(Schema):
    """An account with its balance, which is that of its account in the books."""

    id: UUID
    name: str
    type: AccountType
    currency: str
    number_last4: str
    institution: str
    opening_balance: str
    opening_date: date
    balance: str = Field(description="In the account's currency; on a card, below zero when something is owed")
    book_account_id: UUID
    is_archived: bool
    version: int
    created_at: str
    updated_at: str


class AccountTransferIn(Schema):
    """Money that goes from one account to another."""

    to_account_id: UUID
    amount: Decimal = Field(gt=0, max_digits=16, decimal_places=4, description="What leaves, in its currency")
    to_amount: Decimal | None = Field(
        None, gt=0, max_digits=16, decimal_places=4, description="What arrives, when the currencies differ"
    )
    transfer_date: date | None = Field(None, description="Today when none is given")
    note: str = Field("", max_length=200)


class AccountTransferOut(Schema):
    """A transfer as it was posted."""

    entry_id: UUID
    from_account_id: UUID
    to_account_id: UUID
    amount: str
    currency: str
    to_amount: str
    to_currency: str
    transfer_date: date
    note: str
