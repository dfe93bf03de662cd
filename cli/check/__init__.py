"""--check: is everything in place? Settings, folders, language model and painter, each finding with a remedy."""
