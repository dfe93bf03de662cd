"""A persona and a calendar in, posts out: one question per planned post, one batch file per persona."""
