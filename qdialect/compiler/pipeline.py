"""Running passes by name, with the interpreter as a witness that each preserves the function."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.utils import arg_spec
from xdsl.utils.exceptions import ArgSpecParseError, VerifyException
from xdsl.utils.hints import isa

from qdialect.compiler.registry import make_context, pass_loaders
from qdialect.compiler.run_passes import AfterPass, apply_passes, first_line, verify_module
from qdialect.dialects.qnn.network import is_simulatable, network
from qdialect.dialects.qnn.remarks import add_remarks
from qdialect.errors import QdialectError, nearest, shown
from qdialect.passes import DEFAULT_PIPELINE, ChangesFunction

if TYPE_CHECKING:
    from qdialect.proof.prove import Proof

Configured = TypeVar("Configured", bound=arg_spec.ArgSpecConvertible)


def passes_of(pipeline: Sequence[str | ModulePass]) -> list[ModulePass]:
    """The passes of a pipeline that holds passes, and specifications as `parse_pipeline` takes them."""
    found: list[ModulePass] = []
    for each in pipeline:
        found += [each] if isinstance(each, ModulePass) else parse_pipeline([each])
    return found


def parse_pipeline(passes: Sequence[str]) -> list[ModulePass]:
    """Passes from their specifications, such as 'size-accumulators{max-width=24}'; 'default' is the default pipeline.

    Raises QdialectError for unknown passes and options.
    """
    loaders, text = pass_loaders(), ",".join(passes)
    try:
        specs = list(arg_spec.parse_pipeline(text))
    except ArgSpecParseError as error:
        raise QdialectError(f"pass pipeline '{text}': {syntax_error(error)}") from None
    check_options(text)
    default = [arg_spec.ArgSpec(name, {}) for name in DEFAULT_PIPELINE]
    expanded = [part for spec in specs for part in (default if spec.name == "default" else [spec])]
    for spec in expanded:
        if spec.name not in loaders:
            near = nearest(spec.name, [*loaders, "default"]) or "; qopt --help lists the passes"
            raise QdialectError(f"unknown pass '{spec.name}'{near}")
    return [configured("pass", loaders[spec.name](), spec) for spec in expanded]


def check_options(text: str) -> None:
    """Raise QdialectError for what parsing the pipeline leaves out: options given twice, and options of `default`."""
    unquoted = re.sub(r'"[^"]*"', "", text)
    for name, given in re.findall(r"([\w-]+)\{([^{}]*)\}", unquoted):
        options = [option.partition("=")[0].replace("_", "-") for option in given.split()]
        if name == "default" and options:
            raise QdialectError(f"'default' is a pipeline and has no options; give '{options[0]}' to one of its passes")
        for option, count in Counter(options).items():
            if count > 1:
                raise QdialectError(f"pass '{name}': option '{option}' is given {count} times")


def configured(kind: str, class_: type[Configured], spec: arg_spec.ArgSpec) -> Configured:
    """A pass or target (`kind`) with the options of its specification.

    Raises QdialectError for options that it does not have, and for values of the wrong type.
    """
    known = [field.name.replace("_", "-") for field in fields(class_) if field.init and field.name != "name"]
    for option in spec.parameters:
        if option.replace("_", "-") not in known:
            has = f"its options are {', '.join(known)}" if known else "it has none"
            raise QdialectError(f"{kind} '{class_.name}' has no option '{option}'; {has}")
    try:
        return class_.from_spec(spec)
    except ValueError as error:
        raise QdialectError(f"{kind} '{class_.name}': {wrong_option(class_, spec) or first_line(error)}") from None


def wrong_option(class_: type[arg_spec.ArgSpecConvertible], spec: arg_spec.ArgSpec) -> str | None:
    """Which option has a value of another type than it takes; None if all are right."""
    types = get_type_hints(class_)
    for option, values in spec.parameters.items():
        type_ = types[option.replace("-", "_")]
        if not isa(values, type_) and not (len(values) == 1 and isa(values[0], type_)):
            given = ",".join(map(str, values)) or "nothing"
            return f"option '{option}' takes {option_kind(type_)}, not {shown(given)}"
    return None


KINDS = {int: "an integer", float: "a number", str: "a text", bool: "true or false", type(None): ""}


def option_kind(type_: Any) -> str:
    """What an option of this type takes, in words."""
    if get_origin(type_) is tuple:
        return f"{option_kind(get_args(type_)[0])} or several"
    parts = get_args(type_) or (type_,)
    kinds = [f"'{part}'" if isinstance(part, str) else KINDS.get(part, f"a list of {part}") for part in parts]
    return " or ".join(filter(None, kinds))


def syntax_error(error: ArgSpecParseError) -> str:
    """What is wrong with a specification of passes or of a target, and at which column."""
    lines = str(error).strip().splitlines()  # title, file:line:column, text, caret, cause
    cause = lines[-1].strip()
    return f"column {lines[1].rpartition(':')[2]}: {cause[:1].lower()}{cause[1:]}"


class EquivalenceWitness:
    """An `after` callback that compares each pass's result with the module before it; after a pass that changes the
    function by intent, the values that keep their name.

    Modules that the interpreter does not run (the loop level) are not compared. Raises QdialectError for a module that
    it refuses.
    """

    def __init__(self, module: ModuleOp):
        from qdialect.validation.equivalence import computable

        try:
            verify_module(module)
        except VerifyException as error:
            raise QdialectError(first_line(error)) from None
        self.view = computable(module.clone()) if is_simulatable(module) else None

    def __call__(self, pass_: ModulePass, module: ModuleOp) -> None:
        from qdialect.validation.equivalence import checked

        if self.view is not None and is_simulatable(module):
            self.view = checked(self.view, module, pass_.name, isinstance(pass_, ChangesFunction))


def lower(
    module: ModuleOp,
    config: Sequence[str | ModulePass] | None = None,
    verify: bool = False,
    after: AfterPass | None = None,
    certify: bool = False,
) -> ModuleOp:
    """A copy of `module` at the integer level.

    `config` is the list of passes, or of their specifications, by default `qdialect.passes.DEFAULT_PIPELINE`. With
    `verify` the interpreter runs before and after every pass. With `certify` the outputs are proved equal to those of
    `module` for all inputs, and a remark says of how many that could be decided. Raises QdialectError, naming pass and
    value, where a pass fails or changes the function, and with an input where the proof finds one that differs.
    """
    witness = EquivalenceWitness(module) if verify else None

    def observe(pass_: ModulePass, current: ModuleOp) -> None:
        for callback in (witness, after):
            if callback is not None:
                callback(pass_, current)

    lowered = apply_passes(module, passes_of(config or DEFAULT_PIPELINE), make_context(), observe)
    if certify:
        certified(module, lowered)
    return lowered


def certified(module: ModuleOp, lowered: ModuleOp) -> Proof:
    """What is proved of a module and its lowering, with a remark on the latter. Raises QdialectError with an input for
    which they differ."""
    from qdialect.proof.prove import prove

    proof = prove(module, lowered)
    if proof.counterexample is not None:
        raise QdialectError(f"lowering changes the function: {'; '.join(proof.counterexample.lines())}")
    add_remarks(network(lowered), [f"proof against the imported network: {proof.summary}"])
    return proof
