"""Completion of the command line."""

from __future__ import annotations

import subprocess
import sys

import pytest
from trained import ROOT

from qdialect.tools.cli import main
from qdialect.tools.completion import SHELLS


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_for_each_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("shtab")
    with pytest.raises(SystemExit) as ended:
        main(["--print-completion", shell])
    script = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(word in script for word in ("export-qonnx", "reuse-factor"))


def test_bash_completes_commands_options_and_files(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("shtab")
    with pytest.raises(SystemExit):
        main(["--print-completion", "bash"])
    script = capsys.readouterr().out
    asked = "COMP_WORDS=(qdialect {0}); COMP_CWORD={1}; _shtab_qdialect; echo ${{COMPREPLY[@]}}"
    for words, wanted in (("re", {"report"}), ("convert --clo", {"--clock"}), ("info pyp", {"pyproject.toml"})):
        done = subprocess.run(
            ["bash", "-c", f"{script}\n{asked.format(words, len(words.split()))}"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert wanted <= set(done.stdout.split()), (words, done.stdout, done.stderr)


def test_without_shtab_it_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["--print-completion", "bash"]) == 1
    assert capsys.readouterr().err == "qdialect: error: completion is made by shtab: pip install shtab\n"
