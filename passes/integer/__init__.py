"""Passes of the integer level: what computes the integers becomes as small as proofs allow."""

PASSES: dict[str, tuple[str, str]] = {
    "remove-channels": ("RemoveChannels", "dead, constant and identical channels go, with all that only they need"),
    "binary-to-xnor": ("BinaryToXnor", "binary and ternary layers become popcounts, or add/subtract"),
    "po2-to-shift": ("Po2ToShift", "multiplications by powers of two become shifts"),
    "constant-multiplication": ("ConstantMultiplication", "multipliers, signed digits or graphs of additions by layer"),
    "share-popcounts": ("SharePopcounts", "outputs of popcounts that agree on inputs share the counts of these"),
    "pack-layout": ("PackLayout", "binary and ternary values are packed by the operation that produces them"),
    "remove-levels": ("RemoveLevels", "thresholds that are always or never reached go"),
    "choose-forms": ("ChooseForms", "step functions as comparisons, a search, a table or a shift, by cost or as asked"),
    "size-accumulators": ("SizeAccumulators", "every sum gets the smallest width that provably holds it"),
}
