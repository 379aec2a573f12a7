"""The shapes that the sales of a demo company are told in: customers, what is sold, documents and what is paid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """Somebody who is billed. `fields` are those of a customer; `till` is the account that their money comes to."""

    name: str
    client_type: str
    till: str
    pays_after: int
    fields: Mapping[str, object] = field(default_factory=dict)
    contact: str = ""


@dataclass(frozen=True, slots=True)
class DemoService:
    """Something that is sold; a service type that is there under its name already gets the price."""

    name: str
    price: Decimal
    unit: str = ""
    hsn_sac: str = ""
    tax_rate: str = ""


@dataclass(frozen=True, slots=True)
class DemoLine:
    """A line of a document. `price` is the service's own when there is none."""

    service: str
    quantity: Decimal
    price: Decimal | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class DemoPayment:
    """When which part of a document is paid: `percent` of its total, or with 100 all that is open."""

    day: date
    percent: int = 100
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class DemoDocument:
    """An invoice, quote or proforma. `ending` is what comes of it beside payments.

    Of an invoice: "", draft, void, credited (its last line is taken back), written_off (what payments leave open).
    Of a quote: sent, accepted, invoiced. A proforma is issued.
    """

    day: date
    customer: str
    lines: tuple[DemoLine, ...]
    kind: str = "invoice"
    payments: tuple[DemoPayment, ...] = ()
    ending: str = ""
    reference: str = ""
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class DemoRecurring:
    """What is billed again and again, from the first of the next month on."""

    name: str
    customer: str
    service: str
    quantity: Decimal
    text: str
    every: int = 1
    unit: str = "month"
    action: str = "draft"


@dataclass(frozen=True, slots=True)
class DemoSales:
    """How a demo company sells. `write(day)` tells its documents up to and including a day, oldest first."""

    biller: Mapping[str, object]
    customers: tuple[DemoCustomer, ...]
    services: tuple[DemoService, ...]
    write: Callable[[date], list[DemoDocument]] = field(repr=False)
    recurring: tuple[DemoRecurring, ...] = ()
