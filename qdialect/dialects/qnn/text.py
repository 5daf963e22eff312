"""IR from text: xDSL's parser, within the limits of what a network needs."""

from __future__ import annotations

import math
from typing import Any

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.mlir_lexer import MLIRTokenKind

from qdialect.errors import QdialectError
from qdialect.numerics.limits import MAX_DIGITS, MAX_ELEMENTS


class BoundedParser(Parser):
    """Refuses what would take memory before any verifier sees it: one element for a whole tensor, integers of
    thousands of digits."""

    def _parse_dense_literal_type(self) -> Any:
        type_ = super()._parse_dense_literal_type()
        if math.prod(type_.get_shape()) > MAX_ELEMENTS:
            self.raise_error(f"tensors have at most {MAX_ELEMENTS} elements, got {type_}")
        return type_

    def _consume_token(self, expected_kind: MLIRTokenKind | None = None) -> Any:
        token = super()._consume_token(expected_kind)
        if token.kind == MLIRTokenKind.INTEGER_LIT and token.span.len > MAX_DIGITS:
            self.raise_error(f"integers have at most {MAX_DIGITS} digits, got {token.span.len}", token.span.start)
        return token


def parse_module(context: Context, text: str, name: str = "<text>", implicit: bool = True) -> ModuleOp:
    """The module of an IR text; `implicit` wraps operations that stand in none.

    Raises ParseError and VerifyException that say at which place, QdialectError where nesting has no end.
    """
    parser = BoundedParser(context, text, name)
    try:
        return parser.parse_module(implicit)
    except VerifyException as error:  # of a type or an attribute, constructed where the parser stands
        line, column = text.count("\n", 0, parser.pos) + 1, parser.pos - text.rfind("\n", 0, parser.pos)
        raise VerifyException(f"{name}:{line}:{column}: {error}") from None
    except RecursionError:
        raise QdialectError(f"{name}: types, attributes or regions nest too deeply") from None
