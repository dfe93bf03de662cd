"""A picture in, a persona out: one question a stage to a language model, one Character Card."""
