"""Expenses, projects, accounts, categories and tags."""
