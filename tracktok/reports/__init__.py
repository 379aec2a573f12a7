"""Dashboards, monthly reports and exports."""
