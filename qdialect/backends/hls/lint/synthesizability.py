"""Constructs that high-level synthesis refuses or turns into something else.

Rules: `dynamic-memory`, `recursion`, `floating-point`, `unbounded-loop`, `virtual`, `function-pointer`, `std`,
`exception`, `mutable-static`, `unknown-call`, `braces`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from qdialect.backends.hls.lint.source import Finding, Scope, Token, calls, declared, functions, joined

WORDS = {
    **dict.fromkeys(["new", "delete", "malloc", "calloc", "realloc", "free", "alloca"], "dynamic-memory"),
    **dict.fromkeys(["float", "double", "half"], "floating-point"),
    **dict.fromkeys(["virtual", "dynamic_cast", "typeid"], "virtual"),
    **dict.fromkeys(["try", "catch", "throw"], "exception"),
    **dict.fromkeys(["while", "do", "goto"], "unbounded-loop"),
    "std": "std",
}

POINTER = re.compile(r"\( (?:\w+ :: )?\* ?\w* (?:\[ \w* \] )?\) \(|\[ [&=]? \] \(")

FLOAT = re.compile(r"(?!0[xX])(?:\d*\.\d*.*|\d+[eE].*)")

BOUNDED = re.compile(
    r"for \( int (?P<i>\w+) = (?:- )?\d+ ; (?P=i) (?:<|<=) (?:- )?\d+ ; (?:(?P=i) \+\+|\+\+ (?P=i)|(?P=i) \+= \d+) \)"
)

NOT_CALLS = set(
    "for if while do switch return sizeof catch int char short long unsigned signed bool float double".split()
)


def lint_synthesizability(files: Mapping[str, Scope]) -> Iterator[Finding]:
    defined = functions(dict(files))
    callees = {name: {token.text for token in calls(scope)} for name, scope in defined.items()}
    for file, root in files.items():
        yield from _braces(file, root)
        for token in root.tokens():
            if rule := _rule(token):
                yield Finding(file, token.line, rule, f"`{token.text}`")
        for scope in root.walk():
            yield from _scope(file, scope)
            if scope.kind == "function":
                yield from _calls(file, scope, callees)


def _rule(token: Token) -> str | None:
    if token.kind == "word":
        return WORDS.get(token.text)
    return "floating-point" if token.kind == "number" and FLOAT.fullmatch(token.text) else None


def _braces(file: str, root: Scope) -> Iterator[Finding]:
    for token in root.misplaced:
        if token.text in "{}":
            yield Finding(file, token.line, "braces", f"`{token.text}` without its partner")


def _scope(file: str, scope: Scope) -> Iterator[Finding]:
    head = joined(scope.head)
    if scope.kind == "loop" and head.startswith("for"):
        match = BOUNDED.match(head)
        if match is None:
            yield Finding(file, scope.line, "unbounded-loop", f"bounds and step are not constant: {head}")
        elif _assigns(scope, match["i"]):
            yield Finding(file, scope.line, "unbounded-loop", f"the body assigns the counter {match['i']}")
    for text, line in [(head, scope.line), *((each.text, each.line) for each in scope.statements)]:
        if POINTER.search(text):
            yield Finding(file, line, "function-pointer", text)
    for statement in scope.statements:
        variable = declared(statement.tokens)
        shared = variable and (variable.static or (scope.kind == "file" and "(" not in statement.text))
        if variable and shared and not variable.const:
            yield Finding(file, variable.line, "mutable-static", f"{variable.name} keeps a value between calls")


def _assigns(scope: Scope, counter: str) -> bool:
    changed = re.compile(
        rf"(?<![\w.] ){re.escape(counter)} (?:[-+*/]?=(?!=)|\+\+|--)|(?:\+\+|--) {re.escape(counter)}\b"
    )
    return any(changed.match(statement.text) for each in scope.walk() for statement in each.statements)


def _calls(file: str, function: Scope, callees: Mapping[str, set[str]]) -> Iterator[Finding]:
    reached: set[str] = set()
    waiting = [function.name]
    while waiting:
        new = callees.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    if function.name in reached:
        yield Finding(file, function.line, "recursion", f"{function.name} calls itself")
    for token in calls(function):
        if token.text not in callees and token.text not in NOT_CALLS:
            yield Finding(file, token.line, "unknown-call", f"{token.text} is not a function of the project")
