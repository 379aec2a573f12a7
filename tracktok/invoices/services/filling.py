"""Lines as they are entered, filled with what they refer to: service types, prices, taxes of the day, expenses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracktok.core.errors import Conflict, FieldError, Invalid
from tracktok.core.money import round_amount
from tracktok.customers.models import Customer
from tracktok.invoices.models import SalesLine
from tracktok.invoices.queries import billable
from tracktok.invoices.queries.parties import Goods, load_goods
from tracktok.invoices.rules.computing import LineInput
from tracktok.invoices.rules.taxes import Component, TaxSpec
from tracktok.invoices.schemas.lines import LineIn, PureAgentIn, SourcedLine
from tracktok.ledger.queries import book_account_for, rate_between

ZERO = Decimal(0)
PURE_AGENT_CONDITIONS = ("authorised", "additional", "exact")
_NUMBERS = (
    "quantity", "unit_price", "discount_percent", "discount_amount", "tax_rate", "cess_rate", "cess_per_unit",
)  # fmt: skip
_TEXTS = (
    "description", "service_type_id", "hsn_sac", "supply_kind", "unit", "tax_rate_id", "book_account_id",
)  # fmt: skip


class SourceBilled(Conflict):
    code, title = "already_billed", "This is billed already"


@dataclass(slots=True)
class FilledLine:
    """A line with everything that computing and the paper need, before its amounts."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    service_type_id: UUID | None = None
    hsn_sac: str = ""
    supply_kind: str = "other"
    unit: str = ""
    discount_percent: Decimal = ZERO
    discount_amount: Decimal = ZERO
    tax_rate_id: UUID | None = None
    tax: TaxSpec = field(default_factory=TaxSpec)
    book_account_id: UUID | None = None
    source: str = ""
    source_id: UUID | None = None
    pure_agent: dict[str, Any] = field(default_factory=dict)

    @property
    def as_input(self) -> LineInput:
        """The line as computing takes it."""
        return LineInput(
            quantity=self.quantity,
            unit_price=self.unit_price,
            tax=self.tax,
            discount_percent=self.discount_percent,
            discount_amount=self.discount_amount,
            pure_agent=bool(self.pure_agent),
        )


