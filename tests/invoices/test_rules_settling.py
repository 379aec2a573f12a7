"""Statuses, allocations, exchange differences, credit notes, ageing: tables of cases and properties."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracktok.invoices.rules import ageing, allocating, crediting, statuses
from tracktok.invoices.rules.allocating import OpenItem, allocate_oldest_first

D = Decimal
TODAY = date(2026, 11, 20)


def item(number: int, amount: str, due: int, issued: int | None = None) -> OpenItem:
    issue_date = None if issued is None else TODAY + timedelta(days=issued)
    return OpenItem(UUID(int=number), D(amount), TODAY + timedelta(days=due), issue_date, f"INV-{number}")


@pytest.mark.parametrize(
    ("kind", "path", "end"),
    [
        ("invoice", "draft finalize pay_part pay", "paid"),
        ("invoice", "draft finalize pay unpay void", "void"),
        ("invoice", "draft finalize pay_part write_off pay", "paid"),
        ("invoice", "draft finalize write_off reopen", "issued"),
        ("invoice", "draft finalize pay_part void", None),
        ("invoice", "draft void", None),
        ("invoice", "draft finalize pay void", None),
        ("invoice", "draft finalize void pay", None),
        ("invoice", "draft finalize finalize", None),
        ("debit_note", "draft finalize pay", "paid"),
        ("quote", "draft send accept invoice", "invoiced"),
        ("quote", "draft send expire accept", None),
        ("quote", "draft send expire send decline", "declined"),
        ("quote", "draft send accept void", None),
        ("quote", "draft send decline invoice", None),
        ("proforma", "draft finalize invoice reopen void", "void"),
        ("credit_note", "draft finalize apply_part apply", "applied"),
        ("credit_note", "draft finalize refund", "refunded"),
        ("credit_note", "draft finalize apply void", None),
        ("credit_note", "draft finalize apply unapply void", "void"),
        ("receipt", "received void", "void"),
        ("receipt", "received void void", None),
        ("dispute", "open review resolve reopen withdraw", "withdrawn"),
        ("dispute", "open withdraw reopen", None),
    ],
)
def test_lives_of_documents(kind, path, end):
    status, *actions = path.split()
    for action in actions:
        status = statuses.move(kind, status, action)
    assert status == end


def test_tables_are_whole():
    for kind, table in statuses.TRANSITIONS.items():
        known = statuses.statuses_of(kind)
        assert {origin for origin, _ in table} | set(table.values()) == set(known)
        for origin in known:
            for action in statuses.actions_from(kind, origin):
                assert statuses.move(kind, origin, action) in known
    assert statuses.actions_from("invoice", "draft") == ["finalize"]
    assert statuses.actions_from("invoice", "void") == []


@pytest.mark.parametrize(
    ("status", "settled", "after"),
    [
        ("issued", "0", "issued"), ("issued", "40", "part_paid"), ("issued", "100", "paid"),
        ("part_paid", "60", "part_paid"), ("part_paid", "100", "paid"), ("part_paid", "0", "issued"),
        ("paid", "100", "paid"), ("paid", "99.99", "part_paid"), ("paid", "0", "issued"),
        ("uncollectible", "40", "uncollectible"), ("uncollectible", "100", "paid"),
        ("void", "0", "void"), ("draft", "0", "draft"),
    ],
)  # fmt: skip
def test_a_status_follows_payments(status, settled, after):
    action = statuses.payment_action(status, D(100), D(settled))
    assert (statuses.move("invoice", status, action) if action else status) == after


def test_only_what_is_unused_is_made_void():
    assert statuses.may_void("invoice", "issued", D(0))
    assert not statuses.may_void("invoice", "part_paid", D(10))
    assert not statuses.may_void("credit_note", "issued", D("0.01"))
    assert not statuses.may_void("invoice", "draft", D(0))


@pytest.mark.parametrize(
    ("allocated", "refunded", "use"),
    [("0", "0", "unallocated"), ("1", "0", "part_allocated"), ("0", "1", "part_allocated"), ("100", "0", "allocated"),
     ("60", "40", "allocated"), ("0", "100", "refunded")],
)  # fmt: skip
def test_how_far_a_receipt_is_used(allocated, refunded, use):
    assert statuses.receipt_use(D(100), D(allocated), D(refunded)) == use


@pytest.mark.parametrize(
    ("status", "due", "shown"),
    [("issued", -1, "overdue"), ("issued", 0, "issued"), ("part_paid", -1, "overdue"), ("paid", -9, "paid"),
     ("draft", -9, "draft"), ("issued", None, "issued"), ("uncollectible", -9, "uncollectible")],
)  # fmt: skip
def test_overdue_is_derived(status, due, shown):
    due_date = None if due is None else TODAY + timedelta(days=due)
    assert statuses.shown_status(status, due_date, TODAY) == shown


def test_the_oldest_is_paid_first():
    items = [item(1, "100", 5), item(2, "50", -30), item(3, "70", -30, issued=-60), item(4, "0", -90), item(5, "10", 9)]
    found = [(one.int, str(amount)) for one, amount in allocate_oldest_first(D(200), items)]
    assert found == [(3, "70"), (2, "50"), (1, "80")]
    assert allocate_oldest_first(D(0), items) == []
    assert sum(amount for _, amount in allocate_oldest_first(D(1000), items)) == 230


@given(st.integers(-10, 2000), st.lists(st.tuples(st.integers(-5, 500), st.integers(-50, 50)), max_size=12))
def test_an_allocation_never_passes_either_side(available, amounts):
    items = [item(number, str(amount), due) for number, (amount, due) in enumerate(amounts)]
    found = dict(allocate_oldest_first(D(available), items))
    open_sum = sum(max(D(0), one.open_amount) for one in items)
    assert sum(found.values()) == min(max(D(0), D(available)), open_sum)
    assert all(0 < found.get(one.id, D(1)) <= max(one.open_amount, D(1)) for one in items)
    assert allocate_oldest_first(D(available), items[::-1]) == allocate_oldest_first(D(available), items)


@pytest.mark.parametrize(
    ("amount", "wrong"),
    [("50", None), ("0", "above zero"), ("-1", "above zero"), ("NaN", "above zero"), ("1.005", "2 decimal"),
     ("90", "80.00 of this receipt"), ("75", "70.00 of this document")],
)  # fmt: skip
def test_allocations_by_hand(amount, wrong):
    problem = allocating.allocation_problem(D(amount), available=D(80), open_amount=D(70), currency="INR")
    assert problem is None if wrong is None else wrong in problem


@pytest.mark.parametrize(
    ("amount", "before", "after", "base", "difference"),
    [("100", "83.25", "84.00", "INR", "75.00"), ("100", "84.00", "83.25", "INR", "-75.00"),
     ("33.33", "83.255", "83.255", "INR", "0.00"), ("0.01", "0.009", "0.011", "USD", "0.00"),
     ("1000", "0.6", "0.65", "JPY", "50")],
)  # fmt: skip
def test_exchange_differences(amount, before, after, base, difference):
    assert str(allocating.exchange_difference(D(amount), D(before), D(after), base)) == difference


@given(st.integers(1, 10_000_000), st.lists(st.integers(1, 500_000), max_size=6), st.integers(1, 99_999))
def test_parts_of_a_settlement_take_the_whole_base_amount(total, parts, rate):
    whole, base = D(total).scaleb(-2), (D(total).scaleb(-2) * D(rate).scaleb(-3)).quantize(D("0.01"))
    taken, before = D(0), 0
    for part in [*parts, total]:
        part = min(part, total - before)  # noqa: PLW2901
        taken += allocating.settled_base(
            D(part).scaleb(-2), settled_before=D(before).scaleb(-2), total=whole, total_base=base, base="INR"
        )
        before += part
    assert taken == base
    assert allocating.settled_base(D(0), settled_before=D(0), total=D(0), total_base=D(0), base="INR") == 0


@pytest.mark.parametrize(
    ("left", "small"),
    [("0.01", True), ("-0.01", True), ("1.00", True), ("1.01", False), ("-1.01", False), ("0", False)],
)
def test_small_differences(left, small):
    assert allocating.small_difference(D(left), D("1.00")) is small


@pytest.mark.parametrize(
    ("amount", "wrong"),
    [
        ("60.00", None),
        ("60.01", "60.00 of this line"),
        ("0", "above zero"),
        ("-1", "above zero"),
        ("1.005", "2 decimal"),
    ],
)
def test_a_credit_never_passes_what_is_left(amount, wrong):
    problem = crediting.credit_problem(D(amount), taxable_amount=D(100), credited_before=D(40), currency="INR")
    assert problem is None if wrong is None else wrong in problem


def test_a_credit_mirrors_the_tax():
    taxes = {"cgst": D("0.84"), "sgst": D("0.84")}
    first = crediting.credit_line(
        D("10.00"), taxable_amount=D("33.33"), taxes=taxes, credited_before=D(0), currency="INR"
    )
    rest = crediting.credit_line(
        D("23.33"), taxable_amount=D("33.33"), taxes=taxes, credited_before=D("10.00"), currency="INR"
    )
    assert (first.taxes["cgst"], rest.taxes["cgst"]) == (D("0.25"), D("0.59"))
    assert first.total + rest.total == D("33.33") + D("1.68")
    minus = crediting.credit_problem(D(-5), taxable_amount=D(-10), credited_before=D(-4), currency="INR")
    assert minus is None
    assert "below zero" in crediting.credit_problem(D(5), taxable_amount=D(-10), credited_before=D(0), currency="INR")


@pytest.mark.parametrize(
    ("due", "key"),
    [(5, "current"), (0, "current"), (-1, "1_30"), (-30, "1_30"), (-31, "31_60"), (-60, "31_60"), (-61, "61_90"),
     (-90, "61_90"), (-91, "over_90"), (-4000, "over_90")],
)  # fmt: skip
def test_buckets_of_age(due, key):
    assert ageing.bucket_of(TODAY + timedelta(days=due), TODAY).key == key


def test_ageing_sums_every_bucket():
    items = [(TODAY + timedelta(days=days), D(10)) for days in (3, -5, -6, -45, -400)]
    assert ageing.age(items, TODAY) == {
        "current": D(10), "1_30": D(20), "31_60": D(10), "61_90": D(0), "over_90": D(10),
    }  # fmt: skip
    assert [one.label for one in ageing.buckets_of((15, 45))] == ["Current", "1-15 days", "16-45 days", "Over 45 days"]
    for wrong in ((), (30, 30), (60, 30), (0, 30)):
        with pytest.raises(ValueError, match="rise"):
            ageing.buckets_of(wrong)


@given(st.lists(st.tuples(st.integers(-500, 500), st.integers(1, 1000)), max_size=20))
def test_every_open_amount_is_in_one_bucket(amounts):
    items = [(TODAY + timedelta(days=days), D(amount)) for days, amount in amounts]
    assert sum(ageing.age(items, TODAY).values()) == sum(amount for _, amount in items)
