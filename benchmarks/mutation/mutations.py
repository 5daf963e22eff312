"""Small changes of functions: another comparison, operator, number or condition, or a statement left out.

A mutation has a name that outlives edits elsewhere: file, function, old and new expression, and which of several. Those
of messages, annotations, assertions, defaults and decorators are left out: no test is to notice them.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

from functions import Function, first_line, outermost

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
CALLED = {"min": "max", "max": "min", "any": "all", "all": "any", "floor": "ceil", "ceil": "floor"}
IGNORED = (ast.Raise, ast.Assert, ast.JoinedStr)
LONGEST = 60
"""Characters of an expression in a name."""


@dataclass(frozen=True)
class Mutation:
    """One change in a function that is no function's part."""

    path: str
    function: str
    line: int
    """Of the function's definition, decorators included."""
    what: str
    number: int
    """Among those of the file."""

    @property
    def name(self) -> str:
        return f"{self.path}: {self.function}: {self.what}"


def mutations(source: str, path: str) -> list[Mutation]:
    """All mutations of a file, in order."""
    found: list[Mutation] = []
    seen: Counter[tuple[str, str]] = Counter()
    for number, (owner, line, node, new) in enumerate(_changes(ast.parse(source))):
        what = f"{_short(node)} -> {_short(new)}"
        seen[owner, what] += 1
        again = f" ({seen[owner, what]})" if seen[owner, what] > 1 else ""
        found.append(Mutation(path, owner, line, what + again, number))
    return found


def mutated(source: str, mutation: Mutation, filename: str) -> CodeType:
    """The code of the file of a mutation, changed."""
    tree = ast.parse(source)
    _, _, node, new = next(each for number, each in enumerate(_changes(tree)) if number == mutation.number)
    _Replacing(node, new).visit(tree)
    return compile(ast.fix_missing_locations(tree), filename, "exec")


class _Replacing(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST):
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return ast.copy_location(self.new, node) if node is self.old else self.generic_visit(node)


def _changes(tree: ast.Module) -> Iterator[tuple[str, int, ast.AST, ast.AST]]:
    """The function of each change, its line, the node and the one in its place."""
    for owner, function in outermost(tree):
        line = first_line(function)
        for statement in function.body[_has_docstring(function) :]:
            for node in _walk(statement):
                for new in _replacements(node):
                    yield owner, line, node, new


def _has_docstring(function: Function) -> bool:
    return ast.get_docstring(function, clean=False) is not None


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, IGNORED):
        return
    yield node
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "decorator_list", "args"} and not isinstance(node, ast.Call):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(child)


def _replacements(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=[op, *_]) if type(op) in COMPARED:
            yield _with(node, ops=[COMPARED[type(op)](), *node.ops[1:]])
        case ast.BinOp(op=op) if type(op) in COMPUTED and not _is_text(node):
            yield _with(node, op=COMPUTED[type(op)]())
        case ast.AugAssign(op=op) if type(op) in COMPUTED:
            yield _with(node, op=COMPUTED[type(op)]())
        case ast.BoolOp(op=op):
            yield _with(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
            yield operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.IfExp(test=test):
            yield _with(node, test=ast.UnaryOp(ast.Not(), test))
        case ast.If(test=test):
            yield _with(node, test=ast.UnaryOp(ast.Not(), test))
        case ast.Expr(value=ast.Call()):
            yield ast.Pass()
        case ast.Call(func=ast.Name(id=name)) if name in CALLED:
            yield _with(node, func=ast.Name(CALLED[name], ast.Load()))
        case ast.comprehension(ifs=[_, *_]):
            yield _with(node, ifs=node.ifs[1:])
        case _:
            pass


def _is_text(node: ast.BinOp) -> bool:
    sides = (node.left, node.right)
    return any(
        isinstance(s, ast.JoinedStr) or (isinstance(s, ast.Constant) and isinstance(s.value, str)) for s in sides
    )


def _with(node: ast.AST, **fields: object) -> ast.AST:
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _short(node: ast.AST) -> str:
    """The first line of a node's text."""
    first = ast.unparse(node).split("\n")[0]
    return first if len(first) <= LONGEST else f"{first[: LONGEST - 3]}..."
