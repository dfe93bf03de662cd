"""Batches in, labelled picture files out: one worker process per GPU."""
