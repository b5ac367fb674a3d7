"""Pick the scenario of a command, and read its credentials from the environment."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tabproof.errors import InputError, ScenarioFaultsError, choose
from tabproof.model.catalog import NO_SCENARIO, Catalog
from tabproof.model.scenario import Scenario


def refuse_no_scenario(catalog: Catalog, settled: Collection[str] = ()) -> None:
    """Refuse a project that has nothing to render, which is more likely a mistake than intended.

    Args:
        catalog: the project's templates and scenarios.
        settled: the names of scenarios that were left out of it.

    Raises:
        InputError: there is no scenario, not even one with a fault.
    """
    if not (catalog.scenarios or catalog.faults or settled):
        raise InputError(NO_SCENARIO)


def pick_scenario(catalog: Catalog, name: str | None, environment: Mapping[str, str]) -> Scenario:
    """Return the named scenario, or the only one, or the only one whose variables are set.

    Raises:
        InputError: it is unknown or has a fault, or more than one could be meant.
    """
    scenarios = catalog.scenarios
    refuse_no_scenario(catalog)
    if name is not None and name not in scenarios:
        if faults := catalog.faults_of(name):
            raise ScenarioFaultsError(faults)
        raise InputError(f"unknown scenario '{name}'; {choose(scenarios, name)}.")
    if name is not None:
        return scenarios[name]
    usable = [s for s in scenarios.values() if not unset_variables(s, environment)]
    if len(usable) == 1:
        return usable[0]
    if catalog.faults:  # it may be one of these
        raise ScenarioFaultsError([fault.error for fault in catalog.faults])
    if len(scenarios) == 1:
        return next(iter(scenarios.values()))
    why = f"the variables of {'more than one' if usable else 'no'} scenario"
    raise InputError(f"{why} are set; name one with --scenario: {choose(scenarios)}.")


def unset_variables(scenario: Scenario, environment: Mapping[str, str]) -> list[str]:
    """Return the variables of a scenario's credentials that are unset or empty."""
    names = (credential.environment for credential in scenario.credentials.values())
    return [name for name in names if not environment.get(name)]


def read_credentials(scenario: Scenario, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the credentials, environment variable -> value.

    Raises:
        InputError: one is unset or empty.
    """
    if names := unset_variables(scenario, environment):
        verb = "is" if len(names) == 1 else "are"
        raise InputError(
            f"{' and '.join(names)} {verb} not set; set the credentials of scenario "
            f"{scenario.name} in the environment."
        )
    names = [credential.environment for credential in scenario.credentials.values()]
    return {name: environment[name] for name in names}
