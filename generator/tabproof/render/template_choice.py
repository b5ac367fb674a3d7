"""Choose a sample's templates: those of its variant where there are any. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable

from tabproof.errors import ScenarioError
from tabproof.model.language import Language, Variant
from tabproof.model.scenario import Step, TokenPlan
from tabproof.render.compatibility import variant_label


class NoTemplateError(ScenarioError):
    """Report that a language has no template for something; it says for which variant."""


class TemplateChoice:
    """Choose the templates of a language for a variant."""

    def __init__(self, known: Container[str], language: Language, variant: Variant) -> None:
        """Keep what to choose from.

        Args:
            known: the names of all templates.
            language: the language.
            variant: the variant.
        """
        self._known = known
        self._language, self._variant = language, variant
        self._suffix = language.data.file_name.rpartition(".")[2]
        self._needs: dict[str, tuple[str, str]] = {}

    def sample(self) -> str:
        """Return the template of the whole sample."""
        return self._first("sample")

    def step(self, step: Step) -> str:
        """Return the template of a step.

        Raises:
            NoTemplateError: there is none.
        """
        name = self._first(f"step-{step.kind}")
        if name not in self._known:
            raise self._missing(name, f"a step of the kind {step.kind}", f"$.{step.name}")
        return name

    def parts(self, step: Step) -> dict[str, list[str]]:
        """Return the parts that a step's template may include, each as the names to look for."""
        plan = step.plan
        if isinstance(plan, TokenPlan):
            encoding, algorithm = plan.signing_key.encoding, plan.algorithm
            where = f"$.{step.name}.signing_key.encoding"
            by_algorithm = f"algorithm {algorithm}", f"$.{step.name}.algorithm"
            return {
                "sign_template": self._part(f"sign-{plan.family}", *by_algorithm),
                "key_template": self._part(f"key-{plan.family}", *by_algorithm),
                "decode_template": self._part(
                    f"decode-{encoding}", f"{encoding} signing keys", where
                ),
            }
        return {"body_template": self._part("body-json", "a JSON body", f"$.{step.name}.body")}

    def refusal(self, names: Iterable[str]) -> NoTemplateError:
        """Return the error of a part that the language has no template for."""
        name = next(iter(names))
        return self._missing(name, *self._needs.get(name, ("this", "")))

    def _part(self, name: str, need: str, place: str) -> list[str]:
        names = self._names(name)
        self._needs[names[0]] = (need, place)
        return names

    def _names(self, name: str) -> list[str]:
        """Return the name of a variant's own template, and of the language's."""
        folder, end = self._language.name, f"{self._suffix}.jinja"
        return [f"{folder}/{name}-{self._variant}.{end}", f"{folder}/{name}.{end}"]

    def _first(self, name: str) -> str:
        names = self._names(name)
        return next((each for each in names if each in self._known), names[-1])

    def _missing(self, name: str, need: str, place: str) -> NoTemplateError:
        label = variant_label(self._language, self._variant)
        return NoTemplateError(f"{label}: no template for {need}; write templates/{name}.", place)
