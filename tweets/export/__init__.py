"""Posts in the formats of other programs."""
