"""From rows of expenses to the books and the budgets, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from tracktok.core.context import preferences
from tracktok.expenses.models import Expense
from tracktok.expenses.queries.references import References
from tracktok.expenses.rules.posting import Change, Contribution, entries_of
from tracktok.expenses.signals import SpendWarning, expense_posted, expense_posting
from tracktok.ledger.queries import book_account_for
from tracktok.ledger.services import post

MEMO_LENGTH = 200


def contribution_of(expense: Expense, refs: References, tag_ids: Iterable[UUID] = ()) -> Contribution:
    """What an expense adds to the books as it stands. `refs` knows its category and account, deleted or not."""
    base = preferences().currency
    category = refs.categories.get(expense.category_id) if expense.category_id else None
    account = refs.accounts.get(expense.account_id) if expense.account_id else None
    debit = category.book_account_id if category else None
    if expense.status == "paid":
        credit = account.book_account_id if account else None
        amount, currency = expense.account_amount, (account.currency if account else None) or base
        role = "unassigned_payments"
    else:
        credit, amount, currency, role = None, expense.amount, expense.currency, "payables"
    return Contribution(
        expense_id=expense.id,
        expense_date=expense.expense_date,
        status=expense.status,
        amount=expense.amount,
        currency=expense.currency,
        base_amount=expense.base_amount,
        credit_amount=amount,
        credit_currency=currency,
        debit_id=debit or book_account_for("uncategorised_expense"),
        credit_id=credit or book_account_for(role),
        category_id=expense.category_id,
        project_id=expense.project_id,
        account_id=expense.account_id,
        person_id=expense.person_id,
        tag_ids=frozenset(tag_ids),
        memo=expense.title[:MEMO_LENGTH],
    )


def announce(changes: Sequence[Change]) -> list[SpendWarning]:
    """Tell those who watch spending what is about to change; their warnings. They may raise to refuse it all."""
    watched = [change for change in changes if change.matters]
    if not watched:
        return []
    answers = expense_posting.send(None, changes=watched)
    return [warning for _, warnings in answers for warning in warnings or ()]


def post_changes(changes: Sequence[Change]) -> None:
    """Bring the books from old to new, in one posting, and tell that it is done."""
    watched = [change for change in changes if change.matters]
    if not watched:
        return
    post(entries_of(watched))
    expense_posted.send(None, changes=watched)


def contributions_of(
    expenses: Iterable[Expense], refs: References, tags: Mapping[UUID, Mapping[UUID, str]]
) -> dict[UUID, Contribution]:
    """The contributions of many expenses, by their ids."""
    return {expense.id: contribution_of(expense, refs, tags.get(expense.id, {})) for expense in expenses}
