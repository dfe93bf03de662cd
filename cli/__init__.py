"""From the words of a command line to the mode that they ask for."""
