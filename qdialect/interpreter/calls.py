"""How a network is called, and what it returns.

xDSL's `FuncFunctions` do the same, but importing them loads all of xDSL's interpreters and their dialects, RISC-V among
them, whenever `qopt` starts (`make bench-start`).
"""

from __future__ import annotations

from typing import Any

from xdsl.dialects import func
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    PythonValues,
    ReturnedValues,
    TerminatorValue,
    impl_callable,
    impl_terminator,
    register_impls,
)


@register_impls
class CallFunctions(InterpreterFunctions):
    """Of functions that hold their operations."""

    @impl_callable(func.FuncOp)
    def call(self, interpreter: Interpreter, op: func.FuncOp, args: tuple[Any, ...]) -> PythonValues:
        return interpreter.run_ssacfg_region(op.body, args, op.sym_name.data)

    @impl_terminator(func.ReturnOp)
    def results(
        self, interpreter: Interpreter, op: func.ReturnOp, args: tuple[Any, ...]
    ) -> tuple[TerminatorValue, PythonValues]:
        return ReturnedValues(args), ()
