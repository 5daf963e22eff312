"""Pass instances applied in order, with a verified module before and after each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Block, Operation
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import DiagnosticException, VerifyException

from qdialect.dialects.qnn.network import expect_network, is_simulatable
from qdialect.errors import QdialectError
from qdialect.passes import PASSES

AfterPass = Callable[[ModulePass, ModuleOp], None]

LOCALLY_VERIFIED = frozenset({"comb", "seq"})
"""Dialects of xDSL whose verifiers read the types and attributes of an operation, and nothing around it."""


def verify_module(module: ModuleOp) -> None:
    """Raises VerifyException in one line that names the operation, without the listing that xdsl attaches."""
    try:
        module.verify(verify_nested_ops=False)
        known: set[tuple[object, ...]] = set()
        for op in module.ops:
            is_netlist = op.dialect_name() == "hw" and len(op.regions) == 1
            op.verify(verify_nested_ops=not is_netlist)
            if is_netlist:
                _verify_netlist(op.regions[0].block, known)
    except VerifyException as error:
        raise VerifyException(
            ": ".join([*_first_invalid(module), *(line.rstrip(":") for line in str(error).splitlines())])
        ) from None


def _verify_netlist(body: Block, known: set[tuple[object, ...]]) -> None:
    """Verify the operations of a module of hardware; of those that read types and attributes alone, one of each form.

    Netlists have tens of thousands of operations, of a few hundred forms; types and attributes are of one form if they
    are one object.
    """
    if not body.ops:
        body.verify()
    for op in body.ops:
        form = (type(op), *map(id, op.operand_types), None, *map(id, op.result_types), *_facts(op))
        if form not in known or op.dialect_name() not in LOCALLY_VERIFIED or op.next_op is None:
            op.verify()
            known.add(form)


def _facts(op: Operation) -> Iterator[object]:
    """The names of properties and attributes, with what they are."""
    for facts in (op.properties, op.attributes):
        for name, fact in facts.items():
            yield from (name, id(fact))


def _first_invalid(module: ModuleOp) -> list[str]:
    """The operation that does not verify, with the name of its value or symbol; empty if it is not one alone."""
    for op in module.walk():
        try:
            op.verify(verify_nested_ops=False)
        except VerifyException:
            symbol = op.properties.get("sym_name")
            name = op.results[0].name_hint if op.results else isinstance(symbol, StringAttr) and symbol.data
            return [f"{op.name} '{name}'" if name else op.name]
    return []


def run_passes(
    module: ModuleOp,
    passes: Sequence[ModulePass],
    context: Context,
    after: AfterPass,
    verify: bool = True,
) -> None:
    """Apply passes in order, in place, and call `after` after each; `verify` checks the module before and after.

    Raises VerifyException for an invalid module, and QdialectError that names the pass where one fails.
    """
    if verify:
        verify_module(module)
    for pass_ in passes:
        apply_pass(pass_, context, module, verify)
        after(pass_, module)


def apply_pass(pass_: ModulePass, context: Context, module: ModuleOp, verify: bool) -> None:
    """Apply one pass in place. Raises QdialectError naming the pass where it refuses the module, and where its result
    does not verify. xDSL's passes may raise anything on operations that they do not know."""
    try:
        if pass_.name in PASSES and is_simulatable(module):
            expect_network(module)
        pass_.apply(context, module)
        if verify:
            verify_module(module)
    except (QdialectError, DiagnosticException) as error:
        raise QdialectError(f"pass '{pass_.name}': {first_line(error)}") from None
    except Exception as error:
        if pass_.name in PASSES:
            raise
        raise QdialectError(f"pass '{pass_.name}': {type(error).__name__}: {first_line(error)}") from error


def first_line(error: BaseException) -> str:
    """An error's message without the listing that xdsl attaches."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def apply_passes(module: ModuleOp, passes: Sequence[ModulePass], context: Context, after: AfterPass) -> ModuleOp:
    """A copy of `module` after `passes`.

    Raises QdialectError, naming pass and value, where a pass fails.
    """
    applied = module.clone()
    try:
        run_passes(applied, passes, context, after)
    except VerifyException as error:
        raise QdialectError(first_line(error)) from None
    return applied


def in_one_step(module: ModuleOp, passes: Sequence[ModulePass]) -> ModuleOp:
    """A copy of `module` after our own `passes`; module and result are verified, not what lies between.

    Raises QdialectError, naming pass and value, where a pass fails.
    """
    applied = module.clone()
    try:
        verify_module(applied)
        run_passes(applied, passes, Context(), _unobserved, verify=False)
        verify_module(applied)
    except VerifyException as error:
        raise QdialectError(first_line(error)) from None
    return applied


def _unobserved(pass_: ModulePass, module: ModuleOp) -> None:
    """The `after` callback that does nothing."""
