"""`tabproof expand`: write pages with their tabs written out, for sites without the extension."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from tabproof.cli.handle_errors import handle_errors
from tabproof.cli.help_text import Argument, epilog
from tabproof.cli.option_defaults import is_on_command_line
from tabproof.cli.suggestions import Choice
from tabproof.errors import ExitStatus, InputError, TabproofError, located, pluralize
from tabproof.model.labels import TAG
from tabproof.pages.expand import page_files
from tabproof.pages.expand.expansion import Expansion, Style, behind_front_matter
from tabproof.pages.expand.expansion import expand as expanded
from tabproof.pages.expand.page_files import Page
from tabproof.pages.fence_keys import Fence
from tabproof.pages.project_samples import open_project
from tabproof.pages.sites.site_formats import FORMATS
from tabproof.pages.tab_set import TabSet
from tabproof.pages.tabs import tab_sets
from tabproof.project.template_files import display_path as shown_path
from tabproof.system.files import write_if_changed

RAW_FORMATS = ("material", "gfm")
"""Sites whose pages may be processed by Jinja (mkdocs-macros) or Liquid (Jekyll)."""

TEMPLATE_MARK = re.compile(r"\{[{%#]")


class ExpandedPage(msgspec.Struct, frozen=True):
    """Hold a file as it should be, and as it is on disk.

    Attributes:
        overwritten: which hand edit would be overwritten; "" for none.
    """

    path: Path
    place: str
    expected: bytes
    on_disk: bytes | None
    overwritten: str

    def diff(self) -> str:
        """Return a unified diff from the file on disk to what it should be."""
        current = (self.on_disk or b"").decode(errors="replace")
        lines = difflib.unified_diff(
            current.splitlines(keepends=True),
            self.expected.decode().splitlines(keepends=True),
            f"{self.place} (on disk)" if self.on_disk is not None else "/dev/null",
            f"{self.place} (expanded)",
        )
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _checked_tag(_context: click.Context, _option: click.Parameter, tag: str) -> str:
    if tag and not re.match(TAG, tag):
        raise click.BadParameter(f"{tag!r} is not a language tag, such as de or pt-BR.")
    return tag


@click.command(
    epilog=epilog(
        {
            ExitStatus.DONE: "",
            ExitStatus.WRONG: "a page is not current or was edited by hand",
            ExitStatus.INVALID_INPUT: "",
            ExitStatus.UNABLE: "a file cannot be read or written",
        },
        "tabproof expand --format docusaurus docs/quickstart.mdx",
        "tabproof expand --format docusaurus --in-place docs",
        "tabproof expand --format docusaurus --in-place --check docs",
        "tabproof expand --format gfm --output wiki pages/quickstart.md",
    )
)
@click.option(
    "--format",
    "form",
    type=Choice(list(FORMATS)),
    default="material",
    show_default=True,
    help="The kind of site.",
)
@click.option(
    "--in-place/--no-in-place",
    help="Write the tabs into each page itself; its fences stay there as comments. Default: no.",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the pages into this folder.",
)
@click.option(
    "--check", is_flag=True, help="Write nothing; show what is not current, and exit with 1."
)
@click.option(
    "--raw/--no-raw", help="Keep mkdocs-macros or Jekyll from processing the tabs. Default: no."
)
@click.option(
    "--lang",
    metavar="TAG",
    default="",
    callback=_checked_tag,
    help="The language of the labels around samples; a page's own `lang` overrides it.",
)
@click.option("--overwrite", is_flag=True, help="Overwrite pages that were edited by hand.")
@click.argument(
    "paths",
    cls=Argument,
    nargs=-1,
    required=True,
    metavar="PAGE...",
    type=click.Path(exists=True, path_type=Path),
    help="A file, or a folder of pages.",
)
@click.pass_obj
@handle_errors
def expand(
    root: Path,
    /,
    *,
    paths: tuple[Path, ...],
    output: Path | None,
    check: bool,
    overwrite: bool,
    **chosen: Any,
) -> None:
    """Write pages with their tabs written out, for sites without the Markdown extension.

    One page is written to stdout, unless --in-place or --output is used.
    """
    output = _resolve_output(click.get_current_context(), chosen, output)
    style = Style(**chosen | {"form": FORMATS[chosen["form"]]})
    if style.in_place and output:
        raise click.UsageError("--in-place and --output cannot be combined; leave one of them out.")
    if style.raw and chosen["form"] not in RAW_FORMATS:
        raise click.UsageError(f"--raw is for the formats {' and '.join(RAW_FORMATS)}.")
    if not style.in_place and output is None:
        _to_stdout(root, paths, style, check=check)
        return
    written = list(_expanded_pages(root, paths, style, output))
    changed = [page for page in written if page.expected != page.on_disk]
    if check:
        _report(changed, len(written))
    else:
        _write(changed, len(written), overwrite=overwrite)


def _resolve_output(
    context: click.Context, chosen: dict[str, Any], output: Path | None
) -> Path | None:
    """Return the output folder; options override settings that cannot be combined with them."""
    if chosen["form"] not in RAW_FORMATS and not is_on_command_line(context, "raw"):
        chosen["raw"] = False
    if is_on_command_line(context, "output") and not is_on_command_line(context, "in_place"):
        chosen["in_place"] = False
    return (
        None
        if is_on_command_line(context, "in_place") and not is_on_command_line(context, "output")
        else output
    )


def _to_stdout(root: Path, paths: tuple[Path, ...], style: Style, *, check: bool) -> None:
    if check:
        raise click.UsageError("--check compares files: add --in-place or --output FOLDER.")
    if len(paths) > 1 or paths[0].is_dir():
        raise click.UsageError("several pages need --in-place or --output FOLDER.")
    page = next(page_files.pages(paths, root))
    click.echo(page.content(_expand_page(page, style, root).lines), nl=False)


def _expand_page(page: Page, style: Style, root: Path) -> Expansion:
    def shown(fence: Fence, language: str) -> tuple[TabSet, ...]:
        sets = tab_sets(fence, open_project(root), language)
        texts = (tab.text for tab_set in sets for tab in tab_set.tabs)
        if style.form.syntax != "mdx" and not style.raw and any(map(TEMPLATE_MARK.search, texts)):
            click.echo(
                f"{page.place}: a sample contains `{{{{`, `{{%` or `{{#`; if mkdocs-macros or "
                "Jekyll processes the page, use --raw.",
                err=True,
            )
        return sets

    return expanded(page.lines, style, shown, page.place)


def _expanded_pages(
    root: Path, paths: tuple[Path, ...], style: Style, output: Path | None
) -> Iterator[ExpandedPage]:
    """Yield the pages that are named, and those in a folder that have a fence.

    Raises:
        InputError: no page has a fence.
    """
    named = {path for path in paths if not path.is_dir()}
    count = 0
    for page in page_files.pages(paths, root):
        expansion = _expand_page(page, style, root)
        if not expansion.count and page.path not in named:
            continue
        count += 1
        if output is not None:
            yield _page_in_output(page, expansion, style, output, root)
            continue
        suffixes = style.form.suffixes
        if expansion.count and page.path.suffix not in suffixes:
            message = f"{style.form.title} reads tabs in {suffixes[0]} files; rename the page."
            raise located(page.place, None, message)
        overwritten = f"line {expansion.edited[0].number}" if expansion.edited else ""
        on_disk = page.path.read_bytes()
        yield ExpandedPage(
            page.path, page.place, page.content(expansion.lines), on_disk, overwritten
        )
    if not count:
        raise InputError(f"{', '.join(map(str, paths))}: no page has a `tabproof` fence.")


def _page_in_output(
    page: Page, expansion: Expansion, style: Style, output: Path, root: Path
) -> ExpandedPage:
    path = page_files.target(page, output, style.form)
    start = behind_front_matter(expansion.lines)
    expected = page.content(page_files.with_notice(expansion.lines, page, style.form, start))
    on_disk = path.read_bytes() if path.is_file() else None
    overwritten = "" if on_disk is None or page_files.unprotected(on_disk) else "it"
    return ExpandedPage(path, shown_path(path.resolve(), root), expected, on_disk, overwritten)


def _report(changed: list[ExpandedPage], count: int) -> None:
    for page in changed:
        click.echo(page.diff(), nl=False)
    if changed:
        names = ", ".join(page.place for page in changed)
        raise TabproofError(f"{names}: not current; run `{shlex.join(_repair_command())}`.")
    click.echo(f"{pluralize(count, 'page')} current", err=True)


def _repair_command() -> Iterator[str]:
    """Yield the words of the command that writes what --check compares with."""
    context = click.get_current_context()
    yield "tabproof"
    program = context.find_root()
    if is_on_command_line(program, "root"):
        yield from ("--root", str(program.params["root"]))
    yield from ("expand", "--format", context.params["form"])
    if context.params["in_place"]:
        yield "--in-place"
    else:
        yield from ("--output", str(context.params["output"]))
    if context.params["raw"]:
        yield "--raw"
    if context.params["lang"]:
        yield from ("--lang", context.params["lang"])
    yield from map(str, context.params["paths"])


def _write(changed: list[ExpandedPage], count: int, *, overwrite: bool) -> None:
    overwritten = [page for page in changed if page.overwritten]
    if overwritten and not overwrite:
        click.echo("".join(page.diff() for page in overwritten), nl=False)
        names = ", ".join(page.place for page in overwritten)
        raise TabproofError(
            f"{names}: edited by hand since `tabproof expand` wrote it; move the edit "
            "elsewhere, or add --overwrite to lose it."
        )
    for page in changed:
        write_if_changed(page.path, page.expected)
        click.echo(f"wrote {page.place}")
    click.echo(f"{pluralize(count, 'page')}, {len(changed)} changed", err=True)
