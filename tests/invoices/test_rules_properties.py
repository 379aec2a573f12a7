"""What holds of any document: everything adds up, in any order of lines, in currencies of 0, 2, 3 and 4 places."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tracktok.core import money
from tracktok.invoices.rules.computing import Computed, ComputingProblem, DocumentInput, LineInput, compute
from tracktok.invoices.rules.crediting import credit_line
from tracktok.invoices.rules.spreading import carried, round_half_up, shared, shared_to
from tracktok.invoices.rules.supply import PLAIN, Supply
from tracktok.invoices.rules.taxes import Component, TaxSpec, regime_of

D = Decimal
CURRENCIES = st.sampled_from(["INR", "USD", "JPY", "KWD", "CLF"])
RATES = st.sampled_from([D(rate) for rate in ("0", "0.1", "0.25", "1.5", "3", "5", "7.5", "12", "18", "28", "40")])
SUPPLIES = st.sampled_from(
    [
        Supply("29", "29", inter_state=False, supply_type="B2B"),
        Supply("04", "04", inter_state=False, supply_type="B2C"),
        Supply("29", "27", inter_state=True, supply_type="B2B"),
        Supply("29", "29", supply_type="B2B", reverse_charge=True, charged=False),
        Supply("29", "96", inter_state=True, supply_type="EXPWOP", charged=False),
    ]
)
GENERIC = st.lists(
    st.builds(
        Component, st.sampled_from("abcd"), st.just("Tax"), RATES,
        st.sampled_from([D(0), D(0), D("0.25")]), st.booleans(),
    ),
    max_size=3, unique_by=lambda one: one.code,
).map(tuple)  # fmt: skip
SPECS = st.builds(
    TaxSpec, RATES, st.sampled_from([D(0), D(0), D(12), D("22.5")]), st.sampled_from([D(0), D(0), D("0.05")]), GENERIC
)
QUANTITIES = st.integers(1, 50_000_000).map(lambda number: D(number).scaleb(-4))
PRICES = st.integers(0, 200_000_000).map(lambda number: D(number).scaleb(-4))
PERCENTS = st.sampled_from([D(0), D(0), D(5), D("12.5"), D("33.3333"), D(100)])


@st.composite
def documents(draw, *, negative=True, inclusive=None, regimes=("gst", "generic", "none"), discounts=True):
    regime = draw(st.sampled_from(regimes))
    lines = draw(
        st.lists(
            st.builds(
                LineInput, QUANTITIES, PRICES, SPECS, PERCENTS if discounts else st.just(D(0)),
                pure_agent=st.sampled_from([False, False, False, True]),
            ),
            max_size=8,
        )
    )  # fmt: skip
    if negative and lines and draw(st.booleans()):
        lines.append(replace(draw(st.sampled_from(lines)), quantity=-draw(QUANTITIES)))
    return DocumentInput(
        currency=draw(CURRENCIES),
        lines=lines,
        regime=regime_of(regime),
        supply=draw(SUPPLIES) if regime == "gst" else PLAIN,
        tax_inclusive=draw(st.booleans()) if inclusive is None else inclusive,
        discount_percent=draw(PERCENTS) if discounts else D(0),
        round_to_unit=draw(st.booleans()),
    )


def computed(document: DocumentInput) -> Computed | None:
    try:
        return compute(document)
    except ComputingProblem:
        return None


def total(amounts) -> Decimal:
    return sum(amounts, D(0))


@settings(max_examples=120, deadline=None)
@given(documents())
def test_everything_adds_up(document):
    done = computed(document)
    if done is None:
        return
    lines, charged = done.lines, document.supply.charged
    for one in lines:
        net = one.gross - one.discount
        assert one.tax_amount == total(one.taxes.values())
        assert one.total == one.taxable_amount + one.pure_agent_amount + one.tax_amount
        if not (document.tax_inclusive and charged):
            assert one.taxable_amount + one.pure_agent_amount == net
        else:
            assert one.total == net
        assert total(part.amount for part in one.parts) == total((one.taxes or one.reverse_charge_taxes).values())
    groups = done.groups if charged else done.reverse_charge_groups
    by_code = done.taxes_by_code if charged else done.reverse_charge_taxes
    for group in groups:
        key = (group.code, group.label, group.percent, group.per_unit)
        parts = [p.amount for one in lines for p in one.parts if (p.code, p.label, p.percent, p.per_unit) == key]
        same = [g.amount for g in groups if (g.code, g.label, g.percent, g.per_unit) == key]
        assert total(parts) == total(same)
    for code, amount in by_code.items():
        assert amount == total(group.amount for group in groups if group.code == code)
        assert amount == total((one.taxes or one.reverse_charge_taxes).get(code, D(0)) for one in lines)
    assert done.tax_total == total(done.taxes_by_code.values()) == total(one.tax_amount for one in lines)
    assert done.taxable_total == total(one.taxable_amount for one in lines)
    assert done.pure_agent_total == total(one.pure_agent_amount for one in lines)
    assert done.subtotal == total(one.gross for one in lines)
    assert done.discount_total == total(one.discount for one in lines)
    assert done.total == total(one.total for one in lines) + done.round_off
    assert done.total == done.taxable_total + done.pure_agent_total + done.tax_total + done.round_off
    assert done.total >= 0
    assert abs(done.round_off) <= D("0.50")
    if not document.round_to_unit or money.minor_unit(document.currency) != 2:
        assert done.round_off == 0
    for amount in (done.total, done.taxable_total, done.tax_total, *(one.tax_amount for one in lines)):
        assert amount.as_tuple().exponent == -money.minor_unit(document.currency) or amount == 0


def test_central_and_state_tax_are_the_same_on_every_line():
    seen: Counter[str] = Counter()

    @settings(max_examples=80, deadline=None)
    @given(documents(regimes=("gst",)))
    def each(document):
        for inter_state in (False, True):  # each both ways: which of them chance brings is not left to it
            done = computed(replace(document, supply=replace(document.supply, inter_state=inter_state)))
            for taxes in [(one.taxes or one.reverse_charge_taxes) for one in (done.lines if done else ())]:
                seen.update(taxes)
                assert ("cgst" in taxes) == ("sgst" in taxes or "utgst" in taxes)
                if "cgst" in taxes:
                    assert taxes["cgst"] == taxes.get("sgst", taxes.get("utgst"))

    each()
    assert seen["cgst"], "lines within a state were among them"
    assert seen["igst"], "and lines between states"


@settings(max_examples=80, deadline=None)
@given(documents(negative=False))
def test_positive_lines_bear_no_negative_tax_and_no_negative_discount(document):
    done = computed(document)
    for one in done.lines if done else ():
        assert 0 <= one.discount <= one.gross
        assert all(part.amount >= 0 for part in one.parts)


@settings(max_examples=80, deadline=None)
@given(documents(), st.randoms(use_true_random=False))
def test_no_order_of_lines_changes_a_sum(document, chance):
    done = computed(document)
    mixed = list(document.lines)
    chance.shuffle(mixed)
    again = computed(replace(document, lines=mixed))
    if done is None:
        assert again is None
        return
    assert again is not None
    names = "subtotal discount_total taxable_total tax_total taxes_by_code round_off total reverse_charge_taxes"
    for name in [*names.split(), "pure_agent_total"]:
        assert getattr(done, name) == getattr(again, name), name
    assert [(g.code, g.percent, g.amount) for g in done.groups] == [(g.code, g.percent, g.amount) for g in again.groups]
    if not document.tax_inclusive:
        assert done.groups == again.groups


def without_fixed_taxes(spec: TaxSpec) -> TaxSpec:
    components = tuple(replace(one, per_unit=D(0)) for one in spec.components)
    return replace(spec, cess_per_unit=D(0), components=components)


@settings(max_examples=80, deadline=None)
@given(documents(inclusive=False, discounts=False))
def test_what_was_added_is_what_is_contained(document):
    """The exclusive totals of each line, fed back as inclusive prices, contain the same tax: within one minor unit."""
    lines = [replace(line, tax=without_fixed_taxes(line.tax)) for line in document.lines]
    document = replace(document, lines=lines, round_to_unit=False)
    done = computed(document)
    if done is None or not document.supply.charged:
        return
    back = [
        replace(line, quantity=D(1), unit_price=one.total) for line, one in zip(document.lines, done.lines, strict=True)
    ]
    again = compute(replace(document, lines=back, tax_inclusive=True))
    smallest = D(1).scaleb(-money.minor_unit(document.currency))
    assert again.total == done.total
    assert len(again.groups) == len(done.groups)
    for before, after in zip(done.groups, again.groups, strict=True):
        assert abs(before.amount - after.amount) <= smallest * (2 if before.compound else 1)


@settings(max_examples=80, deadline=None)
@given(st.lists(PRICES, min_size=1, max_size=5), RATES, CURRENCIES)
def test_with_one_rate_of_one_tax_the_way_back_is_exact(prices, rate, currency):
    inter = Supply("29", "27", inter_state=True, supply_type="B2B")
    document = DocumentInput(
        currency, [LineInput(D(1), price, TaxSpec(rate)) for price in prices], regime_of("gst"), inter
    )
    done = compute(document)
    back = [replace(line, unit_price=one.total) for line, one in zip(document.lines, done.lines, strict=True)]
    again = compute(replace(document, lines=back, tax_inclusive=True))
    assert (again.total, again.tax_total, again.taxable_total) == (done.total, done.tax_total, done.taxable_total)


INTEGERS = st.lists(st.integers(-10_000, 10_000), max_size=12)


@given(INTEGERS, st.integers(1, 1000))
def test_carried_parts_add_up_and_are_near(numerators, denominator):
    parts = carried(numerators, denominator)
    assert sum(parts) == round_half_up(sum(numerators), denominator)
    assert all(abs(part * denominator - one) <= denominator for part, one in zip(parts, numerators, strict=True))


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=12), st.data())
def test_shares_never_pass_their_weight(weights, data):
    whole = sum(weights)
    discount = data.draw(st.integers(0, whole))
    cut = data.draw(st.integers(0, len(weights)))
    groups = [weights[:cut], weights[cut:]]
    shares = shared(discount, [sum(group) for group in groups])
    assert sum(shares) == discount
    for group, share in zip(groups, shares, strict=True):
        parts = shared_to(share, group, discount, whole) if whole else [0] * len(group)
        assert sum(parts) == share
        assert all(0 <= part <= weight for part, weight in zip(parts, group, strict=True))


@given(st.integers(1, 100_000), st.integers(0, 50_000), st.lists(st.integers(1, 5000), max_size=6))
def test_a_line_credited_in_parts_gives_all_its_tax_back(taxable, tax, cuts):
    whole, taxes = D(taxable).scaleb(-2), {"cgst": D(tax).scaleb(-2), "sgst": D(tax).scaleb(-2)}
    left, parts = taxable, []
    for cut in [*cuts, taxable]:
        if (part := min(cut, left)) > 0:
            before = D(taxable - left).scaleb(-2)
            parts.append(
                credit_line(
                    D(part).scaleb(-2), taxable_amount=whole, taxes=taxes, credited_before=before, currency="INR"
                )
            )
            left -= part
    assert total(part.taxable_amount for part in parts) == whole
    assert total(part.taxes["cgst"] for part in parts) == taxes["cgst"]
    assert all(part.taxes["cgst"] == part.taxes["sgst"] >= 0 for part in parts)
