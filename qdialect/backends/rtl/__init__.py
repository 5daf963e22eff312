"""SystemVerilog projects of netlists."""
