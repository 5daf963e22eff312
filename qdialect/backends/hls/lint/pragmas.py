"""`#pragma HLS` lines by the grammar of UG1399, in the strict form `key=value` with literal integers.

A pragma belongs to the braces around it. Rules: `pragma-directive` (known, not deprecated), `pragma-option` (known,
legal value, none missing), `pragma-place`, `pragma-variable` (declared in scope, before the pragma), `pragma-dim`
(at most the rank), `pragma-factor` (divides the size), `pragma-conflict` (two that exclude each other),
`dataflow-form` (only declarations and calls; each local has one writer and one later reader).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from qdialect.backends.hls.lint.directives import DEPRECATED, DIRECTIVES
from qdialect.backends.hls.lint.source import (
    Declaration,
    Finding,
    Scope,
    Token,
    calls,
    declared,
    functions,
    parameters,
    split,
)


class ParsedPragma(NamedTuple):
    directive: str
    options: dict[str, str]
    token: Token


Problem = tuple[int, str, str]
"""Line, rule and message"""


def lint_pragmas(files: Mapping[str, Scope]) -> Iterator[Finding]:
    defined = functions(dict(files))
    for file, root in files.items():
        for scope in root.walk():
            for line, rule, message in _scope(scope, defined):
                yield Finding(file, line, rule, message)


def _scope(scope: Scope, defined: Mapping[str, Scope]) -> Iterator[Problem]:
    for token in scope.misplaced:
        if token.kind == "directive":
            yield token.line, "pragma-place", "within a statement, or between a head and its brace"
    pragmas = list(_pragmas(scope))
    for token in scope.pragmas:
        words = token.text.split()
        if len(words) > 1 and words[1] == "HLS" and _directive(token) not in DIRECTIVES:
            reason = "is deprecated" if _directive(token) in DEPRECATED else "is not a directive"
            yield token.line, "pragma-directive", f"{_directive(token) or token.text} {reason}"
        elif words[1:2] != ["HLS"] and words[1:2] != ["once"]:
            yield token.line, "pragma-directive", f"not a pragma of HLS: {token.text}"
    for pragma in pragmas:
        yield from _options(pragma)
        yield from _place(pragma, scope)
        yield from _variable(pragma, scope)
    yield from _conflicts(pragmas, scope, defined)
    if any(pragma.directive == "DATAFLOW" for pragma in pragmas):
        yield from _dataflow(scope, defined)


def _directive(token: Token) -> str:
    return (token.text.split()[2:3] or [""])[0]


def _pragmas(scope: Scope) -> Iterator[ParsedPragma]:
    for token in scope.pragmas:
        if token.text.split()[1:2] == ["HLS"] and _directive(token) in DIRECTIVES:
            options = {key: value for key, _, value in (word.partition("=") for word in token.text.split()[3:])}
            yield ParsedPragma(_directive(token), options, token)


def _options(pragma: ParsedPragma) -> Iterator[Problem]:
    directive = DIRECTIVES[pragma.directive]
    for key, value in pragma.options.items():
        legal = directive.options.get(key)
        if legal is None:
            yield pragma.token.line, "pragma-option", f"{pragma.directive} has no option {key}"
        elif not _is_legal(legal, value):
            wanted = legal if isinstance(legal, str) else "one of " + ", ".join(sorted(legal))
            yield pragma.token.line, "pragma-option", f"{key}={value}: wants {wanted}"
    if len(pragma.options) != len(pragma.token.text.split()) - 3:
        yield pragma.token.line, "pragma-option", "an option is given twice"
    for key in directive.required:
        if key not in pragma.options and "off" not in pragma.options:
            yield pragma.token.line, "pragma-option", f"{pragma.directive} without {key}"


def _is_legal(legal: str | set[str], value: str) -> bool:
    match legal:
        case "an integer":
            return value.isdecimal()
        case "a name":
            return value.isidentifier()
        case "no value":
            return value == ""
        case _:
            return value in legal


def _place(pragma: ParsedPragma, scope: Scope) -> Iterator[Problem]:
    if scope.kind not in DIRECTIVES[pragma.directive].places:
        yield pragma.token.line, "pragma-place", f"{pragma.directive} belongs to no {scope.kind}"
    elif pragma.directive == "INTERFACE" and scope.head[0].text == "static":
        yield pragma.token.line, "pragma-place", f"INTERFACE in {scope.name}, which is not the top function"


def _variable(pragma: ParsedPragma, scope: Scope) -> Iterator[Problem]:
    line, options = pragma.token.line, pragma.options
    name = options.get("variable", options.get("port", "return"))
    if name == "return" or scope.kind == "file":
        return
    variable = scope.find(name)
    if variable is None or variable.line > line:
        yield line, "pragma-variable", f"{name} is not declared before"
    elif pragma.directive == "INTERFACE" and name not in {each.name for each in parameters(scope.head)}:
        yield line, "pragma-variable", f"{name} is not a port"
    elif pragma.directive in ("ARRAY_PARTITION", "ARRAY_RESHAPE"):
        yield from _banks(pragma, variable)
    elif pragma.directive == "STREAM" and options.get("depth") == "0":
        yield line, "pragma-factor", f"{name} has depth 0"


def _banks(pragma: ParsedPragma, variable: Declaration) -> Iterator[Problem]:
    """`dim` 0 means all dimensions; every bank must be equally large, so that no index is divided."""
    line, dim, factor = pragma.token.line, pragma.options.get("dim", ""), pragma.options.get("factor")
    if not dim.isdecimal():
        return
    if not variable.dims or int(dim) > len(variable.dims):
        yield line, "pragma-dim", f"{variable.name} has {len(variable.dims)} dimensions, not {dim}"
        return
    sizes = variable.dims if dim == "0" else (variable.dims[int(dim) - 1],)
    if pragma.options.get("type") == "complete":
        if factor is not None:
            yield line, "pragma-factor", "type=complete has no factor"
    elif factor is None:
        yield line, "pragma-factor", f"type={pragma.options.get('type')} without factor"
    elif factor.isdecimal() and any(factor == "0" or size % int(factor) for size in sizes):
        yield line, "pragma-factor", f"{factor} does not divide {'x'.join(map(str, sizes))}"


def _conflicts(pragmas: list[ParsedPragma], scope: Scope, defined: Mapping[str, Scope]) -> Iterator[Problem]:
    seen: set[tuple[str, str | None]] = set()
    for pragma in pragmas:
        key = pragma.directive, pragma.options.get("variable", pragma.options.get("port"))
        if pragma.directive in ("ARRAY_PARTITION", "ARRAY_RESHAPE"):
            key = "ARRAY", f"{key[1]}.{pragma.options.get('dim')}"
        if key in seen:
            yield pragma.token.line, "pragma-conflict", f"a second {pragma.directive} of the same"
        seen.add(key)
    lines = {pragma.directive: pragma.token.line for pragma in pragmas if "off" not in pragma.options}
    for one, other in (("PIPELINE", "DATAFLOW"), ("PIPELINE", "UNROLL"), ("INLINE", "DATAFLOW")):
        if one in lines and other in lines:
            yield lines[one], "pragma-conflict", f"{one} and {other} exclude each other in one block"
    if "PIPELINE" in lines:
        for beneath in _beneath(scope, defined, set()):
            for pragma in _pragmas(beneath):
                partial = pragma.directive == "UNROLL" and {"factor", "off"} & set(pragma.options)
                nested = pragma.directive in ("PIPELINE", "DATAFLOW", "LOOP_FLATTEN") and "off" not in pragma.options
                if partial or nested:
                    where = f"line {pragma.token.line}: {pragma.directive}"
                    yield lines["PIPELINE"], "pragma-conflict", f"{where} beneath PIPELINE, which unrolls all loops"


def _beneath(scope: Scope, defined: Mapping[str, Scope], visited: set[str]) -> Iterator[Scope]:
    """The blocks in a block, and those of the functions called there."""
    for child in scope.children:
        yield from child.walk()
    for token in calls(scope):
        if token.text in defined and token.text not in visited:
            visited.add(token.text)
            yield defined[token.text]
            yield from _beneath(defined[token.text], defined, visited)


def _dataflow(scope: Scope, defined: Mapping[str, Scope]) -> Iterator[Problem]:
    for child in scope.children:
        yield child.line, "dataflow-form", "a loop or block among the processes"
    writers: dict[str, int] = {}
    readers: dict[str, int] = {}
    for statement in scope.statements:
        variable = declared(statement.tokens)
        if variable is not None:
            if variable.static or "=" in statement.text:
                yield statement.line, "dataflow-form", f"{variable.name} is initialised or static"
            continue
        process = defined.get(statement.tokens[0].text)
        arguments = [part[0].text for part in split(statement.tokens[2:-1], ",") if len(part) == 1]
        ports = parameters(process.head) if process else []
        if process is None or len(arguments) != len(ports) or "void" not in [each.text for each in process.head]:
            yield statement.line, "dataflow-form", f"not a call of a void function with names only: {statement.text}"
            continue
        for name, port in zip(arguments, ports, strict=True):
            count = readers if _reads(process, port) else writers
            count[name] = count.get(name, 0) + 1
            if count is readers and name in scope.variables and _is_local(scope, name) and name not in writers:
                yield statement.line, "dataflow-form", f"{name} is read before it is written"
    for name, variable in scope.variables.items():
        if _is_local(scope, name) and (writers.get(name, 0), readers.get(name, 0)) != (1, 1):
            found = f"{writers.get(name, 0)} writers and {readers.get(name, 0)} readers"
            yield variable.line, "dataflow-form", f"{name} has {found}: one each is wanted"
        elif not _is_local(scope, name) and writers.get(name, 0) > 1:
            yield variable.line, "dataflow-form", f"{name} has {writers[name]} writers"


def _is_local(scope: Scope, name: str) -> bool:
    return name not in {port.name for port in parameters(scope.head)}


def _reads(process: Scope, port: Declaration) -> bool:
    """Constant arrays and values are read; a stream is if its method `read` is called."""
    if "stream" not in port.type:
        return port.const or not (port.dims or port.reference)
    tokens = list(process.tokens())
    return any(
        (a.text, b.text, c.text) == (port.name, ".", "read")
        for a, b, c in zip(tokens, tokens[1:], tokens[2:], strict=False)
    )
