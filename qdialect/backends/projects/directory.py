"""The folder of a project: its files are replaced as a whole, and other files are left alone."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import glob
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from qdialect.errors import QdialectError

MANIFEST = "manifest.json"
SCRATCH = "qdialect-"
"""What the names of folders that are being written begin with, after a dot and the name of the project's."""
AT_FDCWD, RENAME_EXCHANGE = -100, 2
"""Of renameat2(2)."""


def check_replaceable(target: Path) -> None:
    """Raise QdialectError for a path that holds something else than an earlier project, that lies below a file, or
    where no folder can be made."""
    above = next((parent for parent in target.absolute().parents if parent.exists()), None)
    if above is not None and not above.is_dir():
        raise QdialectError(f"{target}: {above} is not a directory; choose another one")
    if target.exists() and (not target.is_dir() or (any(target.iterdir()) and _listed(target) is None)):
        raise QdialectError(f"{target}: exists and is no earlier qdialect project; choose another directory")
    try:
        with tempfile.TemporaryDirectory(dir=above, prefix=f".{SCRATCH}"):
            pass
    except OSError as error:
        raise QdialectError(
            f"{target}: no folder can be made in {above} ({error.strerror}); choose another one"
        ) from None


def _listed(target: Path) -> set[str] | None:
    """The files of the project in `target` as its manifest lists them; None if it is no project of ours.

    Other tools call their files manifest.json too. A path that leads out of the project is none of its files.
    """
    try:
        content = json.loads((target / MANIFEST).read_text())
    except (OSError, ValueError):
        return None
    if not isinstance(content, dict) or not str(content.get("generator")).startswith("qdialect "):
        return None
    root = target.resolve()
    return {MANIFEST} | {path for path in content.get("files", ()) if (target / path).resolve().is_relative_to(root)}


def add_files(target: Path, text: Mapping[str, str]) -> None:
    """Add files to the project in `target`, and to its manifest, so that they are replaced with it.

    Raises QdialectError if a file that was added by hand is in the way.
    """
    folder = target.resolve()
    with locked(folder.parent):
        listed = _listed(folder) or set()
        for path in text:
            _expect_free(target, path, listed)
        manifest = json.loads((folder / MANIFEST).read_text())
        manifest["files"] |= {path: hashlib.sha256(content.encode()).hexdigest() for path, content in text.items()}
        added = {MANIFEST: json.dumps(manifest, indent=2) + "\n", **text}
        _put(folder, added, set(added))


def _expect_free(target: Path, path: str, listed: set[str]) -> None:
    if path not in listed and os.path.lexists(target / path):
        raise QdialectError(
            f"{target / path}: was added by hand and is in the way; move it or choose another directory"
        )


def replace_files(target: Path, text: Mapping[str, str]) -> None:
    """Replace the files that the manifest in `target` lists by the files `text`, and leave all others alone.

    The new folder is made beside the old one and takes its place in one step, so that at any moment, also where a
    process is killed or the disk is full, the folder holds the old project or the new one. Runs that write into one
    folder wait for each other. Raises QdialectError, before anything changes, if an added file is in the way.
    """
    target.absolute().parent.mkdir(parents=True, exist_ok=True)
    folder = target.resolve()
    with locked(folder.parent):
        listed = _listed(folder) or set()
        for path in sorted(text):
            _expect_free(target, path, listed)
        _put(folder, text, listed)


def _put(folder: Path, text: Mapping[str, str], dropped: Collection[str]) -> None:
    """Make `folder` one that has its own files without `dropped`, and the files `text`."""
    prefix = f".{folder.name}.{SCRATCH}"
    for stale in folder.parent.glob(f"{glob.escape(prefix)}*"):  # of runs that were killed
        shutil.rmtree(stale, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=prefix) as scratch:
        made = Path(scratch) / "project"
        link_others(folder, made, dropped)
        for above in {(made / path).parent for path in text}:
            above.mkdir(parents=True, exist_ok=True)
        for path, content in text.items():
            (made / path).write_text(content)
        take_place(made, folder)


@contextmanager
def locked(folder: Path) -> Generator[None]:
    """Hold the lock of a folder; it leaves no file, and ends with the process."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def link_others(source: Path, made: Path, listed: Collection[str]) -> None:
    """A folder with the files of another one without those listed, as links to the same contents."""
    made.mkdir()
    if not source.exists():
        return
    shutil.copymode(source, made)
    for above, folders, files in os.walk(source):
        here = Path(above).relative_to(source)
        for name in (*folders, *files):
            path, file = here / name, Path(above) / name
            if file.is_symlink() or not file.is_dir():
                if str(path) not in listed:
                    (made / here).mkdir(parents=True, exist_ok=True)
                    os.link(file, made / path, follow_symlinks=False)
            elif not any(file.iterdir()):
                (made / path).mkdir(parents=True, exist_ok=True)


def take_place(made: Path, folder: Path) -> None:
    """Give a folder the place of another one, which takes that of the first; in one step where the system can."""
    if not folder.exists():
        os.rename(made, folder)
    elif not exchanged(made, folder):
        aside = made.with_name("replaced")
        os.rename(folder, aside)
        os.rename(made, folder)


def exchanged(a: Path, b: Path) -> bool:
    """Whether two paths have changed their places, by Linux' renameat2(2); False where there is no such call."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    if call(AT_FDCWD, os.fsencode(a), AT_FDCWD, os.fsencode(b), RENAME_EXCHANGE) == 0:
        return True
    error = ctypes.get_errno()
    if error in (errno.ENOSYS, errno.EINVAL):
        return False
    raise OSError(error, os.strerror(error), str(b))
