"""Prices of usage: published figures, and what must hold whatever the price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracktok.core.errors import Invalid
from tracktok.usage.rules.pricing import Charge, Model, NeedsEvents, Usage, price
from tracktok.usage.schemas.pricing import read_config, to_price


def charge(model: str, config: dict[str, Any], units: Any = None, events: Any = None) -> Charge:
    kind = Model(model)
    usage = Usage.of_units(Decimal(str(units))) if events is None else Usage.of_events(map(Decimal, events))
    return price(to_price(kind, read_config(kind, config)), usage)


def tiers(*rows: tuple[Any, ...]) -> dict[str, Any]:
    names = ("from_", "to", "per_unit", "flat")
    return {"tiers": [dict(zip(names, row, strict=False)) for row in rows]}


SEATS = tiers((1, 5, "7", "0"), (6, 10, "6.5", "0"), (11, None, "6", "0"))
CALLS = tiers((0, 1000, "0.10", "0"), (1001, 10000, "0.05", "0"), (10001, None, "0.01", "0"))
LAGO = tiers(
    (0, 10000, "0.0010", "10"), (10001, 50000, "0.0008", "10"), (50001, 100000, "0.0006", "10"),
    (100001, None, "0.0004", "10"),
)  # fmt: skip
# Worked prices as Stripe, Lago, Autumn, Zuplo and Flexprice publish them.
PUBLISHED = [
    ("package", {"package_size": 100, "package_amount": "5", "free_units": 100}, 201, "10"),
    ("volume", LAGO, 65000, "49"),
    ("volume", SEATS, 1, "7"),
    ("volume", SEATS, 5, "35"),
    ("volume", SEATS, 6, "39"),
    ("volume", SEATS, 20, "120"),
    ("volume", SEATS, 25, "150"),
    ("graduated", SEATS, 5, "35"),
    ("graduated", SEATS, 6, "41.5"),
    ("graduated", SEATS, 20, "127.5"),
    ("graduated", SEATS, 25, "157.5"),
    ("graduated", tiers((1, 1000, "0.01"), (1001, 10000, "0.008"), (10001, None, "0.005")), 15000, "107"),
    ("graduated", CALLS, 15000, "600"),
    ("volume", CALLS, 15000, "150"),
    ("per_unit", {"per_unit": "0.001"}, 100000, "100"),
    ("package", {"package_size": 1000, "package_amount": "1.00", "free_units": 0}, 4500, "5"),
]
# What follows from the models' own words.
OURS = [
    ("per_unit", {"per_unit": "2", "free_units": 10}, 9, "0"),
    ("per_unit", {"per_unit": "2", "free_units": 10}, 12, "4"),
    ("per_unit", {"per_unit": "2", "minimum": "50"}, 0, "50"),
    ("per_unit", {"per_unit": "2", "minimum": "50"}, 30, "60"),
    ("per_unit", {"per_unit": "2", "maximum": "50"}, 30, "50"),
    ("per_unit", {"per_unit": "0.000001500001"}, "1000000000000", "1500001"),
    ("flat_overage", {"flat_amount": "99", "included_units": 1000, "per_unit": "0.05"}, 0, "99"),
    ("flat_overage", {"flat_amount": "99", "included_units": 1000, "per_unit": "0.05"}, 1000, "99"),
    ("flat_overage", {"flat_amount": "99", "included_units": 1000, "per_unit": "0.05"}, 1100, "104"),
    ("graduated", tiers((0, 10, "1", "3"), (11, None, "2", "5")), 0, "0"),
    ("graduated", tiers((0, 10, "1", "3"), (11, None, "2", "5")), 10, "13"),
    ("graduated", tiers((0, 10, "1", "3"), (11, None, "2", "5")), "10.5", "19"),
    ("volume", tiers((0, 10, "1", "3"), (11, None, "2", "5")), "10.5", "26"),
    ("package", {"package_size": "0.5", "package_amount": "3"}, "1.1", "9"),
    ("graduated_percentage", {"tiers": [{"to": "100", "rate_percent": "10"}, {"rate_percent": "1", "flat": "5"}]},
     1100, "25"),
    ("per_unit", {"per_unit": "2"}, "-5", "0"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "config", "units", "expected"), [*PUBLISHED, *OURS])
def test_what_a_quantity_costs(model, config, units, expected):
    found = charge(model, config, units)
    assert found.amount == Decimal(expected)
    assert sum(part.amount for part in found.parts) == found.amount


PERCENT = {"rate_percent": "1.2", "fixed_amount": "0.10"}
OF_EVENTS = [
    # Lago's worked example: three events are free, so the fourth alone is charged.
    ({**PERCENT, "free_events": 3, "free_total": "500"}, ["200", "100", "100", "50"], "0.70"),
    (PERCENT, ["200", "100", "100", "50"], "5.80"),
    ({**PERCENT, "free_total": "250"}, ["200", "100"], "0.70"),
    ({**PERCENT, "free_total": "300"}, ["200", "100"], "0"),
    ({**PERCENT, "free_events": 0}, ["100"], "1.30"),
    ({**PERCENT, "event_minimum": "1", "event_maximum": "2"}, ["10", "100", "1000"], "4.30"),
    ({**PERCENT, "maximum": "5"}, ["200", "100", "100", "50"], "5"),
    (PERCENT, [], "0"),
]


@pytest.mark.parametrize(("config", "events", "expected"), OF_EVENTS)
def test_what_a_percentage_of_events_costs(config, events, expected):
    found = charge("percentage", config, events=events)
    assert found.amount == Decimal(expected)
    assert sum(part.amount for part in found.parts) == found.amount


def test_a_breakdown_says_how_it_came_about():
    parts = charge("graduated", CALLS, 15000).parts
    assert [(part.label, str(part.quantity), str(part.unit_price), part.amount) for part in parts] == [
        ("Up to 1000", "1000", "0.10", 100),
        ("1000 to 10000", "9000", "0.05", 450),
        ("Above 10000", "5000", "0.01", 50),
    ]


def test_a_percentage_of_each_event_wants_to_know_them():
    assert charge("percentage", {"rate_percent": "1.5"}, 1000).amount == 15
    with pytest.raises(NeedsEvents):
        charge("percentage", PERCENT, 1000)


@pytest.mark.parametrize(
    ("model", "config", "pointer"),
    [
        ("per_unit", {}, "/config/per_unit"),
        ("per_unit", {"per_unit": "-1"}, "/config/per_unit"),
        ("per_unit", {"per_unit": "1", "tiers": []}, "/config/tiers"),
        ("per_unit", {"per_unit": "1", "minimum": "5", "maximum": "4"}, "/config"),
        ("package", {"package_size": 0, "package_amount": "1"}, "/config/package_size"),
        ("graduated", {"tiers": []}, "/config/tiers"),
        ("graduated", tiers((0, 10, "1")), "/config/tiers"),
        ("graduated", tiers((0, None, "1"), (0, None, "1")), "/config/tiers"),
        ("graduated", tiers((0, 10, "1"), (15, None, "1")), "/config/tiers"),
        ("volume", tiers((0, 10, "1"), (11, 9, "1"), (10, None, "1")), "/config/tiers"),
        ("volume", {"tiers": [{"to": None, "per_unit": "x"}]}, "/config/tiers/0/per_unit"),
        ("percentage", {"rate_percent": "1", "event_minimum": "2", "event_maximum": "1"}, "/config"),
    ],
)
def test_a_config_that_is_wrong_is_refused_at_its_field(model, config, pointer):
    with pytest.raises(Invalid) as refusal:
        read_config(Model(model), config)
    assert pointer in {error.pointer for error in refusal.value.errors}


MONEY = st.decimals(0, 10_000, places=4)
UNITS = st.decimals(0, 1_000_000, places=6)
EXTRA = st.fixed_dictionaries({}, optional={"free_units": st.decimals(0, 100, places=3), "minimum": MONEY})


@st.composite
def steps(draw: Any, prices: str = "per_unit") -> dict[str, Any]:
    ends = sorted(draw(st.sets(st.integers(1, 500_000), max_size=4)))
    rows = [{"to": end, prices: draw(st.decimals(0, 50, places=6)), "flat": draw(MONEY)} for end in [*ends, None]]
    return {"tiers": rows}


CONFIGS = st.one_of(
    st.tuples(st.just("per_unit"), st.builds(lambda p: {"per_unit": p}, MONEY)),
    st.tuples(st.just("graduated"), steps()),
    st.tuples(st.just("volume"), steps()),
    st.tuples(st.just("graduated_percentage"), steps("rate_percent")),
    st.tuples(
        st.just("package"),
        st.builds(lambda s, a: {"package_size": s, "package_amount": a}, st.decimals("0.001", 5000, places=3), MONEY),
    ),
    st.tuples(
        st.just("flat_overage"),
        st.builds(lambda f, i, p: {"flat_amount": f, "included_units": i, "per_unit": p}, MONEY, UNITS, MONEY),
    ),
)


@settings(max_examples=150, deadline=None)
@given(CONFIGS, EXTRA, UNITS, UNITS)
def test_any_breakdown_adds_up_and_more_never_costs_less(model_config, extra, units, more):
    model, config = model_config
    low = charge(model, config | extra, units)
    high = charge(model, config | extra, units + more)
    for found in (low, high):
        assert sum(part.amount for part in found.parts) == found.amount
    if model != "volume":  # there, more units may all become cheaper
        assert low.amount <= high.amount


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.decimals(0, 1000, places=2), max_size=12),
    st.fixed_dictionaries(
        {"rate_percent": st.decimals(0, 20, places=3), "fixed_amount": st.decimals(0, 3, places=2)},
        optional={
            "free_events": st.integers(0, 6),
            "free_total": st.decimals(0, 2000, places=2),
            "event_minimum": st.decimals(0, 2, places=2),
        },
    ),
    st.randoms(),
)
def test_the_order_of_events_does_not_matter(amounts, config, chance):
    found = charge("percentage", config, events=amounts)
    shuffled = list(amounts)
    chance.shuffle(shuffled)
    assert charge("percentage", config, events=shuffled).amount == found.amount
    assert sum(part.amount for part in found.parts) == found.amount


@settings(max_examples=60, deadline=None)
@given(steps(), st.integers(0, 3))
def test_graduated_tiers_are_continuous_at_their_edges(config, number):
    """Beyond its flat amount, a tier adds nothing at its edge: the last unit before and the next cost their own."""
    rows = config["tiers"]
    if number >= len(rows) - 1:
        return
    edge, after = Decimal(rows[number]["to"]), rows[number + 1]
    step = Decimal("0.000001")
    jump = charge("graduated", config, edge + step).amount - charge("graduated", config, edge).amount
    assert jump == step * after["per_unit"] + after["flat"]
