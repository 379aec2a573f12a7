"""Budgets and their alerts."""
