"""Pure decisions about billing: taxes, sums, numbers, words, statuses, allocation, ageing.

Knows no session, request, clock or file; money is Decimal, rounded once, half up, to the currency's own minor unit.
"""
