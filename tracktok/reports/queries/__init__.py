"""Every read of reports and dashboards."""
