"""What a line would be by its service type alone: what a form fills in when one is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from tracktok.core.context import preferences
from tracktok.core.errors import Invalid
from tracktok.customers.queries import get_service_row
from tracktok.customers.services import default_company
from tracktok.invoices.queries import parties
from tracktok.invoices.schemas.lines import LineIn

from .deriving import today
from .filling import Filler, plain


@dataclass(frozen=True, slots=True)
class Offer:
    """A service type as a line says it. `unit_price` is None where it is in another currency and no rate is known."""

    description: str
    hsn_sac: str
    unit: str
    unit_price: Decimal | None
    tax_rate_id: UUID | None


def offer_of(
    service_type_id: UUID, *, customer_id: UUID | None, company_id: UUID | None, currency: str, day: date | None
) -> Offer:
    """What a service type comes to for a customer on a day; without a customer its own price. Raises NotFound."""
    service = get_service_row(service_type_id)
    company = (parties.find_company(company_id) if company_id else None) or default_company()
    customer = parties.find_customer(customer_id) if customer_id else None
    if customer is None:
        wanted = currency or preferences().currency
        price = plain(service.unit_price) if service.currency == wanted else None
        return Offer(service.name, service.hsn_sac, service.unit, price, service.tax_rate_id)
    wanted = currency or customer.currency or preferences().currency
    filler = Filler(customer, wanted, day or today(), company.tax_regime)
    line = LineIn(service_type_id=service_type_id)
    try:
        filled = filler.fill([line], {})[0]
    except Invalid:
        filled = Filler(customer, wanted, day or today(), company.tax_regime).fill(
            [line.model_copy(update={"unit_price": Decimal(0), "tax_rate": Decimal(0)})], {}
        )[0]
        return Offer(filled.description, filled.hsn_sac, filled.unit, None, service.tax_rate_id)
    return Offer(filled.description, filled.hsn_sac, filled.unit, filled.unit_price, filled.tax_rate_id)
