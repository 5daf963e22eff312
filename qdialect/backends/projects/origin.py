"""The origin of a project, as its files record it: the model, and the settings of the conversion."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qdialect import __version__


@dataclass(frozen=True)
class Origin:
    """A model, and the settings of its conversion."""

    source: str
    """The name of the file, or what else it is."""
    sha256: str
    """Of the file, or of the IR of the network."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Those that are not the defaults, as they are given."""

    def lines(self) -> Sequence[str]:
        """What stands above a written source."""
        return [
            f"Written by qdialect {__version__}; do not edit: write the project again instead.",
            f"from: {self.source}, sha256 {self.sha256}",
            f"with: {json.dumps(self.settings, sort_keys=True) if self.settings else 'the default settings'}",
        ]