@dataclass(slots=True)
class Filler:
    """Fills lines of one document; gathers what is wrong with them, each at its field.

    `kept`: service types and rates that the document named before; they may have been archived meanwhile.
    """

    customer: Customer
    currency: str
    day: date
    regime: str
    kept: frozenset[UUID] = frozenset()
    errors: list[FieldError] = field(default_factory=list)

    def fill(self, lines: Sequence[LineIn], expenses: dict[UUID, Any]) -> list[FilledLine]:
        """The lines, filled. Raises Invalid with all that is wrong."""
        goods = load_goods(
            services={line.service_type_id for line in lines if line.service_type_id},
            rates={line.tax_rate_id for line in lines if line.tax_rate_id},
            accounts={line.book_account_id for line in lines if line.book_account_id},
            customer=self.customer,
            day=self.day,
        )
        filled = [self._line(at, line, goods, expenses) for at, line in enumerate(lines)]
        if self.errors:
            raise Invalid(self.errors[0].detail if len(self.errors) == 1 else None, errors=self.errors)
        return filled

    def _problem(self, at: int, name: str, detail: str, code: str = "invalid") -> None:
        self.errors.append(FieldError(f"/lines/{at}/{name}", code, detail))

    def _line(self, at: int, line: LineIn, goods: Goods, expenses: dict[UUID, Any]) -> FilledLine:
        service = self._service(at, line, goods)
        expense = self._expense(at, line, expenses)
        description = line.description or (service.name if service else "") or _named(expense)
        if not description:
            self._problem(at, "description", "Say what is billed, or choose a service type.", "missing")
        source, source_id = _source(line)
        filled = FilledLine(
            description=description,
            quantity=line.quantity,
            unit_price=self._price(at, line, service, expense, goods),
            service_type_id=line.service_type_id,
            hsn_sac=line.hsn_sac if line.hsn_sac is not None else (service.hsn_sac if service else ""),
            supply_kind=line.supply_kind.value if line.supply_kind else (service.supply_kind if service else "other"),
            unit=line.unit if line.unit is not None else (service.unit if service else ""),
            discount_percent=line.discount_percent,
            discount_amount=line.discount_amount,
            source=source,
            source_id=source_id,
            pure_agent=self._pure_agent(at, line.pure_agent),
        )
        self._tax(at, line, service, goods, filled)
        filled.book_account_id = self._account(at, line, service, expense, goods)
        return filled

    def _service(self, at: int, line: LineIn, goods: Goods) -> Any:
        if line.service_type_id is None:
            return None
        found = goods.services.get(line.service_type_id)
        if found is None or (found.deleted_at is not None and found.id not in self.kept):
            self._problem(at, "service_type_id", "There is no such service type.", "not_found")
            return None
        if found.is_archived and found.id not in self.kept:
            self._problem(at, "service_type_id", f"“{found.name}” is archived; choose another.", "archived")
        return found

    def _expense(self, at: int, line: LineIn, expenses: dict[UUID, Any]) -> Any:
        if line.expense_id is None:
            return None
        found = expenses.get(line.expense_id)
        if found is None:
            self._problem(at, "expense_id", "There is no such expense.", "not_found")
        elif not found.is_billable:
            self._problem(at, "expense_id", f"The expense “{found.title}” is not marked as billable.", "not_billable")
        return found

    def _price(self, at: int, line: LineIn, service: Any, expense: Any, goods: Goods) -> Decimal:
        if line.unit_price is not None:
            return line.unit_price
        price, currency = ZERO, self.currency
        if expense is not None:
            # What the company gets back from the tax office is no cost of the customer's.
            credit = expense.tax_amount if expense.tax_treatment == "creditable" and expense.tax_amount else ZERO
            price, currency = expense.amount - credit, expense.currency
        elif service is not None:
            listed = goods.prices.get(service.id, service)
            price, currency = listed.unit_price, listed.currency
        else:
            self._problem(at, "unit_price", "Enter a price.", "missing")
            return ZERO
        if currency == self.currency:
            return plain(price)
        rate = rate_between(currency, self.currency, self.day)
        if rate is None:
            self._problem(at, "unit_price", f"Its price is in {currency}; enter it in {self.currency}.", "rate_missing")
            return ZERO
        return round_amount(price * rate.rate, self.currency)

    def _tax(self, at: int, line: LineIn, service: Any, goods: Goods, filled: FilledLine) -> None:
        """The tax by hand, by the rate that the line names, or by that of its service type."""
        rate_id = line.tax_rate_id
        if rate_id is None and line.tax_rate is None and service is not None and not line.pure_agent:
            rate_id = service.tax_rate_id
        if rate_id is None:
            filled.tax = TaxSpec(line.tax_rate or ZERO, line.cess_rate or ZERO, line.cess_per_unit or ZERO)
            return
        row = goods.rates.get(rate_id)
        if row is None:
            detail = f"There is no such tax rate, or it does not hold yet on {self.day.isoformat()}."
            self._problem(at, "tax_rate_id", detail, "not_found")
            return
        if row.regime != self.regime:
            if line.tax_rate_id is not None and self.regime != "none":
                self._problem(at, "tax_rate_id", f"“{row.name}” is a rate of another tax law than the company's.")
            return
        filled.tax_rate_id = rate_id
        filled.tax = TaxSpec(
            rate=plain(row.percent),
            cess_percent=line.cess_rate if line.cess_rate is not None else plain(row.cess_percent),
            cess_per_unit=line.cess_per_unit if line.cess_per_unit is not None else plain(row.cess_per_unit),
            components=components_of(row.components),
        )

    def _account(self, at: int, line: LineIn, service: Any, expense: Any, goods: Goods) -> UUID | None:
        if line.book_account_id is not None:
            if line.book_account_id not in goods.income_accounts:
                self._problem(at, "book_account_id", "Choose an income account of the books.", "not_found")
            return line.book_account_id
        if service is not None and service.book_account_id in goods.income_accounts:
            return service.book_account_id  # type: ignore[no-any-return]
        return book_account_for("rebilled_expenses") if expense is not None else None

    def _pure_agent(self, at: int, said: PureAgentIn | None) -> dict[str, Any]:
        if said is None:
            return {}
        if self.regime != "gst":
            self._problem(at, "pure_agent", "Only a company that is registered for GST passes on as a pure agent.")
        if not all(getattr(said, name) for name in PURE_AGENT_CONDITIONS):
            detail = "A pure agent meets all conditions of Rule 33; without them the line is taxed."
            self._problem(at, "pure_agent", detail)
        return said.model_dump(mode="json")


