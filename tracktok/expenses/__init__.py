"""Expenses, projects, accounts, categories, tags and imports."""
