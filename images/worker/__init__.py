"""One process on one device that paints: the only place that imports torch."""
