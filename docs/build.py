"""Builds docs/site, a static page of the documents and of the contract: ``make docs``.

The pages of the contract are made of contracts/asyncapi.json and contracts/schemas by json-schema-for-humans; mkdocs puts all
together. Nothing of it is committed.
"""

import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOCS, CONTRACTS = ROOT / "docs", ROOT / "contracts"
SITE = DOCS / "site"
LINK = re.compile(r"\[([^\]\n]+)\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)")


def topics_page(document: dict[str, Any]) -> str:
    """Topics with who writes and reads them, and the messages on each, linked to their schemas."""
    lines = ["# 主题与消息 / Topics and messages", "", document["info"]["description"], ""]
    for short, channel in document["channels"].items():
        of = [one for one in document["operations"].items() if one[1]["channel"]["$ref"].endswith(f"/{short}")]
        who = {action: ", ".join(name.split(".")[0] for name, one in of if one["action"] == action) for action in ("send", "receive")}
        lines += [f"## {channel['address']}", "", channel["description"], "", f"写 / writers: {who['send']}。读 / readers: {who['receive']}。", ""]
        lines += [f"- [{name}](schemas/{name}.md)" for name in sorted(channel["messages"]) if name != "fence"] + [""]
    return "\n".join(lines)


def page(text: str, there: set[str]) -> str:
    """A document of the repository as a page: links to what is no page become plain text."""
    def link(match: re.Match[str]) -> str:
        name = match[2].removeprefix("../").removeprefix("docs/")
        return f"[{match[1]}]({name}{match[3] or ''})" if name in there else match[1]

    return LINK.sub(link, text)


def stage(folder: Path) -> None:
    """The sources of the site: documents, and the pages of the contract. README.md is the first page."""
    from json_schema_for_humans.generate import generate_from_filename
    from json_schema_for_humans.generation_configuration import GenerationConfiguration

    looks = GenerationConfiguration(template_name="md", show_toc=False, with_footer=False, show_breadcrumbs=False)
    documents = [*DOCS.glob("*.md"), *ROOT.glob("*.md")]
    there = {path.name for path in [*documents, *DOCS.glob("*.jsonl")]}
    for path in documents:
        (folder / path.name).write_text(page(path.read_text("utf-8"), there), "utf-8")
    for path in [*DOCS.glob("*.jsonl"), CONTRACTS / "asyncapi.json"]:
        shutil.copy(path, folder / path.name)
    (folder / "contract.md").write_text(topics_page(json.loads((CONTRACTS / "asyncapi.json").read_bytes())), "utf-8")
    shutil.copytree(CONTRACTS / "schemas", folder / "schemas")
    for path in sorted((folder / "schemas").glob("*.json")):
        generate_from_filename(str(path), str(path.with_suffix(".md")), config=looks)


def main() -> None:
    """Writes docs/site anew."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    with tempfile.TemporaryDirectory() as work:
        pages = Path(work) / "pages"
        pages.mkdir()
        stage(pages)
        config = Path(work) / "mkdocs.yml"
        config.write_text(json.dumps({
            "site_name": "yibao", "docs_dir": str(pages), "site_dir": str(SITE), "use_directory_urls": False,
            "theme": {"name": "material", "font": False}, "plugins": ["search"],
            "nav": ["README.md", {"主题与消息 / Topics": "contract.md"}, *sorted(
                path.name for path in pages.glob("*.md") if path.name not in ("README.md", "contract.md"))],
            "not_in_nav": "schemas/*",
        }))
        build(load_config(str(config)))


if __name__ == "__main__":
    main()
