"""The books: accounts, balanced entries, balances."""
