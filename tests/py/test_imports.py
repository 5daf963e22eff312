"""What is loaded when: nothing heavy before it is used; and the packages that are installed."""

import os
import re
import resource
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from trained import ROOT, load_example

import qdialect
from qdialect.passes import PASSES
from qdialect.tools.driver import QoptMain
from qdialect.tools.qopt import OPTIONS, help_text, main


def loaded_by(code: str, *modules: str) -> set[str]:
    """Which of `modules` a fresh interpreter has loaded after `code`."""
    program = f"{code}\nimport sys\nprint(*[m for m in {modules} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    ["import qdialect", "import qdialect; dir(qdialect)", "from qdialect.tools.qopt import help_text; help_text()"],
)
def test_importing_loads_nothing_heavy(code):
    assert loaded_by(code, "tensorflow", "numpy", "xdsl", "h5py", "jinja2", "matplotlib") == set()


def test_importing_a_model_file_needs_no_tensorflow():
    model = str(load_example("digits_cnn").model)
    code = f"import qdialect; qdialect.lower(qdialect.from_keras({model!r}))"
    assert loaded_by(code, "tensorflow", "tf_keras", "keras", "qkeras", "xdsl") == {"xdsl"}


def test_every_public_name_resolves():
    code = "import qdialect\nfor name in qdialect.__all__: assert getattr(qdialect, name) is not None"
    assert loaded_by(code, "tensorflow") == set()


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = qdialect.nonsense


def qopt_help() -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "qdialect.tools.qopt", "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=True)


def test_help_takes_less_than_300_ms_of_cpu():
    """The best of three: other processes share the caches."""

    def children() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    taken = []
    for _ in range(3):
        before = children()
        qopt_help()
        taken.append(children() - before)
    assert min(taken) < 0.3


def test_help_is_printed():
    assert qopt_help().stdout == help_text() + "\n"


def test_the_list_of_passes_has_the_options_of_their_classes(capsys):
    assert main(["--list-passes"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines if not line.startswith(" ")] == list(PASSES)
    assert "    max-width: an integer" in lines
    assert {"    layer: a text", "    layers: a text or several"} <= set(lines)


def spelled(option: str) -> set[str]:
    """'-p, --passes PASSES' as its spellings."""
    return set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", option))


def test_the_option_table_is_that_of_the_parser():
    """Help and version are answered before the parser is loaded."""
    real = set()

    class Recorded(QoptMain):
        def register_all_arguments(self, arg_parser) -> None:
            super().register_all_arguments(arg_parser)
            real.update(arg_parser._option_string_actions)

    Recorded("qopt", [])
    assert {s for option in OPTIONS for s in spelled(option)} == real | {"-v", "--version", "--list-passes"}


def test_the_packages_list_equals_the_tree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    mapped = project["package-dir"]
    found = set()
    for name, folder in {"qdialect": "qdialect", **mapped}.items():
        for directory, _, files in os.walk(ROOT / folder, followlinks=False):
            inside = Path(directory).relative_to(ROOT / folder)
            tracked = [f for f in files if not f.endswith(".pyc")]
            if tracked and "__pycache__" not in inside.parts:
                found.add(".".join([name, *inside.parts]))
    assert found == set(project["packages"])


def test_the_type_checker_is_told_of_links():
    included = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pyright"]["include"]
    links = {str(path.relative_to(ROOT)) for path in (ROOT / "qdialect").iterdir() if path.is_symlink()}
    assert set(included) == {"qdialect", *links}


def test_a_checkout_on_the_path_loads_one_copy_of_everything(tmp_path):
    """Whatever is installed beside it: `qdialect/passes` and `qdialect/tools` are links to the folders at the root."""
    for folder in ("qdialect", "passes", "tools"):
        shutil.copytree(ROOT / folder, tmp_path / folder, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    loaded = (
        "import sys, qdialect.passes.loops.schedule, qdialect.tools.cli, qdialect.tools.driver, qdialect.converters\n"
    )
    loaded += (
        "print(*[m.__file__ for name, m in sys.modules.items() if name.partition('.')[0] == 'qdialect'], sep='\\n')"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", loaded]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=tmp_path)
    files = done.stdout.split()
    assert len(files) > 100
    assert all(Path(file).is_relative_to(tmp_path) for file in files)


def test_python_m_qdialect_is_the_command():
    def told(*arguments: str) -> str:
        command = [sys.executable, "-m", "qdialect", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert told("--version") == f"qdialect {qdialect.__version__} (xdsl {version('xdsl')})\n"
    assert "convert" in told("--help")
