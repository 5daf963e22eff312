"""The constants of a written project: numbers that a test bench is to notice where they change.

Those are the numbers of its constant arrays (`src/weights/*.inc`), and in the statements of its source the amounts of
shifts, which are the weights of additions that are written out, and the numbers that are added, compared with or
chosen. Not those that arrange loops and addresses, and none that the C simulation does not compile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NUMBER = re.compile(r"-?\b\d+\b")
IN_STATEMENT = re.compile(r"(?:<<|>>|[<>]=?) (\d+)\b|ap_u?int<\d+>\((-?\d+)\)")
ARRANGEMENT = re.compile(r"\s*(?:#|//|for \(|if \(|\w+: for \()")


@dataclass(frozen=True)
class TextConstant:
    """A number at a place of a file."""

    path: Path
    start: int
    spelled: str
    number: int
    """Which one of the file's."""

    @property
    def name(self) -> str:
        return f"{self.path.name}[{self.number}]"

    @property
    def value(self) -> int:
        return int(self.spelled)

    def changed(self, step: int) -> str:
        """The text of the file with another number."""
        text = self.path.read_text()
        assert text.startswith(self.spelled, self.start), "the file has not changed since"
        return text[: self.start] + str(self.value + step) + text[self.start + len(self.spelled) :]


def array_constants(project: Path) -> list[TextConstant]:
    """Of all constant arrays."""
    files = sorted((project / "src/weights").glob("*.inc"))
    return [
        TextConstant(path, match.start(), match[0], number)
        for path in files
        for number, match in enumerate(NUMBER.finditer(path.read_text()))
    ]


def statement_constants(project: Path) -> list[TextConstant]:
    """Of the statements of the source."""
    (path,) = (project / "src").glob("*.cpp")
    matches = [
        (start + match.start(group), match[group])
        for start, line in simulated_lines(path.read_text())
        if not ARRANGEMENT.match(line)
        for match in IN_STATEMENT.finditer(line)
        for group in (1, 2)
        if match[group] is not None
    ]
    return [TextConstant(path, start, spelled, number) for number, (start, spelled) in enumerate(matches)]


def simulated_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are compiled without `__SYNTHESIS__`, and where each starts."""
    start, compiled = 0, [True]
    for line in text.splitlines(keepends=True):
        if line.startswith("#if"):
            compiled.append(line.split()[0] != "#ifdef")
        elif line.startswith("#else"):
            compiled[-1] = not compiled[-1]
        elif line.startswith("#endif"):
            compiled.pop()
        elif all(compiled):
            yield start, line
        start += len(line)
