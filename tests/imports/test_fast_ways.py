"""What is done fast for large files is held against the plain way of doing it."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter

import pytest

from tests.factories.imports import begin, commit
from tracktok.imports.rules import dates, numbers
from tracktok.imports.rules.profile import ColumnProfile
from tracktok.imports.services.spool import Repeated, Spool
from tracktok.imports.services.working import _as_csv

CELLS = (
    "2026-05-01 08:10", "2026-05-01 08:10:59", "01/05/2026 8:10 PM", "1.5.26 08:10", "2026-05-01 08:10 IST",
    "2026-05-01 08:10+05:30", "2026-05-01  08:10", "2026-05-01 08:10  ", " 2026-05-01 08:10", "2026-05-01T08:10",
    "2026-05-01, 08:10", "2026-05-01 at 08:10", "2026-05-01", "11 1:00", "1 1:00", "1.1.2026 1:00\n", "Mon, 3 Jan 2026",
    "Mon, 3 Jan 2026 10:00 AM", "3 Jan 2026 10:00", "2026-05- 08:10", "2026-05-01 soon", "42071", "\ue00042071", "12.5",
    "a day in May, say", "20260501 08:10", "2026-05-01 08:10 2026-05-01 08:10",
)  # fmt: skip


def test_the_day_in_a_cell_is_the_same_whichever_way_it_is_found():
    part = dates.DatePart()
    for _ in range(2):
        assert [part(cell) for cell in CELLS] == [dates.date_part(cell) for cell in CELLS]


@pytest.mark.parametrize("seed", range(6))
def test_a_column_counted_by_its_distinct_cells_tells_what_counting_each_tells(seed):
    chance = random.Random(seed)
    pools = (CELLS, ("", " ", "a", "a ", "b"), ("1.234,5", "1,5", "(12)", "₹ 500", ""), tuple(map(str, range(3000))))
    pool = pools[seed % len(pools)]
    chunks = [[chance.choice(pool) for _ in range(size)] for size in (3, 150, 400, 2000)]
    profile = ColumnProfile("one")
    for chunk in chunks:
        profile.add(chunk)
    cells = [cell for chunk in chunks for cell in chunk if cell and not cell.isspace()]
    told = profile.summary(dates.DateOrder.day_first)
    assert told["filled"] == len(cells)
    values = Counter(cell.strip() for cell in cells)
    assert told.get("distinct") == (len(values) if len(values) <= 1000 else None)
    if len(values) <= 100:
        assert list(told["values"].items()) == values.most_common()
    if "number" in told:
        assert told["number"]["because"] == numbers.judge(numbers.weigh(Counter(map(numbers.shape, cells)))).because
    if told["type"] == "date":
        assert told["date"]["evidence"]["total"] == len(cells)


@pytest.mark.parametrize("odd", ["", "plain", "a,b", 'say "so"', "two\nlines", "a\rb", "a\r\nb", ",", '"', "ü \ud800"])
def test_rows_are_kept_as_a_csv_writer_keeps_them(odd):
    chunk = [(2, ["a", "b", ""]), (3, [odd, "c"]), (7, ["d"])]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows((number, *cells) for number, cells in chunk)
    assert _as_csv(chunk) == text.getvalue().encode("utf-8", "replace")


@pytest.mark.parametrize("order", [None, 4])
@pytest.mark.parametrize("seed", range(3))
def test_rows_leave_the_spool_as_a_sort_would_order_them(order, seed):
    chance = random.Random(seed)
    rows = [
        (number, chance.randrange(-5, 5), f"t{number}\\t", f"2026-0{chance.randrange(1, 9)}-0{chance.randrange(1, 9)}")
        for number in range(2, 700)
        if chance.random() < 0.9
    ]
    left_out = {number for number, *_ in rows if chance.random() < 0.2}
    known = {-4: 2, 0: 7, 3: 1}
    for repeated, without, times in (
        (Repeated(), set(), {}),
        (Repeated(left_out), left_out, {}),
        (Repeated((), sorted(known.items())), set(), known),
        (Repeated(left_out, sorted(known.items())), left_out, known),
    ):
        spool = Spool(io.BytesIO(), order)
        for begin_at in range(0, len(rows), 97):
            spool.add([f"{n}\t{key}\t9\t{text}\t{day}\tend" for n, key, text, day in rows[begin_at : begin_at + 97]])
        lines = b"".join(spool.ready(repeated)).decode().split("\n")
        wanted = sorted(rows, key=lambda row: (row[3] if order else "", row[0]))
        wanted = [row for row in wanted if row[0] not in without]
        assert lines.pop() == ""
        assert lines == [
            f"{place}\t{key}\t{times.get(key, 0)}\t{text}\t{day}\tend"
            for place, (_, key, text, day) in enumerate(wanted, 1)
        ]


def test_rows_in_any_order_with_repeated_ones_are_written_by_their_days(company):
    api = company.owner.api()
    header = "Date,Description,Amount\n"
    first = "2026-11-05,Tea,5.00\n2026-11-01,Bus,1.00\n2026-11-05,Tea,5.50\n"
    assert commit(company, begin(api, header + first))["committed_rows"] == 3
    more = (
        "2026-11-09,Late,9.00\n2026-11-01,Bus,1.00\n2026-11-01,Early,2.00\n2026-11-05,Tea,5.50\n2026-11-01,Early,2.00\n"
    )
    found = begin(api, header + more)
    assert (found["valid"], found["duplicates"]) == (2, 3)
    assert commit(company, found)["committed_rows"] == 2
    listed = api.get(f"/expenses/?import_id={found['id']}&limit=10").json["data"]
    assert [(one["expense_date"], one["title"]) for one in listed] == [("2026-11-09", "Late"), ("2026-11-01", "Early")]
