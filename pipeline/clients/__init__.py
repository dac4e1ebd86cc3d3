"""One file per remote service: what we ask of it, in our own nouns."""
