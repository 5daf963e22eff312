"""Running passes by name, with the interpreter as a witness that each preserves the function."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass, PassPipeline
from xdsl.utils.exceptions import DiagnosticException, PassFailedException, VerifyException

from qdialect.errors import QdialectError
from qdialect.passes import DEFAULT_PIPELINE
from qdialect.universe import make_context, pass_loaders

AfterPass = Callable[[ModulePass, ModuleOp], None]


def parse_pipeline(passes: Sequence[str]) -> list[ModulePass]:
    """Passes from their specifications, such as 'size-accumulators{max-width=24}'.

    Raises QdialectError for unknown passes and options.
    """
    loaders = pass_loaders()
    try:
        return list(PassPipeline.parse_spec(loaders, ",".join(passes)).passes)
    except Exception as error:  # xdsl raises ValueError for names, a BaseException of its own for syntax
        raise QdialectError(f"pass pipeline '{','.join(passes)}': {error}") from None


def run_passes(
    module: ModuleOp,
    passes: Sequence[ModulePass],
    context: Context,
    after: AfterPass,
    verify: bool = True,
) -> None:
    """Apply passes in order, in place, and call `after` after each; `verify` checks the module before and after.

    Raises what xDSL raises for failing passes and invalid modules.
    """
    if verify:
        module.verify()
    for pass_ in passes:
        pass_.apply(context, module)
        if verify:
            module.verify()
        after(pass_, module)


def first_line(error: BaseException) -> str:
    """An error's message without the listing that xdsl attaches."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


class EquivalenceWitness:
    """An `after` callback that compares each pass's result with the module before it.

    Modules that the interpreter does not run (the loop level) are not compared.
    """

    def __init__(self, module: ModuleOp):
        self.before = module.clone()

    def __call__(self, pass_: ModulePass, module: ModuleOp) -> None:
        from qdialect.equivalence import check_equivalent
        from qdialect.interpreter.simulate import is_simulatable

        if is_simulatable(module):
            check_equivalent(self.before, module, pass_.name)
            self.before = module.clone()


def lower(
    module: ModuleOp,
    config: Sequence[str] | None = None,
    verify: bool = False,
    after: AfterPass | None = None,
) -> ModuleOp:
    """A copy of `module` at the integer level.

    `config` is the list of passes, by default `qdialect.passes.DEFAULT_PIPELINE`. With `verify` the interpreter runs
    before and after every pass. Raises QdialectError, naming pass and value, where a pass fails or changes the
    function.
    """
    lowered = module.clone()
    witness = EquivalenceWitness(lowered) if verify else None

    def observe(pass_: ModulePass, current: ModuleOp) -> None:
        for callback in (witness, after):
            if callback is not None:
                callback(pass_, current)

    passes = parse_pipeline(config or DEFAULT_PIPELINE)
    try:
        run_passes(lowered, passes, make_context(), observe)
    except (PassFailedException, VerifyException, DiagnosticException) as error:
        raise QdialectError(first_line(error)) from None
    return lowered
