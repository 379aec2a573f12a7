"""Pure decisions about imported tables: forms of dates and numbers, headers, delimiters, columns."""
