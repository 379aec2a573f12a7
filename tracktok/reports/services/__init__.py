"""Every write of reports, and the demo companies."""
