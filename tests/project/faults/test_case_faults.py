"""The message for each fault in `cases.yml`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import Result
from tests.project.faults.fault import INPUTS, Fault, below, parametrize

RIGHT = (INPUTS / "right-cases.yml").read_text(encoding="utf-8")
PATH = "templates/cases.yml"

ACTS = (
    "`cases[0].server.acts[0]`: give exactly one of `answer`, `reply`, `wait`, `send` and `close`."
)

# One row per fault: the edit and its line, then the message; the formatter would make it seven.
# fmt: off
FAULTS = [
    Fault("act-with-none", below("reason: The API answers.", "    server: {acts: [{}]}"), 9, ACTS),
    Fault("act-with-two-keys",
          below("reason: The API answers.", "    server: {acts: [{answer: 200, close: cut}]}"), 9,
          ACTS),
    Fault("case-for-each-without-its-name", ("unset-{credential}", "unset"), None,
          "two cases have the name 'unset'."),
    Fault("case-twice",
          below("expect: answered",
                "  - name: success\n    reason: Once more.\n    expect: answered"), None,
          "two cases have the name 'success'."),
    Fault("case-with-a-space", ("name: success", "name: all is well"), 7,
          "`cases[0].name`: expected lower-case words joined by hyphens; got the string 'all is "
          "well'."),
    Fault("case-without-a-reason", ("    reason: The API answers.\n", ""), 7,
          "`cases[0]` lacks the key 'reason'."),
    Fault("case-without-an-outcome", ("    expect: answered\n", ""), 7,
          "`cases[0]` lacks the key 'expect'."),
    Fault("cases-none",
          (("cases:\n  - name: success\n    reason: The API answers.\n    expect: answered\n"
            "  - name: unset-{credential}\n    reason: A credential is not set.\n"
            '    for_each: credential\n    credentials: {"{credential}": null}\n'
            "    expect: no_credential\n"),
           "cases: []\n"), 6,
          "`cases`: expected a list that is not empty; got an empty list."),
    Fault("certificate-unknown",
          below("reason: The API answers.", "    server: {certificate: selfsigned}"), 9,
          "`cases[0].server.certificate`: unknown value 'selfsigned'; choose expired, "
          "no-authority, not-yet-valid, self-signed, trusted, unknown or wrong-host."),
    Fault("chunk-of-no-bytes",
          below("reason: The API answers.",
                "    server: {acts: [{answer: 200, delivery: {chunk_bytes: 0}}]}"), 9,
          "`cases[0].server.acts[0].delivery.chunk_bytes`: expected an integer above 0; got 0."),
    Fault("clock-without-a-time",
          below("reason: The API answers.", "    clock: {step_seconds: 1}"), 9,
          "`cases[0].clock` lacks the key 'at_seconds'."),
    Fault("credential-unknown", ('{"{credential}": null}', "{secret: null}"), None,
          "case 'unset-api_key': unknown credential 'secret'; choose api_key or api_secret."),
    Fault("exit-status-missing", ("exit_status: 0, ", ""), 4,
          "`outcomes.answered` lacks the key 'exit_status'."),
    Fault("exit-status-on", ("exit_status: 0", "exit_status: on"), 4,
          "`outcomes.answered.exit_status`: expected an integer; got the string 'on'."),
    Fault("for-each-unknown", ("for_each: credential", "for_each: claim"), 12,
          "`cases[1].for_each`: unknown value 'claim'; choose account, credential, encoded, "
          "signing_key, split or variable."),
    Fault("key-unknown",
          below("credential: tabproof-{name}-0123456789abcdef0123456789", "stderr_nevr: [x]"), 2,
          "unknown key 'stderr_nevr'; choose cases, client_headers, credential, other_hosts, "
          "outcomes or stderr_never."),
    Fault("outcome-silent-on-stderr", ('stderr: "", ', ""), 4,
          "`outcomes.answered`: give exactly one of `stderr` and `stderr_lines`."),
    Fault("outcome-unknown", ("expect: answered", "expect: answerd"), None,
          "case 'success': unknown outcome 'answerd'; choose answered or no_credential."),
    Fault("outcome-with-three-bounds", ("[1, 1]", "[1, 1, 2]"), 5,
          "`outcomes.no_credential.stderr_lines`: expected a list of 2; got a list of 3."),
    Fault("reason-is-a-number", ("reason: The API answers.", "reason: 404"), 8,
          "`cases[0].reason`: expected a string; got 404."),
    Fault("reply-status-600",
          below("reason: The API answers.", "    server: {acts: [{reply: {status: 600}}]}"), 9,
          "`cases[0].server.acts[0].reply.status`: expected an integer from 100 to 599 or "
          "'other-success' or 'success'; got 600."),
    Fault("requests-negative", ("requests: 0", "requests: -1"), 5,
          "`outcomes.no_credential.requests`: expected an integer of at least 0; got -1."),
    Fault("stderr-never-empty", ("[Traceback]", "[]"), 2,
          "`stderr_never`: expected a list that is not empty; got an empty list."),
    Fault("traced-yes", below("reason: The API answers.", "    traced: yes"), 9,
          "`cases[0].traced`: expected true or false; got the string 'yes'."),
    Fault("wait-in-seconds",
          below("reason: The API answers.", "    server: {acts: [{wait: 20}]}"), 9,
          "`cases[0].server.acts[0].wait`: unknown value 20; choose past-timeout."),
    Fault("yaml-merge-conflict", below("cases:", "<<<<<<< HEAD"), 7,
          "a merge conflict begins here; resolve it."),
]
# fmt: on


@parametrize(FAULTS)
def test_a_fault_in_the_cases_is_reported_in_one_line(
    fault: Fault, project: Path, tabproof: Callable[..., Result]
) -> None:
    (project / PATH).write_text(fault.apply_to(RIGHT), encoding="utf-8")
    result = tabproof("check")
    assert result.stderr == f"tabproof: {fault.located(PATH)}\n"
    assert result.stdout == ""
    assert result.exit_code == 2
