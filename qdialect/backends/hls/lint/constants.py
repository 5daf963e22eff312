"""Constant arrays: split into registers only where every index is a constant once loops are unrolled.

Rule: `partitioned-constant`. A constant array that a running index reads is a ROM; split, each element becomes an input
of a multiplexer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qdialect.backends.hls.lint.source import Finding, Scope, Token, declared


def lint_constants(files: Mapping[str, Scope]) -> Iterator[Finding]:
    for file, root in files.items():
        for scope in root.walk():
            for pragma in scope.pragmas:
                words = pragma.text.split()
                name = next((word.partition("=")[2] for word in words if word.startswith("variable=")), "")
                if words[1:3] == ["HLS", "ARRAY_PARTITION"] and _is_constant(scope, name):
                    for index in dict.fromkeys(_running(scope, name)):
                        yield Finding(file, pragma.line, "partitioned-constant", f"{name} is read at {index}: a ROM")


def _is_constant(scope: Scope, name: str) -> bool:
    variable = scope.find(name)
    return variable is not None and variable.static and variable.const and bool(variable.dims)


def _running(scope: Scope, array: str) -> Iterator[str]:
    """The words in subscripts of an array that have another value in each run of the code around them."""
    for inner in scope.walk():
        for tokens in [inner.head, *(statement.tokens for statement in inner.statements)]:
            for index in _subscripts(tokens, array):
                if index.kind == "word" and not _is_fixed(inner, index.text):
                    yield index.text


def _subscripts(tokens: list[Token], array: str) -> Iterator[Token]:
    """What stands in the brackets after each mention of an array."""
    depth, after = 0, False
    for token in tokens:
        if depth or (after and token.text == "["):
            depth += {"[": 1, "]": -1}.get(token.text, 0)
            yield token
        else:
            after = token.text == array


def _is_fixed(scope: Scope, name: str) -> bool:
    """Whether a name in a scope is an unrolled counter, or a constant computed from such; names that are not variables
    are types."""
    owner: Scope | None = scope
    while owner is not None and name not in owner.variables:
        owner = owner.parent
    if owner is None:
        return True
    if owner.kind == "loop" and name in {token.text for token in owner.head[:5]}:
        return _is_unrolled(owner)
    for statement in owner.statements:
        variable = declared(statement.tokens)
        if variable is not None and variable.name == name:
            words = {token.text for token in statement.tokens if token.kind == "word"} - {name, "const"}
            return variable.const and not variable.static and all(_is_fixed(owner, word) for word in words)
    return False


def _is_unrolled(loop: Scope) -> bool:
    """By its own pragma, or beneath a pipeline."""
    if any(pragma.text.split()[1:] == ["HLS", "UNROLL"] for pragma in loop.pragmas):
        return True
    around = loop.parent
    while around is not None and not any(pragma.text.split()[2:3] == ["PIPELINE"] for pragma in around.pragmas):
        around = around.parent
    return around is not None
