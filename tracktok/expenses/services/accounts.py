"""Accounts: made with an account of the books, changed, deleted; and money moved between them."""

from __future__ import annotations

from dataclasses import replace as replace_fields
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from tracktok.audit.services import record
from tracktok.core import clock, money
from tracktok.core.context import preferences
from tracktok.core.db import db
from tracktok.core.errors import Conflict, FieldError, Invalid
from tracktok.core.ids import new_id
from tracktok.expenses.models import Account, AccountType
from tracktok.expenses.queries import accounts as queries
from tracktok.expenses.rules import amounts as rules
from tracktok.expenses.schemas.accounts import AccountIn, AccountPatch, AccountTransferIn, AccountTransferOut
from tracktok.ledger.queries import balance_of, book_account_for, latest_entry, rate_between
from tracktok.ledger.rules import Entry, Line
from tracktok.ledger.services import create_book_account, no_rate, post, replace
from tracktok.tenants.services import reserve

SOURCE = "account"
_FIELDS = ("name", "number_last4", "institution", "opening_balance", "is_archived")


class AccountNameTaken(Conflict):
    code, title = "name_taken", "There is an account of this name"

    def __init__(self) -> None:
        text = "There is an account of this name already."
        super().__init__(text, errors=[FieldError("/name", self.code, text)])


class AccountInUse(Conflict):
    code, title = "in_use", "This account is in use"


def create_account(body: AccountIn) -> Account:
    """Make an account with its own account in the books, and post what was there before.

    Raises PlanLimit (402), Conflict (409) for a name that is taken, Invalid (422).
    """
    reserve("accounts", queries.count_accounts)
    currency = (body.currency or preferences().currency).upper()
    _check(body, currency, None)
    kind = "liability" if body.type is AccountType.card else "asset"
    book = create_book_account(body.name, kind, currency=currency)
    account = Account(
        id=new_id(),
        type=body.type.value,
        currency=currency,
        book_account_id=book.id,
        opening_date=body.opening_date or clock.today(preferences().timezone),
    )
    for name in _FIELDS:
        setattr(account, name, getattr(body, name))
    entries = _opening(account, body.exchange_rate)
    db.session.add(account)
    db.session.flush()
    post(entries)
    return account


def change_account(account: Account, body: AccountIn) -> Account:
    """Change an account, locked by the caller, as a whole. Its currency stays; a card stays a card."""
    if body.currency is not None and body.currency.upper() != account.currency:
        raise Invalid.at("currency", "The currency of an account stays. Make another account for another currency.")
    if (body.type is AccountType.card) != (account.type == AccountType.card):
        raise Invalid.at("type", "A card is something that is owed, so an account cannot become one or stop being one.")
    _check(body, account.currency, account.id)
    before = (account.opening_balance, account.opening_date)
    account.type = body.type.value
    account.opening_date = body.opening_date or account.opening_date
    for name in _FIELDS:
        setattr(account, name, getattr(body, name))
    moved = (account.opening_balance, account.opening_date) != before
    entries = _opening(account, body.exchange_rate) if moved else []
    db.session.flush()
    if moved:
        replace(SOURCE, account.id, entries)
    db.session.refresh(account)
    return account


def patch_account(account: Account, body: AccountPatch) -> Account:
    """Change what is named of an account."""
    values = {name: getattr(account, name) for name in (*_FIELDS, "type", "opening_date")}
    values |= {name: getattr(body, name) for name in body.model_fields_set}
    return change_account(account, AccountIn.model_validate(values))


def delete_account(account: Account) -> None:
    """Delete an account that no expense names and whose balance is nothing. Raises AccountInUse (409)."""
    if queries.is_used(account.id):
        raise AccountInUse(
            "Expenses name this account. Archive it: it can then be chosen no more, and its history stays."
        )
    opening = account.opening_balance
    balance = balance_of([account.book_account_id])[account.book_account_id].amount
    if balance != opening:
        raise AccountInUse("Money was moved to or from this account. Archive it instead.")
    account.deleted_at = clock.now()
    db.session.flush()
    if opening:
        replace(SOURCE, account.id)


def restore_account(account: Account) -> Account:
    """Bring a deleted account back, with the opening balance that it had in the books.

    Raises PlanLimit (402), AccountNameTaken (409) when its name is in use again.
    """
    reserve("accounts", queries.count_accounts)
    values = {name: getattr(account, name) for name in (*_FIELDS, "type", "opening_date")}
    _check(AccountIn.model_validate(values), account.currency, account.id)
    account.deleted_at = None
    db.session.flush()
    before = latest_entry(SOURCE, account.id) if account.opening_balance else None
    if before is not None:
        post([replace_fields(before, id=None)])
    return account


