"""What a design costs on an FPGA before any vendor tool has run: estimates from a documented cost model."""
