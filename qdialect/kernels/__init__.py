"""From operations of the integer level to loops over bits: one kernel per operation."""
