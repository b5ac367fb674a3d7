"""`tabproof serve`: run the mock API for experiments."""

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
from tabproof.errors import ExitStatus, printable
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
            ExitStatus.UNABLE: "the port is already in use",
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
    help="The scenario whose API is mocked.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="The port to listen on; 0 picks a free one.",
)
@click.option(
    "--tls/--no-tls", help="Serve HTTPS, with a certificate of its own authority. Default: no."
)
@click.pass_obj
@handle_errors
def serve(root: Path, /, *, name: str | None, port: int, tls: bool) -> None:
    """Run the mock API on this machine, and explain why a token is rejected.

    Credentials are read from the scenario's environment variables. For those that are not set,
    random values are used, and the commands that set them are printed. Each request is logged in
    a line on stdout; the response to a rejected one has the header X-Tabproof-Diagnosis. Ctrl-C
    stops the server.
    """
    scenario = pick_scenario(catalog_reader.load(root), name, os.environ)
    credentials = _credentials(scenario)
    with (
        _tls_context(scenario, tls=tls) as (context, authority),
        Server(scenario, credentials, port, context, _print_exchange) as server,
    ):
        origin = f"http{'s' if tls else ''}://{ADDRESS}:{server.port}"
        if authority:
            click.echo(
                f"Clients must trust this authority, for example curl --cacert {authority}",
                err=True,
            )
        click.echo(
            f"{scenario.title}: {scenario.request.method} {origin}{scenario.request.target} "
            "(Ctrl-C stops)",
            err=True,
        )
        server.serve()


def _print_exchange(line: str) -> None:
    click.echo(f"{time.strftime('%H:%M:%S')} {printable(line)}")


def _credentials(scenario: Scenario) -> dict[str, str]:
    """Return the credentials of the environment; print random values for those that are unset."""
    unset = unset_variables(scenario, os.environ)
    made_up = {
        credential.environment: credential.encode(
            lambda _: f"made-up-{secrets.token_hex(SECRET_BYTES)}"
        )
        for credential in scenario.credentials.values()
        if credential.environment in unset
    }
    if made_up:
        click.echo("Random credentials for this server; in the other terminal, run:", err=True)
    for variable, value in made_up.items():
        click.echo(f"  export {variable}={value}", err=True)
    names = [credential.environment for credential in scenario.credentials.values()]
    return {variable: made_up.get(variable) or os.environ[variable] for variable in names}


@contextmanager
def _tls_context(scenario: Scenario, *, tls: bool) -> Iterator[tuple[ssl.SSLContext | None, str]]:
    """Yield the TLS context, and the file with the certificate of its authority."""
    if not tls:
        yield None, ""
        return
    certificates = Certificates()
    with temporary_folder("tabproof-serve-") as folder:
        authority = Path(folder, "authority.pem")
        certificates.write_bundle(authority)
        hosts = (ADDRESS, "localhost", scenario.request.host)
        yield certificates.context("trusted", hosts), str(authority)
