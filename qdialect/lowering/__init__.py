"""Lowering of the integer level to hardware: loop nests, and netlists."""
