"""Tenants, settings, plans and what they allow."""
