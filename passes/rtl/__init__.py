"""Passes between the integer level and netlists: words of logic, and the registers between them."""

PASSES: dict[str, tuple[str, str]] = {
    "lower-to-rtl": ("LowerToRtl", "the integer level becomes netlists of words (hw, comb)"),
    "pipeline-registers": ("PipelineRegisters", "registers between stages of logic, by levels or for a clock (seq)"),
}
