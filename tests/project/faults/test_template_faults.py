"""The message for each fault in a template."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import Result
from tests.project.faults.fault import Fault, parametrize

RIGHT = """\
{% extends "ruby/step-request.rb.jinja" %}
{% block request %}
{{ "require 'json'" | uses }}
# In place of all that the packaged template does,
# a constant.
{{ "require 'net/http'" | uses }}

url = {{ step.url | literal }}
response = 1
{% endblock %}
"""
PATH = "templates/ruby/step-request-library.rb.jinja"

COMMENT = (
    "list-users, ruby, library: `{#` begins a comment here; write a blank after it where a "
    "comment is "
    "meant, and `{{ '{#' }}` where the characters are."
)

LOOKS = (
    "a template may not look at a value, only at whether it is there; print it, or give it to a "
    "filter that writes values."
)

OTHER_SAMPLE = "samples/list-users/stdlib/list_users.rb: not proved for its present bytes\n"
NOT_PUBLISHABLE = "tabproof: 1 sample is not publishable; run `tabproof prove --record`.\n"
"""What the same command reports of the sample without a fault, which nobody has proved."""

# One row per fault: the edit and its line, then the message; the formatter would make it seven.
# fmt: off
FAULTS = [
    Fault("attribute-unknown", ("response = 1", "response = {{ scenario.titel }}"), 9,
          "list-users, ruby, library: a scenario has no 'titel'."),
    Fault("base-is-itself", ("step-request.", "step-request-library."), 1,
          "list-users, ruby, library: it extends or includes itself endlessly."),
    Fault("base-missing", ("step-request.", "nowhere."), 1,
          "list-users, ruby, library: there is no template 'ruby/nowhere.rb.jinja'."),
    Fault("bash-length-alone", ("response = 1", 'echo "${#key}"'), 9, COMMENT),
    Fault("bash-length-and-an-end-of-comment",
          ("response = 1\n", 'echo "${#x}"; y=1 #}\nx\necho ${name#}\n'), 9,
          COMMENT),
    Fault("block-left-open", ("response = 1\n{% endblock %}\n", "response = 1\n"), 8,
          "list-users, ruby, library: Unexpected end of template. Jinja was looking for the "
          "following tags: "
          "'endblock'. The innermost block that needs to be closed is 'block'."),
    Fault("block-that-nothing-shows",
          ("response = 1\n", "x = 2\n{% endblock %}\n{% block respons %}\ny = 3\n"), 11,
          "list-users, ruby, library: no template before has a block 'respons' to fill; choose "
          "request or response."),
    Fault("csharp-braces", ("response = 1", 'var x = $"{{\\"alg\\"}}";'), 9,
          "list-users, ruby, library: unexpected char '\\\\'."),
    Fault("division-by-zero", ("response = 1", "response = {{ 1 // 0 }}"), 9,
          "list-users, ruby, library: ZeroDivisionError: integer division or modulo by zero."),
    Fault("expression-left-open", ("response = 1", "response = {{ scenario.title }"), 9,
          "list-users, ruby, library: unexpected '}'."),
    Fault("filter-unknown", ("response = 1", "response = {{ scenario.title | literl }}"), 9,
          "list-users, ruby, library: No filter named 'literl'."),
    Fault("lone-surrogate", ("response = 1", 'response = {{ "\\ud800" }}'), None,
          "list-users, ruby, library: it writes a lone surrogate, which is not a character."),
    Fault("merge-conflict", ("response = 1", "<<<<<<< HEAD"), 9,
          "a merge conflict begins here; resolve it."),
    Fault("name-undefined", ("response = 1", "response = {{ scenaro.title }}"), 9,
          "list-users, ruby, library: 'scenaro' is undefined."),
    Fault("member-by-number", ("response = 1", "response = {{ step.headers[0] }}"), 9,
          "list-users, ruby, library: tabproof.render.views.Members object has no element 0."),
    Fault("part-missing", ("response = 1", "{% include 'ruby/nowhere.rb.jinja' %}"), 9,
          "list-users, ruby, library: there is no template 'ruby/nowhere.rb.jinja'."),
    Fault("section-empty", ("response = 1\n{% endblock %}\n",
          "response = 1\n{% endblock %}\n{% block response %}\n{% endblock %}\n"), None,
          "list-users, ruby, library: the section 'response' is empty; fill its block in "
          "templates/ruby/."),
    Fault("tag-unknown", ("response = 1\n{% endblock %}\n", "response = 1\n{% endblok %}\n"), 10,
          "list-users, ruby, library: Encountered unknown tag 'endblok'. Jinja was looking for "
          "the following "
          "tags: 'endblock'. The innermost block that needs to be closed is 'block'."),
    Fault("value-compared", ("response = 1", "response = {{ step.url == 'x' }}"), 9,
          f"list-users, ruby, library: {LOOKS}"),
    Fault("value-in-a-condition", ("response = 1", "{% if step.url %}response = 1{% endif %}"), 9,
          f"list-users, ruby, library: {LOOKS}"),
    Fault("value-measured", ("response = 1", "response = {{ step.url | length }}"), 9,
          "list-users, ruby, library: 'length' looks at a value, which a template may "
          "not."),
    Fault("width-missing", ("response = 1", "{% fits %}response = 1{% else %}2{% endfits %}"), 9,
          "list-users, ruby, library: expected token 'integer', got 'end of statement block'."),
    Fault("ways-missing", ("response = 1", "{% fits 80 %}response = 1{% endfits %}"), 9,
          "list-users, ruby, library: Encountered unknown tag 'endfits'. Jinja was looking for the "
          "following tags: 'else'. The innermost block that needs to be closed is 'fits'."),
]
# fmt: on


@parametrize(FAULTS)
def test_a_fault_in_a_template_is_reported_in_one_line_with_its_place(
    fault: Fault, project: Path, tabproof: Callable[..., Result]
) -> None:
    (project / PATH).write_text(fault.apply_to(RIGHT), encoding="utf-8")
    result = tabproof("check")
    goes_on = fault.message.startswith("list-users, ruby, library: ")
    # What all templates of a sample have written together is in no line of one of them.
    message = f"tabproof: {fault.located(PATH) if fault.line else fault.message}\n"
    assert result.stderr == (NOT_PUBLISHABLE + message if goes_on else message)
    assert result.stdout == (OTHER_SAMPLE if goes_on else "")
    assert result.exit_code == 2
