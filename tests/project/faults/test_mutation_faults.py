"""The message for each fault in the mutations of a language and in their kinds."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.project.faults.fault import INPUTS, Fault, below, parametrize

from tabproof.errors import InputError
from tabproof.project import mutations

RIGHT_KINDS = (INPUTS / "right-kinds.yml").read_text(encoding="utf-8")
RIGHT = (INPUTS / "right-mutations.yml").read_text(encoding="utf-8")
KINDS = "templates/mutations.yml"
MUTATIONS = "templates/ruby/mutations.yml"

KNOWN = "choose milliseconds or no-timeout."

# One row per fault: the edit and its line, then the message; the formatter would make it seven.
# fmt: off
KIND_FAULTS = [
    Fault("key-unknown", ("milliseconds., ", "milliseconds., severity: high, "), 2,
          "unknown key 'severity'; choose case, reason or seen."),
    Fault("kind-called-with-a-space", ("no-timeout", "no timeout"), 3,
          "`kinds`: a key is lower-case words joined by hyphens; got the string 'no timeout'."),
    Fault("kind-twice",
          below("no-timeout: {reason: A client waits forever., case: hang, seen: timeout}",
                ("  milliseconds: {reason: A clock counts milliseconds., "
                 "case: success, seen: milliseconds}")), 4,
          "the key `milliseconds` is given twice; remove one."),
    Fault("kind-without-a-case", ("case: hang, ", ""), 3,
          "`kinds.no-timeout` lacks the key 'case'."),
    Fault("kind-without-a-reason", ("reason: A clock counts milliseconds., ", ""), 2,
          "`kinds.milliseconds` lacks the key 'reason'."),
    Fault("kinds-none", "kinds: {}\n", 1,
          "`kinds`: expected a mapping that is not empty; got an empty mapping."),
    Fault("seen-is-no-pattern", ("seen: milliseconds", "seen: ("), 2,
          "`(` is not a regular expression: missing ), unterminated subpattern at position 0."),
    Fault("seen-sees-everything", ("seen: timeout", "seen: .*"), 3,
          "this pattern matches every text."),
]

FAULTS = [
    Fault("file-is-a-list", "- kind: milliseconds\n", 1,
          "the file: expected a mapping; got a list of 1."),
    Fault("find-is-a-number", ('find: "timeout: 10"', "find: 10"), 9,
          "`mutations[1].find`: expected a string that is not empty; got 10."),
    Fault("find-is-empty", ("find: Time.now.to_i", 'find: ""'), 4,
          "`mutations[0].find`: expected a string that is not empty; got the string ''."),
    Fault("find-missing", ("    find: Time.now.to_i\n", ""), 2,
          "`mutations[0]` lacks the key 'find'."),
    Fault("key-unknown", ("find: Time.now.to_i", "fnd: Time.now.to_i"), 4,
          "unknown key 'fnd'; choose case, find, kind, occurrence, replace, seen, step or "
          "variants."),
    Fault("kind-unknown-in-without",
          ("without:\n  - kind: no-timeout", "without:\n  - kind: timeout"), 12,
          f"unknown kind 'timeout'; {KNOWN}"),
    Fault("kind-unknown", ("kind: milliseconds", "kind: miliseconds"), 2,
          f"unknown kind 'miliseconds'; {KNOWN}"),
    Fault("mutation-and-without", ("[stdlib]", "[library, stdlib]"), None,
          "kind 'no-timeout' has both a mutation and an entry under `without` in library."),
    Fault("mutation-missing",
          (("  - kind: milliseconds\n    step: token\n    find: Time.now.to_i\n"
            "    replace: Time.now.to_f\n"),
           ""), None,
          "kind 'milliseconds' has neither a mutation nor an entry under `without` in library."),
    Fault("mutations-none", "mutations: []\n", 1,
          "`mutations`: expected a list that is not empty; got an empty list."),
    Fault("occurrence-in-quotes", below("replace: Time.now.to_f", '    occurrence: "2"'), 6,
          "`mutations[0].occurrence`: expected an integer above 0; got the string '2'."),
    Fault("occurrence-zero", below("replace: Time.now.to_f", "    occurrence: 0"), 6,
          "`mutations[0].occurrence`: expected an integer above 0; got 0."),
    Fault("replace-missing", ('    replace: ""\n', ""), 6,
          "`mutations[1]` lacks the key 'replace'."),
    Fault("replaced-by-itself", ("Time.now.to_f", "Time.now.to_i"), 2,
          "replaces a text by itself."),
    Fault("seen-is-no-pattern", below("replace: Time.now.to_f", '    seen: "["'), 6,
          "`[` is not a regular expression: unterminated character set at position 0."),
    Fault("step-unknown", ("step: token", "step: tokens"), 3,
          "`mutations[0].step`: unknown value 'tokens'; choose credentials, install, request, "
          "response or token."),
    Fault("variant-unknown", ("[library]", "[libary]"), 7,
          "`mutations[1].variants[0]`: unknown value 'libary'; choose library or stdlib."),
    Fault("variants-is-a-word", ("[library]", "library"), 7,
          "`mutations[1].variants`: expected a list; got the string 'library'."),
    Fault("without-a-reason", ("    reason: It has none.\n", ""), 12,
          "`without[0]` lacks the key 'reason'."),
]
# fmt: on


def test_the_mutations_that_are_edited_here_are_right_themselves(project: Path) -> None:
    assert len(mutations.read_mutations(project, ["ruby"]).rows["ruby"]) == 2


@parametrize(KIND_FAULTS)
def test_a_fault_in_the_kinds_of_mutations_is_reported_in_one_line(
    fault: Fault, project: Path
) -> None:
    (project / KINDS).write_text(fault.apply_to(RIGHT_KINDS), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        mutations.read_mutations(project, ["ruby"])
    assert str(caught.value) == fault.located(KINDS)


@parametrize(FAULTS)
def test_a_fault_in_the_mutations_of_a_language_is_reported_in_one_line(
    fault: Fault, project: Path
) -> None:
    (project / MUTATIONS).write_text(fault.apply_to(RIGHT), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        mutations.read_mutations(project, ["ruby"])
    assert str(caught.value) == fault.located(MUTATIONS)
