"""The integer level as word-level netlists: xDSL's `hw`, `comb` and `seq`."""
