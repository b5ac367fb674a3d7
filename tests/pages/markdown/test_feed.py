"""What a plugin finds that makes a feed of pages' Markdown, and what a blog makes of it then."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import markdown
import pytest
from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from tests.pages.rendered import ALTERNATE, FENCE

PAGE = f"""\
# Post

{FENCE}

- in a list

    ```tabproof
    scenario: list-users
    variant: stdlib
    languages: [ruby, python]
    ```

````
{FENCE}
````

```tabproof-cases
```

The end.
"""


class Relpath(Treeprocessor):
    """Knows the page, as the processor does that MkDocs registers."""

    def __init__(self, page: object, plugins: tuple[str, ...]) -> None:
        super().__init__()
        self.file = SimpleNamespace(src_uri="post.md", abs_src_path=None, page=page)
        self.file.content_string = PAGE
        self.config: dict[str, Any] = {"plugins": plugins, "config_file_path": None, "theme": {}}


def convert(page: SimpleNamespace, root: Path, *plugins: str, title: str = "") -> str:
    """Convert a page as MkDocs does, or, with a title, as Material's blog does for an excerpt."""
    extensions = ["pymdownx.superfences", "pymdownx.tabbed", "tabproof"]
    md = Markdown(
        extensions=extensions, extension_configs={**ALTERNATE, "tabproof": {"root": root}}
    )
    md.treeprocessors.register(Relpath(page, plugins), "relpath", 1)
    if title:
        md.treeprocessors.register(Treeprocessor(md), "excerpt", 0)
    return md.convert(title + page.markdown)


@pytest.fixture
def page() -> SimpleNamespace:
    return SimpleNamespace(markdown=PAGE, meta={})


def test_a_feed_has_words_in_the_place_of_fences(page: SimpleNamespace, shared: Path) -> None:
    convert(page, shared, "search", "rss")
    assert page.markdown.startswith("# Post\n\nCode samples: Node, cURL, PHP, ")
    assert "\n    Code samples: Ruby, Python.\n" in page.markdown
    # An example stays, and what becomes tables is left out.
    assert page.markdown.count("tabproof") == 1
    feed = markdown.markdown(page.markdown[: page.markdown.index("- in")])
    assert "tabproof" not in feed
    assert "scenario" not in feed


def test_an_excerpt_that_is_made_later_has_the_tabs(page: SimpleNamespace, shared: Path) -> None:
    whole = convert(page, shared, "rss")
    excerpt = convert(page, shared, "rss", title="# Title\n\n")
    assert whole.count('type="radio"') == excerpt.count('type="radio"') == 8
    assert "Code samples" not in excerpt
    assert "<h1>Title</h1>" in excerpt


def test_without_a_feed_a_page_keeps_its_markdown(page: SimpleNamespace, shared: Path) -> None:
    convert(page, shared, "search")
    assert page.markdown is PAGE
