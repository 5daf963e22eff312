"""Builds the site of the documentation: `python docs/site_pages.py FOLDER`, by mkdocs with its warnings as errors.

mkdocs takes one folder: the pages are laid out below FOLDER as in the repository, with the files that they link.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SETTINGS = """\
site_name: qdialect
docs_dir: pages
site_dir: site
theme:
  name: material
  font: false
  palette:
    - {media: "(prefers-color-scheme: light)", scheme: default}
    - {media: "(prefers-color-scheme: dark)", scheme: slate}
markdown_extensions: [tables, toc, pymdownx.superfences, pymdownx.highlight]
validation: {links: {not_found: warn, absolute_links: warn, unrecognized_links: warn, anchors: warn}}
"""


def pages() -> list[Path]:
    folders = (ROOT, ROOT / "docs", ROOT / "examples", ROOT / "benchmarks")
    return [page for folder in folders for page in sorted(folder.glob("*.md"))]


def linked(page: Path) -> Iterator[Path]:
    """The files and folders of the repository that a page links."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s#]+)[^)\s]*\)", text):
        if not target.startswith("https://"):
            yield (page.parent / target).resolve()


def lay_out(folder: Path) -> None:
    """Copy the pages and what they link; a folder is linked as the list of its files."""
    shutil.rmtree(folder, ignore_errors=True)
    for page in pages():
        text = page.read_text()
        for target in set(linked(page)):
            if target.is_dir():
                names = sorted(path.name for path in target.iterdir() if path.is_file())
                index = "".join(f"- [{name}]({name})\n" for name in names)
                place(folder, target / "index.md", f"# {target.relative_to(ROOT)}\n\n{index}")
                for name in names:
                    place(folder, target / name, (target / name).read_bytes())
                text = re.sub(rf"\]\(([^)\s]*{target.name})/?\)", r"](\1/index.md)", text)
            elif target.suffix != ".md":
                place(folder, target, target.read_bytes())
        titled = re.sub(r"^```(\w+) (\S+)$", r'```\1 title="\2"', text, flags=re.MULTILINE)
        place(folder, page, titled)


def place(folder: Path, path: Path, content: str | bytes) -> None:
    """Write what stands at a path of the repository to the same path of a folder."""
    target = folder / path.relative_to(ROOT)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content.encode() if isinstance(content, str) else content)


def main(folder: Path) -> int:
    lay_out(folder / "pages")
    (folder / "mkdocs.yml").write_text(SETTINGS)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(folder / "mkdocs.yml")]
    if (status := subprocess.run(command).returncode) == 0:
        print(f"{len(list((folder / 'site').rglob('*.html')))} pages in {folder / 'site'}")
    return status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
