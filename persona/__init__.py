"""A picture in, a persona out: seven questions to a language model, one Character Card."""
