"""Ask a language model for a typed answer, and keep every answer that was paid for."""
