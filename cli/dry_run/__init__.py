"""--dry-run: what a command would ask, paint and cost, found by running its own stages in virtual time."""
