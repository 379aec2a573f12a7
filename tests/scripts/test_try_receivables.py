"""`scripts/try_receivables.py` loads a file of receivables and says what it comes to."""

from __future__ import annotations

from datetime import date

import pytest

from scripts import try_receivables

FILE = """countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate
391,A-1,4/6/2013,0001,1/2/2013,2/1/2013,55.94,No,1/15/2013
391,A-1,4/6/2013,0002,1/3/2013,2/2/2013,10.00,No,1/15/2013
406,B-2,3/3/2012,0003,3/26/2013,4/25/2013,61.74,Yes,7/3/2013
406,B-2,3/3/2012,0004,6/20/2013,7/20/2013,20.01,No,7/30/2013
406,B-2,3/3/2012,0005,7/2/2013,8/1/2013,5.00,No,
"""


@pytest.mark.integration
def test_a_file_is_loaded_and_its_figures_are_told(app_context, tmp_path, capsys):
    file = tmp_path / "receivables.csv"
    file.write_text(FILE)
    assert try_receivables.run(file, date(2013, 6, 30)) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "2 customers" in said
    assert "invoices 5 billed 152.69" in said
    assert "current 20.01 1_30 0.00 31_60 0.00 61_90 61.74 over_90 0.00 sum 81.75" in said
    assert "due 5.00" in said
    assert "As the file says, and the books are sound." in said
