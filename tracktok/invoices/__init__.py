"""Sales documents: quotes, proformas, invoices, credit and debit notes; their tax, numbers, payment and files."""
