"""Which scenario a command is about, and its credentials, by the environment."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tabproof.errors import InputError, ScenarioFaultsError, choose
from tabproof.model.catalog import NO_SCENARIO, Catalog
from tabproof.model.scenario import Scenario


def refuse_no_scenario(known: Catalog, settled: Collection[str] = ()) -> None:
    """Refuse a project that has nothing to render: that is more likely a slip than meant.

    Args:
        known: what its templates say.
        settled: the names of scenarios that were left out of it.

    Raises:
        InputError: there is no scenario, and no file that is one but for a fault.
    """
    if not (known.scenarios or known.faults or settled):
        raise InputError(NO_SCENARIO)


def pick_scenario(known: Catalog, name: str | None, environment: Mapping[str, str]) -> Scenario:
    """The scenario that is named, or the only one, or the one whose variables are set.

    Raises:
        InputError: there is no such scenario, it is not right, or more than one could be meant.
    """
    scenarios = known.scenarios
    refuse_no_scenario(known)
    if name is not None and name not in scenarios:
        if faults := known.faults_of(name):
            raise ScenarioFaultsError(faults)
        raise InputError(f"unknown scenario '{name}'; {choose(scenarios, name)}.")
    if name is not None:
        return scenarios[name]
    fitting = [s for s in scenarios.values() if not unset_variables(s, environment)]
    if len(fitting) == 1:
        return fitting[0]
    if known.faults:  # perhaps it is one of these
        raise ScenarioFaultsError([fault.error for fault in known.faults])
    if len(scenarios) == 1:
        return next(iter(scenarios.values()))
    why = f"the variables of {'more than one' if fitting else 'no'} scenario"
    raise InputError(f"{why} are set; name one with --scenario: {choose(scenarios)}.")


def unset_variables(scenario: Scenario, environment: Mapping[str, str]) -> list[str]:
    """The variables of a scenario's credentials that are unset or empty."""
    names = (credential.environment for credential in scenario.credentials.values())
    return [name for name in names if not environment.get(name)]


def read_credentials(scenario: Scenario, environment: Mapping[str, str]) -> dict[str, str]:
    """The credentials, environment variable -> value.

    Raises:
        InputError: one is unset or empty.
    """
    if names := unset_variables(scenario, environment):
        verb = "is" if len(names) == 1 else "are"
        raise InputError(
            f"{' and '.join(names)} {verb} not set; the token is checked with the key and the "
            f"secret of scenario {scenario.name}."
        )
    names = [credential.environment for credential in scenario.credentials.values()]
    return {name: environment[name] for name in names}
