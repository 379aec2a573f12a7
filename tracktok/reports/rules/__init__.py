"""What reports decide without asking anybody: ranges, figures, saved views, and the story that the demo tells."""
