"""`qdialect --print-completion SHELL`: completion of commands, options and files, by shtab."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from qdialect.errors import QdialectError
from qdialect.tools.options import path

SHELLS = ("bash", "zsh", "tcsh")


class PrintCompletion(argparse.Action):
    """Prints the completion script of a shell and ends."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        try:
            import shtab  # pyright: ignore[reportMissingImports]
        except ImportError:
            raise QdialectError("completion is made by shtab: pip install shtab") from None
        for action in actions_of(parser):
            if action.type is path:
                action.complete = shtab.FILE  # pyright: ignore[reportAttributeAccessIssue]
        print(shtab.complete(parser, str(values)))
        parser.exit()


def actions_of(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """The arguments of a parser and of its commands."""
    for action in parser._actions:  # pyright: ignore[reportPrivateUsage]
        yield action
        if isinstance(action.choices, dict):
            for command in action.choices.values():
                yield from actions_of(command)


def add_completion(parser: argparse.ArgumentParser) -> None:
    summary = "print the completion script of a shell, made by shtab"
    parser.add_argument("--print-completion", choices=SHELLS, action=PrintCompletion, metavar="SHELL", help=summary)
