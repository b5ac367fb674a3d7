"""`tabproof prove --executor`: which machines make the runs."""

from __future__ import annotations

import re
from functools import partial

from tabproof.errors import InputError, MachineError
from tabproof.proof.run import local
from tabproof.proof.run.local import Runner

LOCAL, DASK = "local", "dask"
ADDRESS = re.compile(
    r"(?:[a-z][a-z+]*://)?[^\s/:@]+:\d{1,5}|(?:[a-z][a-z+]*://)?\[[0-9a-f:]+\]:\d{1,5}"
)
"""Where a scheduler listens: `HOST:PORT`, with or without its protocol."""


def runner_of(wanted: str, jobs: int | None) -> Runner:
    """What makes the runs.

    Args:
        wanted: `local`, `dask` or `dask:ADDRESS`.
        jobs: how many runs may compute at the same time on this machine; `runs.at_once` if None.

    Raises:
        InputError: there is no such executor.
        MachineError: Dask is not installed.
    """
    name, colon, address = wanted.partition(":")
    if wanted == LOCAL:
        return partial(local.run_locally, processors=jobs)
    if name != DASK or (colon and not ADDRESS.fullmatch(address)):
        raise InputError(
            f"--executor {wanted}: choose local, dask or dask:HOST:PORT, such as "
            "dask:tcp://10.0.0.1:8786."
        )
    try:
        from tabproof.proof.run import cluster  # noqa: PLC0415 - Dask is an extra
    except ModuleNotFoundError as error:
        raise MachineError(
            f"--executor dask: {error.name} is not installed; run `pip install 'tabproof[dask]'`."
        ) from error
    return cluster.cluster_runner(address)
