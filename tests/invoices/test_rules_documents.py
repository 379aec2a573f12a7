"""Rules of entries and of credit notes: whatever is billed and credited, sums stay whole to the last unit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracktok.core.money import round_amount
from tracktok.invoices.rules.noting import CannotCredit, OriginalLine, Taken, round_off_of, take
from tracktok.invoices.rules.posting import Accounts, Posting, entry_of, taxes_by_role
from tracktok.ledger.rules import check_balance

NIL = UUID(int=0)
ROLES = ("output_cgst", "output_sgst", "output_igst", "output_cess", "output_tax")


def account(name: str) -> UUID:
    return uuid5(NIL, name)


ACCOUNTS = Accounts(
    account("receivables"), account("sales"), account("rounding"), {role: account(role) for role in ROLES}
)
cents = st.integers(-10_000_000, 10_000_000).map(lambda one: Decimal(one).scaleb(-2))
tax = st.integers(0, 1_000_000).map(lambda one: Decimal(one).scaleb(-2))
rates = st.decimals("0.000123", "5000", places=6)


@given(
    incomes=st.lists(
        st.tuples(st.sampled_from([None, account("rent"), account("toll")]), cents), min_size=1, max_size=8
    ),
    taxes=st.lists(tax, min_size=5, max_size=5),
    round_off=st.sampled_from([Decimal("0.00"), Decimal("0.49"), Decimal("-0.50")]),
    rate=rates,
    base=st.sampled_from(["INR", "JPY", "KWD"]),
    kind=st.sampled_from(["invoice", "credit_note"]),
)
def test_every_entry_balances_in_both_currencies(incomes, taxes, round_off, rate, base, kind):
    named = dict(zip(ROLES, taxes, strict=True))
    total = sum((amount for _, amount in incomes), Decimal(0)) + sum(taxes) + round_off
    posting = Posting(
        document_id=NIL, kind=kind, day=date(2026, 11, 20), memo="", customer_id=NIL, currency="USD", base=base,
        rate=rate, total=total, base_total=round_amount(total * rate, base), round_off=round_off, incomes=incomes,
        taxes=named,
    )  # fmt: skip
    entry = entry_of(posting, ACCOUNTS)
    if entry is None:
        assert total == 0
        return
    check_balance(entry)
    sign = -1 if kind == "credit_note" else 1
    by_account = {line.book_account_id: line for line in entry.lines}
    for role, amount in named.items():
        if amount and sum(bool(one) for _, one in incomes):
            # Taxes stand in the books as they are rounded; the incomes take what the roundings leave over.
            assert by_account[account(role)].base_amount == -sign * round_amount(amount * rate, base)
    income = [line for line in entry.lines if line.items]
    assert len(income) <= 1
    assert all(line.customer_id is None for line in entry.lines if line.book_account_id == account("rounding"))


def test_taxes_go_to_their_accounts():
    found = taxes_by_role(cgst=Decimal(9), sgst=Decimal(9), igst=Decimal(0), cess=Decimal(1), tax_total=Decimal(24))
    assert found == {"output_cgst": 9, "output_sgst": 9, "output_cess": 1, "output_tax": 5}


lines = st.builds(
    OriginalLine,
    quantity=st.integers(1, 1_000_000).map(lambda one: Decimal(one).scaleb(-4)),
    value=st.integers(1, 10_000_000).map(lambda one: Decimal(one).scaleb(-2)),
    parts=st.lists(tax, max_size=3).map(tuple),
)
step = st.tuples(st.sampled_from(["quantity", "amount"]), st.integers(1, 100))


@given(line=lines, steps=st.lists(step, max_size=6), void=st.integers(0, 5))
def test_whatever_is_credited_in_parts_is_never_above_and_the_last_takes_the_rest(line, steps, void):
    """Also when one of the notes was made void meanwhile."""
    taken: list[Taken] = []

    def left() -> OriginalLine:
        return OriginalLine(
            line.quantity, line.value, line.parts,
            sum((one.quantity for one in taken), Decimal(0)), sum((one.value for one in taken), Decimal(0)),
            tuple(sum((one.parts[at] for one in taken), Decimal(0)) for at in range(len(line.parts))),
        )  # fmt: skip

    def credit(**wanted: Decimal | None) -> None:
        try:
            taken.append(take(left(), "INR", **{"quantity": None, "amount": None, **wanted}))
        except CannotCredit:
            return

    for way, share in steps:
        whole = line.quantity if way == "quantity" else line.value
        places = Decimal("0.0001") if way == "quantity" else Decimal("0.01")
        credit(**{way: (whole * share / 100).quantize(places)})
        standing = left()
        assert 0 <= standing.left_value <= line.value
        assert all(0 <= rest <= whole for rest, whole in zip(standing.left_parts, line.parts, strict=True))
    if void < len(taken):
        taken.pop(void)
    credit()
    assert left().is_used_up
    assert sum((one.value for one in taken), Decimal(0)) == line.value
    with pytest.raises(CannotCredit):
        take(left(), "INR", quantity=None, amount=None)


@pytest.mark.parametrize(
    ("raw", "left", "is_last", "expected"),
    [
        ("37978.78", "37979.00", True, "0.22"),  # all at once: the invoice's own rounding
        ("100.30", "100.00", False, "-0.30"),  # more than is left by the rounding alone
        ("0.10", "0.00", True, "-0.10"),  # and what is left for the last then
        ("50.00", "100.00", False, "0.00"),
    ],
)
def test_the_rounding_goes_with_the_last(raw, left, is_last, expected):
    assert round_off_of(Decimal(raw), Decimal(left), is_last=is_last) == Decimal(expected)


@pytest.mark.parametrize(("quantity", "amount"), [("-2", None), ("-3", "-150.00")])
def test_deductions_are_credited_below_zero(quantity, amount):
    line = OriginalLine(Decimal(quantity), Decimal("-200.00"), (Decimal("-18.00"),))
    half = take(line, "INR", quantity=None if amount else Decimal(1), amount=Decimal(amount) if amount else None)
    assert half.value in {Decimal("-100.00"), Decimal("-150.00")}
    assert half.parts[0] < 0
