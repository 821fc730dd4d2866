"""Documents: links lead somewhere, and both languages of the README say the same."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from consentry.platform.settings.checking import check
from consentry.platform.settings.founding import found_site

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")])
ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FIGURES = re.compile(r"<!-- figures -->(.*?)<!-- /figures -->", re.DOTALL)


def prose(path: Path) -> str:
    """Return the text of a document without its blocks of code."""
    return re.sub(r"(?ms)^```.*?^```$", "", path.read_text(encoding="utf-8"))


def headings(path: Path) -> list[str]:
    """Return a document's headings with their signs, such as ``## Two commands``."""
    return re.findall(r"^#+ .*$", prose(path), re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """Return the anchors that a Markdown viewer gives to a document's headings."""
    titles = (heading.lstrip("#").strip().lower() for heading in headings(path))
    return {re.sub(r"[^\w -]", "", title).replace(" ", "-") for title in titles}


def commands(path: Path) -> list[str]:
    """Return the lines of a document's blocks of code, without their comments, which each language words itself."""
    blocks = re.findall(r"(?ms)^```\w*\n(.*?)^```$", path.read_text(encoding="utf-8"))
    return [line.partition(" # ")[0].rstrip() for block in blocks for line in block.splitlines()]


def figures(path: Path) -> list[list[str]]:
    """Return, for each row of the tables of measured figures, its numbers and its commands."""
    tables = "".join(FIGURES.findall(path.read_text(encoding="utf-8")))
    return [re.findall(r"`[^`]+`|\d+(?:[.,]\d+)*", row) for row in tables.splitlines() if row.startswith("|")]


def broken_links(path: Path) -> list[str]:
    """Return the links of a document to files or headings that do not exist; addresses on the web are not followed."""
    broken = []
    for link in LINK.findall(prose(path)):
        target, _, anchor = link.partition("#")
        if ":" in target:
            continue
        file = (path.parent / target).resolve() if target else path
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(link)
    return broken


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_to_something(path: Path) -> None:
    assert broken_links(path) == []


def test_a_link_to_nothing_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One thing\n[a](#one-thing) [b](page.md#one-thing) [c](gone.md) [d](#gone) [e](https://example.org/x)\n", encoding="utf-8")
    assert broken_links(page) == ["gone.md", "#gone"]


def test_both_readmes_have_the_same_headings() -> None:
    levels = [[heading.split()[0] for heading in headings(path)] for path in (ENGLISH, CHINESE)]
    assert levels[0] == levels[1]
    assert len(levels[0]) > 1


def test_both_readmes_show_the_same_commands() -> None:
    assert commands(ENGLISH) == commands(CHINESE) != []


def test_both_readmes_state_the_same_figures() -> None:
    assert figures(ENGLISH) == figures(CHINESE) != []


def test_every_document_of_the_project_is_reachable_from_the_readme() -> None:
    reached: set[Path] = set()
    pending = {ENGLISH.resolve(), CHINESE.resolve()}
    while pending:
        page = pending.pop()
        reached.add(page)
        linked = {(page.parent / link.partition("#")[0]).resolve() for link in LINK.findall(prose(page)) if ":" not in link}
        pending |= {path for path in linked if path.suffix == ".md" and path.is_file()} - reached
    assert [path.relative_to(ROOT).as_posix() for path in DOCUMENTS if path.resolve() not in reached] == []


@pytest.mark.parametrize("readme", [ENGLISH, CHINESE], ids=lambda path: path.name)
def test_the_camera_of_the_readme_counts_once_its_files_are_there(readme: Path, tmp_path: Path) -> None:
    (table,) = re.findall(r"(?ms)^```toml\n(.*?)^```$", readme.read_text(encoding="utf-8"))
    answers = {"site.id": "shop", "site.name": "Shop", "site.zone": "Asia/Shanghai", "site.controller": "Shop", "site.contact": "at the counter"}
    file = found_site(tmp_path / "shop", answers, datetime(2026, 5, 1, tzinfo=UTC)).file
    with file.open("a", encoding="utf-8") as settings:
        settings.write(table)
    assert len(check(file)) == 2
    for name in ("keys/secrets/door", "signs/door.jpg"):
        file.with_name(name.partition("/")[0]).mkdir(exist_ok=True)
        (file.parent / name).touch(mode=0o600)
        (file.parent / name).write_text("x", encoding="utf-8")
    assert check(file) == []
