"""The functions of a module, in its syntax tree and in this process, where their code can be exchanged.

A function within another one is a part of it.
"""

from __future__ import annotations

import ast
import gc
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType

Function = ast.FunctionDef | ast.AsyncFunctionDef
Place = tuple[str, int]
"""The qualified name of a function, and its first line, decorators included."""


@cache
def source_of(path: Path) -> str:
    return path.read_text()


def outermost(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, Function]]:
    """The functions of a module and of its classes, by name."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield prefix + child.name, child
        elif isinstance(child, ast.ClassDef):
            yield from outermost(child, f"{prefix}{child.name}.")


def first_line(function: Function) -> int:
    return min([function.lineno, *(each.lineno for each in function.decorator_list)])


def codes_of(module: CodeType) -> Iterator[tuple[Place, CodeType]]:
    """The code of all functions of a module, those within others too."""
    for const in module.co_consts:
        if isinstance(const, CodeType):
            yield (const.co_qualname, const.co_firstlineno), const
            yield from codes_of(const)


def exchange(path: Path, module: CodeType, only: Place | None = None) -> int:
    """Give the functions of a file in this process the code that they have in a module; returns how many."""
    codes, count = dict(codes_of(module)), 0
    for function in functions_in(path):
        code = function.__code__
        place = code.co_qualname, code.co_firstlineno
        new = codes.get(place)
        if new is not None and only in (None, place) and "<locals>" not in place[0]:
            function.__code__ = new.replace(co_filename=code.co_filename)
            count += 1
    return count


def functions_in(path: Path) -> list[FunctionType]:
    return functions_by_file().get(str(path), [])


@cache
def functions_by_file() -> dict[str, list[FunctionType]]:
    """All functions of this process by the file that they are really in; qdialect/passes is a link."""
    found: dict[str, list[FunctionType]] = {}
    real = cache(os.path.realpath)
    for each in gc.get_objects():
        if isinstance(each, FunctionType):
            found.setdefault(str(real(each.__code__.co_filename)), []).append(each)
    return found
