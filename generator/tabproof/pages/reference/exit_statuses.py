"""The exit statuses of the command line, as an HTML table. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from jinja2 import Environment, StrictUndefined

from tabproof.errors import ExitStatus

TABLE = """\
<table>
<thead>
<tr><th scope="col">Exit status</th><th scope="col">Meaning</th></tr>
</thead>
<tbody>
{% for status in statuses %}
<tr><th scope="row">{{ status.value }}</th><td>
{{- status.meaning[0] | upper }}{{ status.meaning[1:] }}
{{- ": " ~ status.detail if status.detail }}.</td></tr>
{% endfor %}
</tbody>
</table>"""

_environment = Environment(autoescape=True, trim_blocks=True, undefined=StrictUndefined)


def table(statuses: Iterable[ExitStatus] = ExitStatus) -> str:
    """Return a row for each exit status with what it means."""
    return _environment.from_string(TABLE).render(statuses=statuses)
