"""The order of the stages, and one run of it: what is opened, made, reported and closed."""
