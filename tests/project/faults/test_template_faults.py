"""The message for each fault in a template."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import Result
from tests.project.faults.fault import INPUTS, Fault, parametrize

RIGHT = (INPUTS / "right-template.jinja").read_text(encoding="utf-8")
PATH = "templates/ruby/token-library-HS256.rb.jinja"

COMMENT = (
    "list-users, ruby, library: `{#` begins a comment here; write a blank after it where a "
    "comment is "
    "meant, and `{{ '{#' }}` where the characters are."
)

OTHER_SAMPLE = "samples/list-users/stdlib/list_users.rb: not proved for its present bytes\n"
NOT_PUBLISHABLE = "tabproof: 1 sample is not publishable; run `tabproof prove --record`.\n"
"""What the same command reports of the sample without a fault, which nobody has proved."""

# One row per fault: the edit and its line, then the message; the formatter would make it seven.
# fmt: off
FAULTS = [
    Fault("attribute-unknown", ("token = 1", "token = {{ scenario.titel }}"), 9,
          "list-users, ruby, library: 'tabproof.model.scenario.Scenario object' has no attribute "
          "'titel'."),
    Fault("base-is-itself", ("ruby/sample", "ruby/token-library-HS256"), 1,
          "list-users, ruby, library: it extends or includes itself endlessly."),
    Fault("base-missing", ("ruby/sample", "ruby/nowhere"), 1,
          "list-users, ruby, library: there is no template 'ruby/nowhere.rb.jinja'."),
    Fault("bash-length-alone", ("token = 1", 'echo "${#key}"'), 9, COMMENT),
    Fault("bash-length-and-an-end-of-comment",
          ("token = 1\n", 'echo "${#x}"; y=1 #}\nx\necho ${name#}\n'), 9,
          COMMENT),
    Fault("block-left-open", ("token = 1\n{% endblock %}\n", "token = 1\n"), 9,
          "list-users, ruby, library: Unexpected end of template. Jinja was looking for the "
          "following tags: "
          "'endblock'. The innermost block that needs to be closed is 'block'."),
    Fault("block-that-nothing-shows",
          ("token = 1\n", "token = 'x'\n{% endblock %}\n{% block tokn %}\ntoken = 'y'\n"), 11,
          "list-users, ruby, library: no template before has a block 'tokn' to fill; choose "
          "credentials, "
          "imports, install, needs, request, response or token."),
    Fault("csharp-braces", ("token = 1", 'var x = $"{{\\"alg\\"}}";'), 9,
          "list-users, ruby, library: unexpected char '\\\\'."),
    Fault("division-by-zero", ("token = 1", "token = {{ 1 // 0 }}"), 9,
          "list-users, ruby, library: ZeroDivisionError: integer division or modulo by zero."),
    Fault("expression-left-open", ("token = 1", "token = {{ scenario.title }"), 9,
          "list-users, ruby, library: unexpected '}'."),
    Fault("filter-unknown", ("token = 1", "token = {{ scenario.title | literl }}"), 9,
          "list-users, ruby, library: No filter named 'literl'."),
    Fault("lone-surrogate", ("token = 1", 'token = {{ "\\ud800" }}'), None,
          "list-users, ruby, library: it writes a lone surrogate, which is not a character."),
    Fault("merge-conflict", ("token = 1", "<<<<<<< HEAD"), 9,
          "a merge conflict begins here; resolve it."),
    Fault("name-undefined", ("token = 1", "token = {{ scenaro.title }}"), 9,
          "list-users, ruby, library: 'scenaro' is undefined."),
    Fault("tag-unknown", ("token = 1\n{% endblock %}\n", "token = 1\n{% endblok %}\n"), 10,
          "list-users, ruby, library: Encountered unknown tag 'endblok'. Jinja was looking for "
          "the following "
          "tags: 'endblock'. The innermost block that needs to be closed is 'block'."),
]
# fmt: on


@parametrize(FAULTS)
def test_a_fault_in_a_template_is_reported_in_one_line_with_its_place(
    fault: Fault, project: Path, tabproof: Callable[..., Result]
) -> None:
    (project / PATH).write_text(fault.apply_to(RIGHT), encoding="utf-8")
    result = tabproof("check")
    goes_on = fault.message.startswith("list-users, ruby, library: ")
    message = f"tabproof: {fault.located(PATH)}\n"
    assert result.stderr == (NOT_PUBLISHABLE + message if goes_on else message)
    assert result.stdout == (OTHER_SAMPLE if goes_on else "")
    assert result.exit_code == 2
