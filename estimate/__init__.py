"""What a command would ask, paint and cost: its own stages in a shadow of the folders, in time that jumps."""
