"""`tabproof serve`: the mock API for a reader's own experiments."""

from __future__ import annotations

import os
import secrets
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tabproof.cli import complete_values
from tabproof.cli.handle_errors import handle_errors
from tabproof.cli.help_text import epilog
from tabproof.cli.pick_scenario import pick_scenario, unset_variables
from tabproof.errors import ExitStatus
from tabproof.model.scenario import Scenario
from tabproof.project import catalog_reader
from tabproof.sandbox.certificates import Certificates
from tabproof.sandbox.local_server import ADDRESS, Server
from tabproof.system.temporary_folders import temporary_folder

SECRET_BYTES = 32


@click.command(
    epilog=epilog(
        {
            ExitStatus.INVALID_INPUT: "",
            ExitStatus.UNABLE: "the port is taken",
            ExitStatus.INTERRUPTED: "",
        },
        "tabproof serve",
        "tabproof serve --port 0 --tls",
    )
)
@click.option(
    "--scenario",
    "name",
    shell_complete=complete_values.scenarios,
    help="The scenario whose API it plays.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="Where to listen; 0 takes a free port.",
)
@click.option(
    "--tls/--no-tls", help="Speak HTTPS, with a certificate of its own authority. Default: no."
)
@click.pass_obj
@handle_errors
def serve(root: Path, /, *, name: str | None, port: int, tls: bool) -> None:
    """Play the API on this machine, and say of each token that is refused what is wrong with it.

    Credentials come from the scenario's environment variables; what is not set is made up, and
    how to set it is printed. Each exchange is a line on stdout; a refused one has the header
    X-Tabproof-Diagnosis. Ctrl-C stops it.
    """
    scenario = pick_scenario(catalog_reader.load(root), name, os.environ)
    credentials = _credentials(scenario)
    with (
        _tls_context(scenario, tls=tls) as (context, authority),
        Server(scenario, credentials, port, context, _print_exchange) as server,
    ):
        origin = f"http{'s' if tls else ''}://{ADDRESS}:{server.port}"
        if authority:
            click.echo(f"Trust this authority, for example curl --cacert {authority}", err=True)
        click.echo(
            f"{scenario.title}: {scenario.request.method} {origin}{scenario.request.target} "
            "(Ctrl-C stops)",
            err=True,
        )
        server.serve()


def _print_exchange(line: str) -> None:
    printable = "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)
    click.echo(f"{time.strftime('%H:%M:%S')} {printable}")


def _credentials(scenario: Scenario) -> dict[str, str]:
    """The credentials of the environment; what is missing is made up and printed."""
    lacking = unset_variables(scenario, os.environ)
    made_up = {
        whole.environment: whole.encode(lambda _: f"made-up-{secrets.token_hex(SECRET_BYTES)}")
        for whole in scenario.credentials.values()
        if whole.environment in lacking
    }
    if made_up:
        click.echo("Made-up credentials for this server; in the other terminal:", err=True)
    for variable, value in made_up.items():
        click.echo(f"  export {variable}={value}", err=True)
    names = [credential.environment for credential in scenario.credentials.values()]
    return {variable: made_up.get(variable) or os.environ[variable] for variable in names}


@contextmanager
def _tls_context(scenario: Scenario, *, tls: bool) -> Iterator[tuple[ssl.SSLContext | None, str]]:
    """The certificate's context, and the file with the authority that it is by."""
    if not tls:
        yield None, ""
        return
    certificates = Certificates()
    with temporary_folder("tabproof-serve-") as folder:
        authority = Path(folder, "authority.pem")
        certificates.write_bundle(authority)
        hosts = (ADDRESS, "localhost", scenario.request.host)
        yield certificates.context("trusted", hosts), str(authority)
