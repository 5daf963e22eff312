"""Passes between the integer level and loops of C++: what is computed at once, the loops, the depths of streams."""

PASSES: dict[str, tuple[str, str]] = {
    "schedule": ("Schedule", "how many outputs of each layer are computed at once"),
    "pipeline-network": ("PipelineNetwork", "the network becomes one pipeline with an interval, where it fits"),
    "schedule-defaults": ("ScheduleDefaults", "what no schedule says: no more products at once than tools take"),
    "lower-to-loops": ("LowerToLoops", "the integer level becomes loops over bits (hlscpp)"),
    "size-fifos": (
        "SizeFifos",
        "streams get the least depth that blocks at no latency, and does not stall at those estimated",
    ),
}
