"""How a run is told to people: what has happened so far, bars and lines, sentences in their language, the trace."""