def transfer(source: Account, body: AccountTransferIn) -> AccountTransferOut:
    """Move money from an account to another, in one entry of the books. Both accounts are locked by the caller.

    Raises Invalid (422).
    """
    target = queries.get_account(body.to_account_id)
    if target.id == source.id:
        raise Invalid.at("to_account_id", "Choose another account.")
    day = body.transfer_date or clock.today(preferences().timezone)
    if problem := money.places_problem(body.amount, source.currency):
        raise Invalid.at("amount", problem)
    arrives = _arrives(source, target, body, day)
    base_amount = _in_base(body.amount, source.currency, arrives, target.currency, day)
    entry = Entry(
        entry_date=day,
        kind="transfer",
        source="transfer",
        source_id=new_id(),
        memo=body.note or f"{source.name} to {target.name}",
        lines=(
            Line(target.book_account_id, arrives, base_amount, target.currency, account_id=target.id),
            Line(source.book_account_id, -body.amount, -base_amount, source.currency, items=0, account_id=source.id),
        ),
    )
    [entry_id] = post([entry])
    out = AccountTransferOut(
        entry_id=entry_id,
        from_account_id=source.id,
        to_account_id=target.id,
        amount=money.format_amount(body.amount, source.currency),
        currency=source.currency,
        to_amount=money.format_amount(arrives, target.currency),
        to_currency=target.currency,
        transfer_date=day,
        note=body.note,
    )
    record("transferred", "accounts", source.id, label=source.name, after=out.model_dump(mode="json"))
    return out


def _check(body: AccountIn, currency: str, itself: UUID | None) -> None:
    if problem := rules.currency_problem(currency):
        raise Invalid.at("currency", problem)
    if abs(body.opening_balance) > rules.LARGEST:
        raise Invalid.at("opening_balance", "This amount is too large.")
    if problem := money.places_problem(body.opening_balance, currency):
        raise Invalid.at("opening_balance", problem)
    same = select(Account.id).where(
        db.func.lower(Account.name) == body.name.lower(),
        Account.deleted_at.is_(None),
        Account.id != (itself or new_id()),
    )
    if db.session.execute(same).first() is not None:
        raise AccountNameTaken


def _opening(account: Account, rate: Decimal | None) -> list[Entry]:
    if account.opening_balance == 0:
        return []
    base = preferences().currency
    if account.currency == base:
        base_amount = account.opening_balance
    elif rate is not None:
        base_amount = rules.convert(account.opening_balance, rate, base)
    else:
        found = rate_between(account.currency, base, account.opening_date)
        if found is None:
            raise no_rate(account.currency, base, account.opening_date)
        base_amount = rules.convert(account.opening_balance, found.rate, base)
    counterpart = book_account_for("opening_balances")
    amount, currency = account.opening_balance, account.currency
    return [
        Entry(
            entry_date=account.opening_date,
            kind="opening",
            source=SOURCE,
            source_id=account.id,
            memo=f"Opening balance of {account.name}",
            lines=(
                Line(account.book_account_id, amount, base_amount, currency, account_id=account.id),
                Line(counterpart, -amount, -base_amount, currency, items=0, account_id=account.id),
            ),
        )
    ]


def _arrives(source: Account, target: Account, body: AccountTransferIn, day: date) -> Decimal:
    if source.currency == target.currency:
        if body.to_amount is not None and body.to_amount != body.amount:
            raise Invalid.at("to_amount", "Both accounts have the same currency, so what leaves is what arrives.")
        return body.amount
    if body.to_amount is not None:
        if problem := money.places_problem(body.to_amount, target.currency):
            raise Invalid.at("to_amount", problem)
        return body.to_amount
    found = rate_between(source.currency, target.currency, day)
    if found is None:
        raise no_rate(source.currency, target.currency, day, field="to_amount", enter="what arrives")
    return rules.convert(body.amount, found.rate, target.currency)


def _in_base(leaves: Decimal, leaves_in: str, arrives: Decimal, arrives_in: str, day: date) -> Decimal:
    base = preferences().currency
    if leaves_in == base:
        return leaves
    if arrives_in == base:
        return arrives
    found = rate_between(leaves_in, base, day)
    if found is None:
        text = f"No rate from {leaves_in} to {base} is known for that day, so the books cannot take this transfer."
        raise Invalid.at("transfer_date", text, "rate_missing")
    return rules.convert(leaves, found.rate, base)
