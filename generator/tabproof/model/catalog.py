"""Everything that is known before a sample is rendered."""

from __future__ import annotations

import msgspec

from tabproof.model.case import CasesShape
from tabproof.model.language import Language
from tabproof.model.scenario import Scenario


class Catalog(msgspec.Struct, frozen=True):
    """A project's scenarios, languages, cases and templates.

    Attributes:
        languages: in the order of the tabs.
        sources: template name (`ruby/sample.rb.jinja`) -> its text.
        places: template name -> the file it came from, as messages show it.
    """

    scenarios: dict[str, Scenario]
    languages: dict[str, Language]
    cases: CasesShape
    sources: dict[str, str]
    places: dict[str, str]
