"""Character cards: ours and those of other programs, read, repaired and written."""
