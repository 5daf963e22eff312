"""Emitted C++ as tokens and nested scopes, for the linters.

The grammar is that of our printer (declarations, calls, assignments, `for`, `if`), read as the vendor's tool does:
with `__SYNTHESIS__` defined.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<directive>\#[^\n]*)
      | (?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
      | (?P<number>(?:\d|\.\d)(?:[eEpP][+-]|[\w.])*)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<mark>::|\+\+|--|<<=|>>=|->|[-+*/%&|^=!<>]=|&&|\|\||.)""",
    re.VERBOSE | re.DOTALL,
)
"""`<<` and `>>` stay two tokens, so that brackets of types can be counted."""

DECLARATION = re.compile(
    r"(?P<static>static )?(?P<const>const )?(?P<type>(?:\w+ (?::: )?)+?(?:< .*? > )?)(?P<reference>& )?"
    r"(?P<name>[A-Za-z_]\w*)(?P<dims>(?: \[ \w+ \])*)(?: =.*)?"
)

STATEMENTS = {"return", "using", "typedef", "goto", "else", "case", "delete", "new", "throw"}

LOOPS = {"for", "while", "do"}


class Finding(NamedTuple):
    """One broken rule; `str` is the line that `qdialect lint` prints."""

    file: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule}: {self.message}"


class Token(NamedTuple):
    kind: str
    text: str
    line: int


class Declaration(NamedTuple):
    """`dims` are the array's sizes, none for a scalar or a stream."""

    name: str
    type: str
    dims: tuple[int, ...]
    line: int
    static: bool
    const: bool
    reference: bool


@dataclass
class Statement:
    tokens: list[Token]

    @property
    def line(self) -> int:
        return self.tokens[0].line

    @property
    def text(self) -> str:
        return joined(self.tokens)


@dataclass
class Scope:
    """A block in braces, or the file; `head` is what stands before the brace, without a label."""

    kind: str
    """`file`, `function`, `loop` or `block`"""
    head: list[Token]
    line: int
    parent: Scope | None = None
    variables: dict[str, Declaration] = field(default_factory=dict[str, Declaration])
    pragmas: list[Token] = field(default_factory=list[Token])
    misplaced: list[Token] = field(default_factory=list[Token])
    """Pragmas within a statement or between a head and its brace"""
    statements: list[Statement] = field(default_factory=list[Statement])
    children: list[Scope] = field(default_factory=list["Scope"])

    @property
    def name(self) -> str:
        """A function's name."""
        return next((a.text for a, b in zip(self.head, self.head[1:], strict=False) if b.text == "("), "")

    def walk(self) -> Iterator[Scope]:
        """This scope and all beneath it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def tokens(self) -> Iterator[Token]:
        """Heads and statements of this scope and all beneath it."""
        for scope in self.walk():
            yield from scope.head
            for statement in scope.statements:
                yield from statement.tokens

    def find(self, name: str) -> Declaration | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.variables:
                return scope.variables[name]
            scope = scope.parent
        return None


def joined(tokens: Sequence[Token]) -> str:
    return " ".join(token.text for token in tokens)


def tokenize(text: str) -> Iterator[Token]:
    """Tokens of the branches that the vendor's tool compiles, without spaces and comments."""
    line, active = 1, [True]
    for match in TOKEN.finditer(text):
        kind, word = match.lastgroup or "", match[0]
        if kind == "directive" and not word.startswith("#pragma"):
            active = _branch(word, active)
        if kind != "space" and all(active):
            yield Token(kind, word, line)
        line += word.count("\n")


def _branch(directive: str, active: list[bool]) -> list[bool]:
    words = directive.split()
    match words[0]:
        case "#ifdef":
            return [*active, words[1] == "__SYNTHESIS__"]
        case "#ifndef":
            return [*active, words[1] != "__SYNTHESIS__"]
        case "#else":
            return [*active[:-1], not active[-1]]
        case "#endif":
            return active[:-1]
        case _:
            return active


