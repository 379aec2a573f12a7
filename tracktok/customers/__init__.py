"""Whom a company bills, as whom, for what, and with which tax: customers, companies, service types, tax rates."""
