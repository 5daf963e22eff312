"""What qdialect adds to xDSL: dialects, passes, targets and readers of models, each loaded when it is first used."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from xdsl.context import Context
from xdsl.ir import Dialect
from xdsl.passes import ModulePass
from xdsl.universe import Universe
from xdsl.utils.frontend import Frontend
from xdsl.utils.target import Target

from qdialect.passes import PASSES, pass_loader


def load_qnn() -> Dialect:
    from qdialect.dialects.qnn.dialect import QNN

    return QNN


def load_hlscpp() -> Dialect:
    from qdialect.dialects.hlscpp.dialect import Hlscpp

    return Hlscpp


def load_verilog_target() -> type[Target]:
    from qdialect.compiler.targets.verilog import VerilogTarget

    return VerilogTarget


def load_hls_target() -> type[Target]:
    from qdialect.compiler.targets.hls import HlsTarget

    return HlsTarget


def load_dot_target() -> type[Target]:
    from qdialect.compiler.targets.dot import DotTarget

    return DotTarget


def load_estimates_target() -> type[Target]:
    from qdialect.compiler.targets.estimates import EstimatesTarget

    return EstimatesTarget


def load_range_report_target() -> type[Target]:
    from qdialect.compiler.targets.range_report import RangeReportTarget

    return RangeReportTarget


def load_remarks_target() -> type[Target]:
    from qdialect.compiler.targets.remarks import RemarksTarget

    return RemarksTarget


def model_file_loader(name: str) -> Callable[[], type[Frontend]]:
    """A function that imports the readers of model files and returns that of `name`."""

    def load() -> type[Frontend]:
        from qdialect.compiler.model_files import MODEL_FILES

        return MODEL_FILES[name]

    return load


UNIVERSE = Universe(
    all_dialects={"qnn": load_qnn, "hlscpp": load_hlscpp},
    all_passes={name: pass_loader(name) for name in PASSES},
    all_targets={
        "dot": load_dot_target,
        "estimates": load_estimates_target,
        "hls": load_hls_target,
        "verilog": load_verilog_target,
        "range-report": load_range_report_target,
        "remarks": load_remarks_target,
    },
    all_frontends={name: model_file_loader(name) for name in ("keras", "h5", "hdf5", "qonnx", "onnx")},
)


@cache
def declared() -> Universe:
    """What the packages of the environment declare, read once."""
    return Universe.get_multiverse()


def pass_loaders() -> dict[str, Callable[[], type[ModulePass]]]:
    """Our passes and xDSL's, by name."""
    return {**declared().all_passes, **UNIVERSE.all_passes}


def make_context() -> Context:
    """A context that knows all dialects; each is loaded when it is first met."""
    context = Context()
    for name, loader in {**declared().all_dialects, **UNIVERSE.all_dialects}.items():
        context.register_dialect(name, loader)
    return context
