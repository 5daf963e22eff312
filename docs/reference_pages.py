"""Write docs/passes.md and docs/dialect.md from docstrings, options and the lit tests.

A pass brings its file's docstring, the options of its class, and the first case of the lit file of its name; an
operation its docstring, and how it is printed in the lit files of its dialect. Nothing on these pages is written by
hand, so that an entry without a tested example is an error here.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path

from xdsl.ir import Attribute, Dialect, Operation
from xdsl.passes import ModulePass

from qdialect.compiler.registry import UNIVERSE, make_context
from qdialect.dialects.qnn.text import parse_module
from qdialect.passes import PASSES, STEPS, pass_loader

ROOT = Path(__file__).resolve().parents[1]
LIT = ROOT / "tests" / "lit"
NOTE = "Written by `make docs-pages` from docstrings and lit tests, not by hand."
LEVELS = {"qnn": "what a network is", "hlscpp": "what a loop nest is"}
"""The dialects and what each is for."""


def link(path: Path) -> str:
    """A link from a page in docs/ to a file of the repository."""
    name = path.relative_to(ROOT).as_posix()
    return f"[`{name}`](../{name})"


def source(item: type) -> Path:
    """The file that defines a class, at the root for passes and tools."""
    return Path(inspect.getfile(item)).resolve()


def docstring(item: object) -> str:
    text = inspect.getdoc(item)
    assert text is not None, f"{item} has no docstring"
    return text.strip()


# Passes


def passes_page() -> str:
    steps = "\n".join(f"{n}. [`{name}`](#{name}): {why}" for n, (name, why) in enumerate(STEPS, start=1))
    steps = steps.replace("[`canonicalize`](#canonicalize)", "`canonicalize`")
    head = f"# Passes\n\n{NOTE} `qopt` runs passes by name, options in braces:"
    command = "```\nqopt net.h5 -p 'default,choose-forms{form=search layers=relu1}' --verify-each\n```"
    default = f"## The default pipeline\n\n`default` takes a network to the integer level:\n\n{steps}"
    return "\n\n".join([head, command, default, *map(pass_entry, PASSES)]) + "\n"


def pass_entry(name: str) -> str:
    """The algebra, the options and the example of one pass."""
    class_, test = pass_loader(name)(), LIT / "passes" / f"{name}.mlir"
    algebra = docstring(import_module(class_.__module__)).removeprefix(f"{name}: ")
    parts = [f"## {name}", f"{link(source(class_))}: {algebra}", docstring(class_), *options(class_)]
    return "\n\n".join([*parts, f"From {link(test)}:", example(test)])


def options(class_: type[ModulePass]) -> Iterator[str]:
    """The table of a pass' options; none if it has none."""
    rows = [
        f"| `{field.name.replace('_', '-')}` | `{str(field.type).replace('|', 'or')}` | {default(field.default)} |"
        for field in fields(class_)
        if field.init and field.name != "name"
    ]
    if rows:
        yield "\n".join(["| option | type | default |", "|---|---|---|", *rows])


def default(value: object) -> str:
    return "required" if value is MISSING else "" if value is None else f"`{value}`"


def example(test: Path) -> str:
    """The first case of a lit file, with the command of its first RUN line.

    Raises ValueError for a file whose first command does not run the pass of its name.
    """
    text = re.sub(r" \\\n// RUN:\s*", " ", test.read_text())
    command = re.search(r"^// RUN: (qopt.*?)(?: --split-input-file)? *(?:--split-input-file )?\|", text, re.M)
    if command is None or not re.search(rf"-p ['\"]?{test.stem}\b", command[1]):
        raise ValueError(f"{test}: the first RUN line does not begin with the pass {test.stem}")
    case = "\n".join(line for line in text.split("\n// -----")[0].splitlines() if not line.startswith("// RUN:"))
    return f"```mlir\n// {command[1].replace('%s', test.name)}\n\n{case.strip()}\n```"


# Dialects


def dialect_page() -> str:
    texts = [f"# The dialects\n\n{NOTE} Every example is an operation of a lit test, as `qopt` prints it."]
    for name, what in LEVELS.items():
        dialect = UNIVERSE.all_dialects[name]()
        printed = examples(round_trips(name))
        texts.append(f"## `{name}`: {what}")
        texts += [attribute_entry(attribute) for attribute in sorted(dialect.attributes, key=lambda a: a.name)]
        texts += families(dialect, printed)
    return "\n\n".join(texts) + "\n"


def attribute_entry(attribute: type[Attribute]) -> str:
    return f"- {' '.join(docstring(attribute).split())}"


def families(dialect: Dialect, printed: dict[str, tuple[Path, str]]) -> Iterator[str]:
    """The operations by the file that defines them."""
    by_file: dict[Path, list[type[Operation]]] = {}
    for op in dialect.operations:
        by_file.setdefault(source(op), []).append(op)
    for file, ops in sorted(by_file.items()):
        module = inspect.getmodule(ops[0])
        yield f"### {link(file)}\n\n{docstring(module)}"
        yield from (operation_entry(op, printed) for op in ops)


def operation_entry(op: type[Operation], printed: dict[str, tuple[Path, str]]) -> str:
    """What one operation computes, and how it is written.

    Raises ValueError for an operation that no lit test of its dialect prints.
    """
    if op.name not in printed:
        raise ValueError(f"{op.name} is in no lit test of its dialect that prints what it reads")
    test, text = printed[op.name]
    return f"#### {op.name}\n\n{docstring(op)}\n\n```mlir\n{text}\n```\n\nFrom {link(test)}."


def examples(tests: list[Path]) -> dict[str, tuple[Path, str]]:
    """By operation, a test and the operation as printed: the first one, or of those with a body the shortest."""
    context, found = make_context(), dict[str, tuple[Path, str]]()
    for test in tests:
        for case in test.read_text().split("\n// -----"):
            for op in parse_module(context, case, str(test)).walk():
                old, text = found.get(op.name), str(op)
                if old is None or (any(region.ops for region in op.regions) and len(text) < len(old[1])):
                    found[op.name] = (test, text)
    return found


def round_trips(dialect: str) -> list[Path]:
    """The lit tests of a dialect that print what they read."""
    tests = sorted((LIT / "dialects" / dialect).glob("*.mlir"))
    return [test for test in tests if "| qopt" in test.read_text()]


PAGES = {"passes.md": passes_page, "dialect.md": dialect_page}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (ROOT / "docs" / name).write_text(page())
