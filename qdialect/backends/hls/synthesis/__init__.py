"""The synthesis view of emitted text through a second compiler, to logic: clang, then Verilog."""
