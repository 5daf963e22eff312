"""A folder holds the old project or the new one, whatever happens to the process that writes it."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import threading
from pathlib import Path

import pytest
from interrupted import kill_runs, killed, problems

from qdialect.backends.projects.directory import replace_files
from qdialect.errors import QdialectError


def project(name: str, files: int = 12) -> dict[str, str]:
    """Files of their own beside those that all projects have."""
    own = {f"src/{name}_{i}.inc": f"{name} {i}\n" * 500 for i in range(files)}
    text = {"src/top.cpp": name * 1000, "Makefile": name, "tb/data/in.dat": name * 5000, **own}
    digests = {path: hashlib.sha256(content.encode()).hexdigest() for path, content in text.items()}
    return {**text, "manifest.json": json.dumps({"generator": "qdialect 0", "files": digests})}


OLD, NEW = project("old"), project("new")


def test_killed_writes_leave_one_project(tmp_path: Path) -> None:
    folder = tmp_path / "net"
    writes = [lambda: replace_files(folder, OLD), lambda: replace_files(folder, NEW)]
    stopped, whole, wrong = kill_runs(folder, writes, 40, seed=3)
    assert (whole, wrong) == (40, [])
    assert stopped > 5


def test_a_mixture_is_seen(tmp_path: Path) -> None:
    folder = tmp_path / "net"
    replace_files(folder, OLD)
    (folder / "src/top.cpp").write_text(NEW["src/top.cpp"])
    (folder / "src/new_1.inc").write_text(NEW["src/new_1.inc"])
    (folder / "Makefile").unlink()
    assert problems(folder) == [
        "src/top.cpp is of another project",
        "Makefile is missing",
        "src/new_1.inc is left over",
    ]


def test_a_full_disk_leaves_the_old_project(tmp_path: Path) -> None:
    """A file may not grow beyond 4 KB, as where no space is left."""
    folder = tmp_path / "net"
    replace_files(folder, OLD)

    def write() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        try:
            replace_files(folder, NEW)
        except OSError:
            (tmp_path / "refused").touch()

    assert not killed(write, 20)
    assert (tmp_path / "refused").exists()
    assert json.loads((folder / "manifest.json").read_text()) == json.loads(OLD["manifest.json"])
    assert problems(folder) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net", "refused"]


def test_two_writers_leave_one_project(tmp_path: Path) -> None:
    folder = tmp_path / "net"
    failures: list[BaseException] = []

    def write(text: dict[str, str]) -> None:
        try:
            for _ in range(8):
                replace_files(folder, text)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(text,)) for text in (OLD, NEW)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert problems(folder) == []


def test_files_added_by_hand_stay(tmp_path: Path) -> None:
    """Links, folders without files and modes among them."""
    folder = tmp_path / "net"
    replace_files(folder, OLD)
    (folder / "notes").mkdir()
    (folder / "notes/empty").mkdir()
    script = folder / "notes/run.sh"
    script.write_text("true")
    script.chmod(0o755)
    (folder / "link").symlink_to("notes/run.sh")
    (folder / "src/mine.h").write_text("mine")
    replace_files(folder, NEW)
    assert os.access(folder / "notes/run.sh", os.X_OK)
    assert (folder / "link").is_symlink()
    assert (folder / "link").read_text() == "true"
    assert (folder / "src/mine.h").read_text() == "mine"
    assert (folder / "notes/empty").is_dir()
    assert not (folder / "src/old_1.inc").exists()


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    """What it points to is written, and nothing that a link in the project points to."""
    outside = tmp_path / "outside.txt"
    outside.write_text("not ours")
    (tmp_path / "real").mkdir()
    (tmp_path / "net").symlink_to("real")
    replace_files(tmp_path / "net", OLD)
    (tmp_path / "real/Makefile").unlink()
    (tmp_path / "real/Makefile").symlink_to(outside)
    with pytest.raises(QdialectError, match="Makefile: was added by hand"):
        replace_files(tmp_path / "net", NEW)
    (tmp_path / "real/Makefile").unlink()
    replace_files(tmp_path / "net", NEW)
    assert (tmp_path / "net").is_symlink()
    assert problems(tmp_path / "real") == []
    assert outside.read_text() == "not ours"


def test_an_added_file_in_the_way_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "net"
    replace_files(folder, OLD)
    (folder / "src/new_3.inc").write_text("mine")
    with pytest.raises(QdialectError, match="added by hand and is in the way"):
        replace_files(folder, NEW)
    assert (folder / "src/top.cpp").read_text() == OLD["src/top.cpp"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes into any folder")
def test_a_read_only_folder_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "shelf/net"
    replace_files(folder, OLD)
    folder.parent.chmod(0o555)
    try:
        with pytest.raises(PermissionError):
            replace_files(folder, NEW)
    finally:
        folder.parent.chmod(0o755)
    assert problems(folder) == []
