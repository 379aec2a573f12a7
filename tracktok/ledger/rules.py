"""What a balanced entry is, how one is taken back, and the accounts that the books of a new company begin with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

ZERO = Decimal(0)


class Unbalanced(ValueError):
    """An entry whose debits and credits differ, or with fewer than two lines. A defect, never a user's error."""


@dataclass(frozen=True, slots=True)
class Line:
    """One side of an entry. Debits are positive, credits negative.

    `amount` is in `currency`; `base_amount` is the same in the tenant's currency. `items` is how many documents the
    line stands for: 1 for the line of an expense, more for a line that sums an import, 0 for a second line of the same
    document (such as its tax), negative in a reversal. The dimensions say what it was for.
    """

    book_account_id: UUID
    amount: Decimal
    base_amount: Decimal
    currency: str
    items: int = 1
    category_id: UUID | None = None
    project_id: UUID | None = None
    account_id: UUID | None = None
    vendor_id: UUID | None = None
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A movement: what it records (`source`, `source_id`), when, and its lines. `id` is known once it is posted.

    `kind` is a word for people and filters: `expense`, `import`, `opening`, `reversal`, ...
    """

    entry_date: date
    kind: str
    source: str
    source_id: UUID
    memo: str
    lines: tuple[Line, ...]
    reverses_id: UUID | None = None
    id: UUID | None = None


def check_balance(entry: Entry) -> None:
    """Raise Unbalanced unless the entry has two lines or more that add up to nothing.

    In the tenant's currency always; in the original currency too where all lines are in one.
    """
    if len(entry.lines) < 2:
        raise Unbalanced(f"an entry needs two lines or more, this has {len(entry.lines)}")
    base = sum((line.base_amount for line in entry.lines), ZERO)
    if base != 0:
        raise Unbalanced(f"debits and credits differ by {base}")
    if len({line.currency for line in entry.lines}) == 1:
        original = sum((line.amount for line in entry.lines), ZERO)
        if original != 0:
            raise Unbalanced(f"debits and credits differ by {original} {entry.lines[0].currency}")


def reversed_line(line: Line) -> Line:
    """The line that takes a line back."""
    return replace(line, amount=-line.amount, base_amount=-line.base_amount, items=-line.items)


def reversed_entry(entry: Entry, *, entry_date: date | None = None, memo: str | None = None) -> Entry:
    """The entry that takes an entry back: on the same day unless `entry_date` says otherwise, each line negated.

    It names the entry that it reverses when that one's id is known; the database takes one reversal of each only.
    """
    return Entry(
        entry_date=entry_date or entry.entry_date,
        kind="reversal",
        source=entry.source,
        source_id=entry.source_id,
        memo=entry.memo if memo is None else memo,
        lines=tuple(reversed_line(line) for line in entry.lines),
        reverses_id=entry.id,
    )


def two_lines(debit: Line, credit_account: UUID) -> tuple[Line, Line]:
    """A line and its counterpart on another account, with the same dimensions. The counterpart counts no document."""
    counterpart = replace(
        debit, book_account_id=credit_account, amount=-debit.amount, base_amount=-debit.base_amount, items=0
    )
    return debit, counterpart


@dataclass(frozen=True, slots=True)
class StandardAccount:
    """An account of the chart that a company begins with."""

    code: str
    name: str
    type: str
    role: str


def _accounts(kind: str, *rows: tuple[str, str, str]) -> tuple[StandardAccount, ...]:
    return tuple(StandardAccount(code, name, kind, role) for code, role, name in rows)


STANDARD_CHART: tuple[StandardAccount, ...] = (
    *_accounts(
        "asset",
        ("1100", "receivables", "Trade receivables"),
        ("1190", "undeposited_funds", "Money received and not yet assigned to an account"),
        ("1200", "input_tax", "Input tax recoverable"),
        ("1210", "tax_deducted", "Tax deducted at source receivable"),
        ("1300", "advances", "Advances and deposits paid"),
        ("1310", "employee_advances", "Advances to employees"),
        ("1400", "prepaid", "Prepaid expenses"),
        ("1500", "vehicles", "Vehicles"),
        ("1510", "equipment", "Office equipment"),
        ("1590", "accumulated_depreciation", "Accumulated depreciation"),
    ),
    *_accounts(
        "liability",
        ("2100", "payables", "Trade payables"),
        ("2110", "employee_payables", "Owed to employees"),
        ("2190", "unassigned_payments", "Payments not assigned to an account"),
        ("2200", "output_tax", "Output tax payable"),
        ("2201", "output_cgst", "Output CGST"),
        ("2202", "output_sgst", "Output SGST or UTGST"),
        ("2203", "output_igst", "Output IGST"),
        ("2204", "output_cess", "Output compensation cess"),
        ("2210", "tax_withheld", "Tax withheld payable"),
        ("2300", "customer_advances", "Advances from customers"),
        ("2400", "loans", "Loans"),
    ),
    *_accounts(
        "equity",
        ("3100", "capital", "Owner's capital"),
        ("3200", "retained_earnings", "Retained earnings"),
        ("3900", "opening_balances", "Opening balances"),
    ),
    *_accounts(
        "income",
        ("4100", "sales", "Transport and service income"),
        ("4200", "rebilled_expenses", "Expenses billed to customers"),
        ("4300", "cancellation_fees", "Cancellation fees"),
        ("4900", "other_income", "Other income"),
    ),
    *_accounts(
        "expense",
        ("5100", "fuel", "Fuel"),
        ("5110", "tolls_and_parking", "Tolls and parking"),
        ("5120", "vehicle_maintenance", "Vehicle repairs and maintenance"),
        ("5130", "vehicle_hire", "Vehicle hire and subcontractors"),
        ("5140", "vehicle_insurance", "Vehicle insurance and permits"),
        ("5150", "driver_pay", "Driver pay and allowances"),
        ("5200", "materials", "Materials and purchases"),
        ("6100", "salaries", "Salaries and wages"),
        ("6110", "staff_welfare", "Staff welfare and training"),
        ("6200", "rent", "Rent"),
        ("6210", "utilities", "Electricity and water"),
        ("6220", "communications", "Telephone and internet"),
        ("6230", "office_supplies", "Office supplies"),
        ("6240", "software", "Software and subscriptions"),
        ("6250", "equipment_and_repairs", "Small equipment and repairs"),
        ("6300", "travel", "Travel and lodging"),
        ("6310", "meals", "Meals and entertainment"),
        ("6400", "marketing", "Marketing and advertising"),
        ("6500", "professional_fees", "Professional fees"),
        ("6510", "insurance", "Insurance"),
        ("6600", "taxes_and_licences", "Taxes, licences and fees"),
        ("6700", "bank_charges", "Bank charges and interest"),
        ("6800", "depreciation", "Depreciation"),
        ("6900", "bad_debts", "Bad debts"),
        ("6910", "exchange_difference", "Exchange differences"),
        ("6920", "rounding", "Rounding differences"),
        ("6990", "uncategorised_expense", "Uncategorised expenses"),
    ),
)
"""The chart of a transport or service company. Bank accounts, cards and own categories are added beside it."""

KIND_WORDS = {
    "expense": "Expense",
    "import": "Import",
    "import_undo": "Import undone",
    "opening": "Opening balance",
    "transfer": "Transfer",
    "invoice": "Invoice",
    "credit_note": "Credit note",
    "debit_note": "Debit note",
    "receipt": "Receipt",
    "allocation": "Allocation",
    "refund": "Refund",
    "write_off": "Write-off",
    "bill": "Bill",
    "payment": "Payment",
    "reversal": "Reversal",
}
"""What people call the kinds of entries."""
ROLES = frozenset(account.role for account in STANDARD_CHART)
_FIRST_DIGIT = {"asset": "1", "liability": "2", "equity": "3", "income": "4", "expense": "5"}
STANDARD_CODE_LENGTH = 4


def next_code(book_type: str, taken: Iterable[str]) -> str:
    """The next free code for an account that is added to the chart: 10001, 10002, ... for assets, and so on.

    Five digits, so that they stand apart from the standard four and sort right before them.
    """
    digit = _FIRST_DIGIT[book_type]
    numbers = [
        int(code[1:])
        for code in taken
        if code.startswith(digit) and code.isdecimal() and len(code) > STANDARD_CODE_LENGTH
    ]
    return f"{digit}{max(numbers, default=0) + 1:04d}"


def natural_amount(book_type: str, amount: Decimal) -> Decimal:
    """A debit-positive amount with the sign that people expect: income, liabilities and equity grow by credits."""
    return amount if book_type in {"asset", "expense"} else -amount


def fiscal_year_start(day: date, first_month: int) -> date:
    """The first day of the fiscal year that a day is in; the year begins with `first_month` (1 to 12)."""
    return date(day.year if day.month >= first_month else day.year - 1, first_month, 1)
