"""IR from text: xDSL's parser, within the limits of what a network needs."""

from __future__ import annotations

import math
import re
from typing import Any

from xdsl.context import Context
from xdsl.dialects.builtin import AnyFloat, Float80Type, Float128Type, IntegerType, ModuleOp
from xdsl.ir import TypeAttribute
from xdsl.parser import Parser
from xdsl.parser.generic_parser import ParserState
from xdsl.utils.exceptions import ParseError, VerifyException
from xdsl.utils.lexer import Input
from xdsl.utils.mlir_lexer import MLIRLexer, MLIRToken

from qdialect.errors import QdialectError
from qdialect.numerics.limits import MAX_DIGITS, MAX_ELEMENTS, MAX_WIDTH

MALFORMED = (ArithmeticError, AssertionError, NotImplementedError, ValueError)
"""What xDSL's parser raises beside ParseError: for numbers beyond their type, element types without storage, ..."""


class BoundedLexer(MLIRLexer):
    """A lexer that takes linear time on unterminated strings, and refuses integers of thousands of digits."""

    # xDSL's own with possessive repetitions: without them every split of the text is tried before it gives up
    _unescaped_characters_regex = re.compile(r'"(?:[^"\\\n\v\f]++|\\(?:["nt\\]|[0-9A-Fa-f]{2}))*+"')

    def _lex_number(self, start_pos: int) -> MLIRToken:
        token = super()._lex_number(start_pos)
        if token.span.len > MAX_DIGITS:
            raise ParseError(token.span, f"integers have at most {MAX_DIGITS} digits, got {token.span.len}")
        return token


class BoundedParser(Parser):
    """A parser that refuses very wide builtin numbers, and splats of very large tensors, which would take memory
    before any verifier sees them."""

    class _TensorLiteralElement(Parser._TensorLiteralElement):  # pyright: ignore[reportPrivateUsage]
        """Hexadecimal digits for a float are its bits, as in MLIR: so xDSL prints NaN, infinity and whole numbers from
        10^6 on, and reads them as numbers."""

        def to_type(self, parser: Any, type: Any) -> Any:
            if isinstance(type, AnyFloat) and self.span.text[:2] in ("0x", "0X"):
                return type.unpack(self.to_int(parser).to_bytes(type.compile_time_size, "little"), 1)[0]
            return super().to_type(parser, type)

    def __init__(self, context: Context, text: str, name: str):
        super().__init__(context, "", name)
        self._parser_state = ParserState(BoundedLexer(Input(text, name)))

    def _parse_optional_integer_or_float_type(self) -> TypeAttribute | None:
        type_ = super()._parse_optional_integer_or_float_type()
        if isinstance(type_, IntegerType) and type_.width.data > MAX_WIDTH:
            self.raise_error(f"integers have at most {MAX_WIDTH} bits, got {type_}")
        if isinstance(type_, Float80Type | Float128Type):  # of which xDSL reads numbers that it cannot print
            self.raise_error(f"numbers of {type_} are not supported; use f32 or f64")
        return type_

    def _parse_dense_literal_type(self) -> Any:
        type_ = super()._parse_dense_literal_type()
        if math.prod(type_.get_shape()) > MAX_ELEMENTS:
            self.raise_error(f"tensors have at most {MAX_ELEMENTS} elements, got {type_}")
        return type_


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
    except MALFORMED as error:
        parser.raise_error(f"malformed: {str(error) or type(error).__name__}")
