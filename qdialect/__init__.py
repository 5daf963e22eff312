"""qdialect: trained QKeras/Keras networks to HLS C++ that computes the same bits.

    module  = qdialect.from_keras("net.h5")           # network level of the IR
    module  = qdialect.from_onnx("net.onnx")          # the same, of a QONNX graph
    module  = qdialect.lower(module)                  # integer level, by the default pipeline
    y       = qdialect.simulate(module, x)            # the reference simulator
    project = qdialect.write_hls(module, "build/net") # a complete HLS project
    report  = qdialect.verify("net.h5")               # Keras = IR = after each pass = compiled C++
    report  = qdialect.verify("qdialect.toml")        # of a model with all that is decided about its hardware
    path    = qdialect.to_qonnx("net.h5", "net.onnx") # the network as a QONNX graph

Nothing is imported before it is used: `import qdialect` loads neither xDSL nor numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdialect.backends.hls.project.project import Project
    from qdialect.compiler.design import Design, read_design
    from qdialect.compiler.pipeline import lower
    from qdialect.compiler.verify import Verification, verify
    from qdialect.compiler.write_hls import write_hls
    from qdialect.compiler.write_qonnx import to_qonnx
    from qdialect.compiler.write_rtl import write_rtl
    from qdialect.errors import QdialectError
    from qdialect.frontends.keras.importer import from_keras
    from qdialect.frontends.qonnx.importer import from_onnx
    from qdialect.reports.design_result import DesignResult, result_of
    from qdialect.reports.profile import Profile, profile
    from qdialect.simulator.simulate import simulate

__version__ = "0.1.0"

_HOME = {
    "Design": "compiler.design",
    "DesignResult": "reports.design_result",
    "Profile": "reports.profile",
    "Project": "backends.hls.project.project",
    "QdialectError": "errors",
    "Verification": "compiler.verify",
    "from_keras": "frontends.keras.importer",
    "from_onnx": "frontends.qonnx.importer",
    "lower": "compiler.pipeline",
    "profile": "reports.profile",
    "read_design": "compiler.design",
    "result_of": "reports.design_result",
    "simulate": "simulator.simulate",
    "to_qonnx": "compiler.write_qonnx",
    "verify": "compiler.verify",
    "write_hls": "compiler.write_hls",
    "write_rtl": "compiler.write_rtl",
}

__all__ = [
    "Design",
    "DesignResult",
    "Profile",
    "Project",
    "QdialectError",
    "Verification",
    "from_keras",
    "from_onnx",
    "lower",
    "profile",
    "read_design",
    "result_of",
    "simulate",
    "to_qonnx",
    "verify",
    "write_hls",
    "write_rtl",
]


_INSTEAD = {
    "build": "use convert_from_keras_model(...).build()",
    "compile": "use convert_from_keras_model(...).compile()",
    "optimization": "passes of qopt optimize the IR, see qopt --help",
    "templates": "layers are added in frontends and lowering, see docs/extending.md",
    "writer": "write_hls writes a project",
}
"""What to use for hls4ml's names that are not here."""
_MODULES = ("converters", "model", "report", "utils")  # reached as attributes, as in hls4ml


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return import_module(f"qdialect.{name}")
    if name not in _HOME:
        raise import_module("qdialect.errors").absent("qdialect", name, _INSTEAD)
    return getattr(import_module(f"qdialect.{_HOME[name]}"), name)