def components_of(stored: Sequence[Any]) -> tuple[Component, ...]:
    """The components of a tax rate or of a line, from their JSON."""
    return tuple(
        Component(
            code=one["code"],
            label=one["label"],
            percent=Decimal(str(one["percent"])),
            per_unit=Decimal(str(one.get("per_unit") or 0)),
            compound=bool(one.get("compound")),
        )
        for one in stored
    )


def check_sources(lines: Sequence[FilledLine], document_id: UUID | None) -> None:
    """Raise SourceBilled (409) when something that the lines bill is billed by another document.

    Expenses are locked by the caller; the unique index is the judge for all sources.
    """
    wanted: dict[str, list[UUID]] = {}
    for line in lines:
        if line.source and line.source_id:
            wanted.setdefault(line.source, []).append(line.source_id)
    for source, ids in wanted.items():
        if len(ids) != len(set(ids)):
            raise SourceBilled("The same thing stands in two lines; bill it once.")
        for row in billable.holders_of(source, ids):
            if row.document_id != document_id:
                at = next(at for at, line in enumerate(lines) if line.source_id == row.source_id)
                where = f"document {row.number}" if row.number else "another draft"
                detail = f"“{lines[at].description}” is billed by {where} already."
                name = "expense_id" if source == billable.EXPENSE else "source_id"
                raise SourceBilled(detail, errors=[FieldError(f"/lines/{at}/{name}", SourceBilled.code, detail)])


def line_in(line: SalesLine, *, billed: bool = True) -> LineIn:
    """The input that makes a stored line again. Without `billed`: without what it bills, for a copy."""
    values: dict[str, Any] = {name: getattr(line, name) for name in _TEXTS}
    values |= {name: plain(getattr(line, name)) for name in _NUMBERS}
    values["pure_agent"] = line.pure_agent or None
    if line.tax_rate_id is not None:
        values |= {"tax_rate": None, "cess_rate": None, "cess_per_unit": None}
    if billed and line.source == billable.EXPENSE:
        return LineIn.model_validate({**values, "expense_id": line.source_id})
    if billed and line.source:
        return SourcedLine.model_validate({**values, "source": line.source, "source_id": line.source_id})
    return LineIn.model_validate(values)


def _source(line: LineIn) -> tuple[str, UUID | None]:
    if line.expense_id is not None:
        return billable.EXPENSE, line.expense_id
    if isinstance(line, SourcedLine) and line.source_id is not None:
        return line.source, line.source_id
    return "", None


def _named(expense: Any) -> str:
    if expense is None:
        return ""
    return f"{expense.title} ({expense.merchant})" if expense.merchant else str(expense.title)


def plain(value: Decimal) -> Decimal:
    """A stored number without the noughts behind it: 18.000000000000 is 18."""
    return Decimal(format(value.normalize(), "f"))
