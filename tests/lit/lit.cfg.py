"""lit configuration: tests are .mlir files whose RUN lines call qopt and filecheck of this Python environment."""

import os
import sys

import lit.formats

config.name = "qdialect"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.test_source_root, "..", "..", "build", "lit")
config.excludes = ["Inputs"]

scripts = os.path.dirname(sys.executable)
config.environment["PATH"] = os.pathsep.join([scripts, config.environment.get("PATH", os.environ["PATH"])])
config.environment["PYTHONDONTWRITEBYTECODE"] = "1"
if "PYTHONPATH" in os.environ:
    config.environment["PYTHONPATH"] = os.environ["PYTHONPATH"]  # a copy under test
config.substitutions += [
    ("%examples", os.path.join(config.test_source_root, "..", "..", "examples")),
    ("QOPT_ROUNDTRIP", "qopt %s --split-input-file | qopt --split-input-file | filecheck %s"),
    ("QOPT_GENERIC", "qopt %s --print-op-generic --split-input-file | qopt --split-input-file | filecheck %s"),
]
