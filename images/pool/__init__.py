"""The picture workers as the main process sees them: which job goes to which device, and what if a worker dies."""
