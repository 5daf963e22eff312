"""Whether two modules compute the same function, for all inputs. Knows no pass."""
