"""Every component with its states, and the three patterns of pages; development and tests only."""
