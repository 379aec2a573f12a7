#!/usr/bin/env python3
"""How fast billing is, against a floor measured in the same run.

    .venv/bin/python scripts/bench/billing.py [--invoices 100000] [--only list,create,finalize,ageing,pdf]
    .venv/bin/python scripts/bench/billing.py --only month-end [--month-end 10000] [--mail]

One company with 1,000 customers and 100,000 issued invoices, copied by SQL from one that the product issued; beside
them what it makes itself: drafts of five lines, their finalizing without the PDF, the ageing, the PDF. And a company of
its own whose recurring invoices are all due today (see month_end.py).
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent)]

from ground import Ground  # noqa: E402
from load import Request, measure  # noqa: E402
from month_end import bench_month_end  # noqa: E402
from spend import Company, Table, floor_of, vacuum  # noqa: E402

LIST = "/api/v1/invoices/?limit=50"
CUSTOMERS = 1_000
MONTH_END = "month-end"
OTHERS = {
    "id": "gen_random_uuid()", "number": "'B-' || n", "sequence": "n + 1000000",
    "document_date": "d.document_date - (n %% 300)::int", "due_date": "d.document_date - (n %% 300)::int + 30",
    "customer_id": "(%(customers)s::uuid[])[1 + n %% 1000]",
}  # fmt: skip


class Biller:
    """The company of the benchmark."""

    def __init__(self, ground: Ground, name: str = "Biller", customers: int = CUSTOMERS) -> None:
        from tests.factories.invoices import make_biller

        self.company = Company(ground, name)
        with ground.app.app_context(), self.company.company.owner.acting():
            make_biller()
        made = [
            self.company.call("POST", "/api/v1/customers/", json={"name": f"Customer {at}"}).json
            for at in range(customers)
        ]
        self.customers = [one["id"] for one in made]

    def body(self, at: int, lines: int = 5) -> dict[str, Any]:
        """An invoice of so many lines."""
        return {
            "customer_id": self.customers[at % CUSTOMERS],
            "lines": [
                {"description": f"Trip {line}", "hsn_sac": "996412", "quantity": "2", "unit_price": "149.50"}
                for line in range(lines)
            ],
        }

    def draft(self, at: int, lines: int = 5) -> str:
        """A draft made through the API; its id."""
        made = self.company.call("POST", "/api/v1/invoices/", json=self.body(at, lines)).json
        return str(made["id"])


def copy_invoices(ground: Ground, biller: Biller, invoices: int) -> None:
    """Issue one invoice, and copy it with its lines."""
    import psycopg

    from tracktok.invoices.models import SalesDocument, SalesLine

    source = biller.draft(0)
    biller.company.call("POST", f"/api/v1/invoices/{source}/finalize")
    given = {"source": source, "most": invoices, "customers": biller.customers}
    names = [column.name for column in SalesDocument.__table__.columns if column.computed is None]
    values = ", ".join(OTHERS.get(name, f"d.{name}") for name in names)
    lines = [column.name for column in SalesLine.__table__.columns if column.computed is None]
    own = {"id": "gen_random_uuid()", "document_id": "d.id"}
    with psycopg.connect(ground.admin_url.removesuffix("postgres") + "tracktok", autocommit=True) as raw:
        raw.execute("SET session_replication_role = replica")  # foreign keys hold by construction
        raw.execute(
            f"INSERT INTO sales_documents ({', '.join(names)}) SELECT {values} FROM sales_documents d,"  # noqa: S608
            " generate_series(1, %(most)s) n WHERE d.id = %(source)s",
            given,
        )
        raw.execute(
            f"INSERT INTO sales_lines ({', '.join(lines)})"  # noqa: S608
            f" SELECT {', '.join(own.get(name, f'l.{name}') for name in lines)} FROM sales_lines l, sales_documents d"
            " WHERE l.document_id = %(source)s AND d.sequence > 1000000",
            given,
        )
    vacuum(ground)


def bench_list(ground: Ground, biller: Biller, table: Table) -> None:
    """The list of 50 against the bare function, also with what all that fit come to."""
    for path, what in ((LIST, "list of 50 invoices"), (f"{LIST}&totals=1", "list of 50 with the totals of all")):
        floor = floor_of(ground, biller.company, path, "FROM sales_documents")
        with ground.serve("wsgi:app") as port:
            ours = measure(port, [Request(path, headers=biller.company.headers)], clocks=ground.clocks)
        table.add(f"bare WSGI + psycopg + orjson: {what}", f"{floor.per_second:.0f}/s; {floor.cost}")
        table.add(
            f"{what} by API",
            f"{ours.per_second:.0f}/s; {ours.cost}",
            f"{ours.per_second / floor.per_second:.2f} of the floor; asked: 0.25, goal 0.50",
        )


def bench_create(ground: Ground, biller: Biller, table: Table) -> None:
    """Drafts of five lines."""
    requests = [
        Request("/api/v1/invoices/", "POST", biller.company.headers, json.dumps(biller.body(at)).encode())
        for at in range(2_000)
    ]
    _told(ground, requests, table, "create a draft of 5 lines", "asked: 100/s")


def bench_finalize(ground: Ground, biller: Biller, table: Table) -> None:
    """Drafts that are issued, each once; the PDF is made later by a worker."""
    ids = [biller.draft(at) for at in range(1_500)]
    requests = [Request(f"/api/v1/invoices/{one}/finalize", "POST", biller.company.headers) for one in ids]
    _told(ground, requests, table, "finalize, without the PDF", "asked: 60/s", seconds=4)


def _told(ground: Ground, requests: list[Request], table: Table, what: str, asked: str, *, seconds: float = 5) -> None:
    with ground.serve("wsgi:app", threads=4) as port:
        outcome = measure(port, requests, seconds=seconds, connections=4, clocks=ground.clocks)
    told = f"{outcome.per_second:.0f}/s ({outcome.server_ms:.1f} ms each; {outcome.cost})"
    table.add(f"{what}, one worker process, four connections", told, asked)


def bench_ageing(ground: Ground, biller: Biller, table: Table) -> None:
    """What all customers owe, by age."""
    request = Request("/api/v1/reports/receivables-ageing", headers=biller.company.headers)
    with ground.serve("wsgi:app") as port:
        outcome = measure(port, [request], seconds=2, connections=1, clocks=ground.clocks)
    table.add("ageing of all invoices", f"{outcome.server_ms:.1f} ms; {outcome.cost}", "asked: 50 ms")


def bench_pdf(ground: Ground, biller: Biller, table: Table) -> None:
    """The PDF of 5 lines against bare xhtml2pdf on a page that says the same, and that of 1,000 lines."""
    from uuid import UUID

    from xhtml2pdf import pisa

    from tracktok.invoices.models import DocumentKind
    from tracktok.invoices.queries.documents import get_document
    from tracktok.invoices.services.paper.keeping import draw

    made = {lines: biller.draft(0, lines) for lines in (5, 1_000)}
    html = "<h1>Invoice</h1><p>Biller to Customer 0</p><table border='1'>" + "".join(
        f"<tr><td>{line['description']}</td><td>{line['hsn_sac']}</td><td>{line['quantity']}</td>"
        f"<td>{line['unit_price']}</td><td>299.00</td></tr>"
        for line in biller.body(0)["lines"]
    )
    bare = best(lambda: pisa.CreatePDF(html + "</table>", dest=io.BytesIO()))
    with ground.app.app_context(), biller.company.company.owner.acting():
        five, many = (best(partial(draw, get_document(UUID(one), DocumentKind.invoice))) for one in made.values())
    table.add("bare xhtml2pdf, a page of 5 lines", f"{1000 * bare:.0f} ms")
    table.add("PDF of 5 lines", f"{1000 * five:.0f} ms", f"{five / bare:.2f} x bare xhtml2pdf; asked: 2 x")
    table.add("PDF of 1,000 lines", f"{many:.2f} s", "asked: 1.5 s")


def best(draw: Callable[[], Any]) -> float:
    """The seconds of the quickest of three: the first one loads fonts."""
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        draw()
        times.append(time.perf_counter() - begun)
    return min(times)


def main() -> None:
    """Run what is asked for, and show the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--invoices", type=int, default=100_000)
    parser.add_argument("--only", default="list,ageing,create,finalize,pdf,month-end")
    parser.add_argument("--month-end", type=int, default=10_000, help="invoices of the month-end run")
    parser.add_argument("--mail", action="store_true", help="the month-end run mails its invoices too")
    given = parser.parse_args()
    wanted = given.only.split(",")
    table = Table()
    with Ground() as ground:
        os.environ["RATE_LIMITS_ENABLED"] = "true"
        os.environ["RATE_LIMIT_DEFAULT"] = os.environ["RATE_LIMIT_TENANT"] = "100000000 per minute"
        if wanted != [MONTH_END]:
            biller = Biller(ground)
            copy_invoices(ground, biller, given.invoices)
        parts: dict[str, Callable[[Ground, Biller, Table], None]] = {
            "list": bench_list, "ageing": bench_ageing, "create": bench_create, "finalize": bench_finalize,
            "pdf": bench_pdf,
        }  # fmt: skip
        for name in wanted:
            if name == MONTH_END:
                own = Biller(ground, "Month end", min(CUSTOMERS, given.month_end))
                bench_month_end(ground, own, table, given.month_end, mail=given.mail)
            else:
                parts[name](ground, biller, table)
    table.show()


if __name__ == "__main__":
    main()
