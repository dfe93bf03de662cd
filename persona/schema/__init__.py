"""What a persona is: the answers of its stages, and the whole. Later stages read it through here alone."""
