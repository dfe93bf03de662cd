"""Look at what was made instead of reading JSON: pages for the cast, and the server behind a review."""
