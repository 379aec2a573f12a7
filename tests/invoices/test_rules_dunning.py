"""Which level is due on which day, what comes next, and the words of a level."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracktok.invoices.rules import dunning
from tracktok.invoices.rules.dunning import Owed, due_level, fill, listed, next_reminder, problem_of

DUE, ISSUED, LONG_AGO = date(2026, 12, 10), date(2026, 11, 10), date(2020, 1, 1)


@dataclass(frozen=True)
class Step:
    days: int
    id: UUID
    active_from: date = LONG_AGO


STEPS = {days: Step(days, uuid4()) for days in (-3, 1, 7, 21, 45)}
ALL = tuple(STEPS.values())
OWED = Owed(DUE, ISSUED)


def sent(*days: int) -> Owed:
    return replace(OWED, sent_levels=frozenset(STEPS[one].id for one in days), sent_days=max(days, default=None))


@pytest.mark.parametrize(
    ("after", "before", "expected"),
    [
        (-4, (), None),
        (-3, (), -3),
        (0, (), -3),
        (0, (-3,), None),
        (1, (), 1),
        (1, (-3,), 1),
        (6, (1,), None),
        (7, (1,), 7),
        (30, (), 21),
        (30, (1,), 21),
        (30, (21,), None),
        (400, (-3, 1, 7, 21), 45),
        (400, (45,), None),
    ],
)
def test_only_the_highest_level_that_has_come_is_due_and_once(after, before, expected):
    found = due_level(ALL, sent(*before), DUE + timedelta(days=after))
    assert (found.days if found else None) == expected


def test_what_will_be_due_is_not_said_once_it_is_overdue():
    assert due_level([STEPS[-3]], OWED, DUE + timedelta(days=1)) is None
    assert due_level([STEPS[-3]], OWED, DUE + timedelta(days=1), by_hand=True) is None


def test_days_before_a_level_was_switched_on_do_not_count_unless_by_hand():
    late = replace(STEPS[7], active_from=DUE + timedelta(days=8))
    assert due_level([late], OWED, DUE + timedelta(days=9)) is None
    assert due_level([late], OWED, DUE + timedelta(days=9), by_hand=True) == late
    assert due_level([STEPS[1], late], OWED, DUE + timedelta(days=9)) == STEPS[1]


def test_an_invoice_that_is_entered_late_waits_for_the_next_level():
    owed = Owed(DUE, DUE + timedelta(days=10))
    assert due_level(ALL, owed, DUE + timedelta(days=11)) is None
    assert due_level(ALL, owed, DUE + timedelta(days=21)) == STEPS[21]
    assert next_reminder(ALL, owed, DUE + timedelta(days=11)) == (STEPS[21], DUE + timedelta(days=21))


def test_a_level_that_moved_is_not_sent_twice():
    moved = replace(STEPS[7], days=10)
    assert due_level([moved], sent(7), DUE + timedelta(days=12)) is None


@given(st.integers(-10, 80), st.sets(st.sampled_from(sorted(STEPS))), st.sets(st.sampled_from(sorted(STEPS))))
def test_what_comes_next_is_what_is_due_on_that_day_and_on_no_day_before(first, on, done):
    start = DUE + timedelta(days=first)
    steps, owed = [STEPS[one] for one in on], sent(*done)
    found = next_reminder(steps, owed, start)
    days = [start + timedelta(days=n) for n in range(150)]
    due = [(level, day) for day in days if (level := due_level(steps, owed, day)) is not None]
    assert found == (due[0] if due else None)


@given(st.lists(st.integers(-5, 90), min_size=1, max_size=20))
def test_however_often_and_late_it_is_asked_each_level_goes_once_and_they_rise(asked):
    owed, gone = OWED, []
    for after in sorted(asked):
        level = due_level(ALL, owed, DUE + timedelta(days=after))
        if level is not None:
            gone.append(level.days)
            owed = sent(*gone)
    assert gone == sorted(set(gone))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{number} of {customer}: {amount_due}, {due_date}, {days_overdue}, {link}, {company}", None),
        ("no placeholder at all", None),
        ("{amount}", "There is no placeholder {amount}"),
        ("{ number }", "There is no placeholder { number }"),
        ("{}", "There is no placeholder {}"),
        ("{number", "a lone {"),
        ("number}", "a lone }"),
        ("{{number}}", "a lone {"),
    ],
)
def test_placeholders_are_checked(text, wrong):
    found = problem_of(text)
    assert (found is None) == (wrong is None)
    assert wrong is None or (found and wrong in found)


def test_the_words_that_a_company_finds_are_right():
    values = dict.fromkeys(dunning.PLACEHOLDERS, "X")
    for one in dunning.DEFAULTS:
        assert problem_of(one.subject) is None
        assert problem_of(one.message) is None
        assert "{" not in fill(one.subject + one.message, values)
    assert [one.days for one in dunning.DEFAULTS] == [-3, 1, 7, 21, 45]
    assert [one.days for one in dunning.DEFAULTS if one.is_active] == [7, 21]


def test_values_are_not_filled_twice():
    assert fill("{customer} owes {number}", {"customer": "{number}", "number": "INV-1"}) == "{number} owes INV-1"


@pytest.mark.parametrize(
    ("names", "expected"),
    [("A", "A"), ("AB", "A and B"), ("ABC", "A, B and C"), ("ABCD", "A, B and 2 more"), ("ABCDE", "A, B and 3 more")],
)
def test_several_numbers_in_a_sentence(names, expected):
    assert listed(list(names)) == expected