def parse(text: str) -> Scope:
    """The file's scopes; what stands in a namespace is at its scope. An unclosed or surplus brace is a `misplaced`
    token of the file's scope."""
    root = scope = Scope("file", [], 1)
    pending: list[Token] = []
    brackets = initialiser = namespaces = 0
    for token in tokenize(text):
        if token.kind == "directive":
            if token.text.startswith("#pragma"):
                (scope.misplaced if pending else scope.pragmas).append(token)
            continue
        brackets += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
        if initialiser or (token.text == "{" and _is_initialised(pending)):
            initialiser += {"{": 1, "}": -1}.get(token.text, 0)
            pending.append(token)
        elif token.text == "{" and pending and pending[0].text == "namespace":
            namespaces, pending = namespaces + 1, []
        elif token.text == "}" and scope is root and namespaces:
            namespaces, pending = namespaces - 1, []
        elif token.text == "{" and not brackets:
            scope = _opened(scope, pending, token.line)
            pending = []
        elif token.text == "}" and not brackets:
            if scope.parent is None:
                root.misplaced.append(token)
            scope = scope.parent or root
            pending = []
        elif token.text == ";" and not brackets:
            _state(scope, pending)
            pending = []
        elif token.text == ":" and len(pending) == 1:
            pending = []  # a label
        else:
            pending.append(token)
    if scope is not root or pending or namespaces:
        root.misplaced.append(Token("mark", "{", scope.line))
    return root


def _is_initialised(pending: list[Token]) -> bool:
    depth = 0
    for token in pending:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == "=" and depth == 0:
            return True
    return False


def _opened(scope: Scope, head: list[Token], line: int) -> Scope:
    first = head[0].text if head else ""
    if first in LOOPS:
        kind = "loop"
    elif scope.kind == "file" and any(token.text == "(" for token in head):
        kind = "function"
    else:
        kind = "block"
    opened = Scope(kind, head, line, scope)
    scope.children.append(opened)
    if kind == "function":
        opened.variables = {variable.name: variable for variable in parameters(head)}
    elif first == "for":
        counter = declared(split(head[2:], ";")[0])
        opened.variables = {counter.name: counter} if counter else {}
    return opened


def _state(scope: Scope, tokens: list[Token]) -> None:
    if tokens and tokens[0].text in LOOPS:
        scope.children.append(Scope("loop", tokens, tokens[0].line, scope))
    elif tokens:
        scope.statements.append(Statement(tokens))
        if variable := declared(tokens):
            scope.variables[variable.name] = variable


def declared(tokens: Sequence[Token]) -> Declaration | None:
    """The variable that a statement or parameter declares."""
    match = DECLARATION.fullmatch(joined(tokens))
    if match is None or tokens[0].text in STATEMENTS:
        return None
    dims = tuple(int(size) for size in re.findall(r"\[ (\d+) \]", match["dims"]))
    flags = (match[group] is not None for group in ("static", "const", "reference"))
    return Declaration(match["name"], match["type"].strip(), dims, tokens[0].line, *flags)


def split(tokens: Sequence[Token], separator: str) -> list[list[Token]]:
    """Split at a separator outside of brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += {"(": 1, "[": 1, "<": 1, ")": -1, "]": -1, ">": -1}.get(token.text, 0)
        if token.text == separator and (depth == 0 or separator == ";"):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def parameters(head: Sequence[Token]) -> list[Declaration]:
    """The parameters of a function's head, in order."""
    texts = [token.text for token in head]
    if "(" not in texts or ")" not in texts:
        return []
    inside = head[texts.index("(") + 1 : len(texts) - 1 - texts[::-1].index(")")]
    return [variable for part in split(inside, ",") if part and (variable := declared(part))]


def functions(files: dict[str, Scope]) -> dict[str, Scope]:
    """All functions defined in the files, by name."""
    return {scope.name: scope for file in files.values() for scope in file.children if scope.kind == "function"}


def calls(scope: Scope) -> Iterator[Token]:
    """The names called within a function's body: a word before a parenthesis, not a method, keyword or type."""
    body = [token for child in scope.children for token in child.tokens()]
    body += [token for statement in scope.statements for token in [*statement.tokens, Token("mark", ";", 0)]]
    for before, token, after in zip([Token("mark", ";", 0), *body], body, body[1:], strict=False):
        if token.kind == "word" and after.text == "(" and before.text not in (".", "->"):
            yield token
