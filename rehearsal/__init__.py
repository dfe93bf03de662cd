"""An endpoint that answers by itself, without network and without a model. Knows nothing of the client that asks it."""
