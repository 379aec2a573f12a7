"""What files of spending hold: fields of each kind, the words that are understood."""
