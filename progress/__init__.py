"""How a run is reported to people: counts, bars, sentences in their language, the trace."""
