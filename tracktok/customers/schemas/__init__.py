"""What goes in and out about customers and companies."""
