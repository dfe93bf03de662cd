"""How many calls may be in flight, and which goes next."""
