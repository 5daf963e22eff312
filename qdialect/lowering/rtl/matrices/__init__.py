"""Products of words with a constant matrix, each strategy in a module."""
