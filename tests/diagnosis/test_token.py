"""Check tokens made by hand from RFC 7515 and RFC 7519, not by the library that checks them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import warnings
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tabproof.diagnosis import token
from tabproof.diagnosis.times import RunMoment
from tabproof.model.result import Finding
from tabproof.model.scenario import (
    Credential,
    FromCredential,
    FromNow,
    Lifecycle,
    Request,
    Resolved,
    Scenario,
    SigningKey,
    TokenPlan,
)

KEY = Credential("api_key", "API_KEY", "API key")
SECRET = Credential("api_secret", "API_SECRET", "API secret")
CREDENTIALS = {"API_KEY": "the key", "API_SECRET": "a secret of more than 32 bytes: 0123456789"}
NOW = 1_795_600_000
MOMENT = RunMoment(NOW + 0.25, NOW + 0.75)
HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}

HEADER: dict[str, object] = {"alg": "HS256", "typ": "JWT"}
CLAIMS: dict[str, object] = {"iss": "the key", "iat": NOW, "exp": NOW + 3600}


def scenario(
    *,
    claims: Mapping[str, Resolved] | None = None,
    header: Mapping[str, Resolved] | None = None,
    algorithm: str = "HS256",
    scheme: str = "Bearer",
) -> Scenario:
    usual: dict[str, Resolved] = {
        "iss": FromCredential(KEY),
        "iat": FromNow(0),
        "exp": FromNow(3600),
    }
    return Scenario(
        name="tale",
        title="Tale",
        lifecycle=Lifecycle(status="current"),
        credentials={"api_key": KEY, "api_secret": SECRET},
        token=TokenPlan(
            algorithm=algorithm,
            signing_key=SigningKey(SECRET, "utf-8"),
            header=dict(header or {}),
            claims=dict(usual if claims is None else claims),
        ),
        request=Request(
            method="GET",
            base_url="https://api.example.com/v2/users",
            query={},
            authorization=scheme,
            headers={},
            body=None,
            timeout_seconds=10,
            success_status=200,
        ),
        responses={},
    )


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def part(value: object) -> str:
    return base64url(json.dumps(value).encode())


def mac(signing_input: str, secret: str, algorithm: str = "HS256") -> bytes:
    return hmac.digest(secret.encode(), signing_input.encode(), HASHES[algorithm])


def signed(header: str, claims: str, secret: str = CREDENTIALS["API_SECRET"]) -> str:
    signing_input = f"{header}.{claims}"
    return f"{signing_input}.{base64url(mac(signing_input, secret))}"


def made(header: object = HEADER, claims: object = CLAIMS, **options: str) -> str:
    return signed(part(header), part(claims), **options)


def without(members: Mapping[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in members.items() if key != name}


def findings_of(authorization: str, moment: RunMoment = MOMENT) -> list[Finding]:
    return list(token.check_token(authorization, scenario(), CREDENTIALS, moment))


def finding_of(authorization: str) -> Finding:
    """Return the only finding; a token with one fault has one."""
    (finding,) = findings_of(authorization)
    return finding


def test_a_right_token_has_no_finding() -> None:
    assert findings_of(f"Bearer {made()}") == []


def test_a_right_token_of_a_library_has_no_finding() -> None:
    made_by_library = jwt.encode(dict(CLAIMS), CREDENTIALS["API_SECRET"], algorithm="HS256")
    assert findings_of(f"Bearer {made_by_library}") == []


# The same examples on every machine, however slow it is.
unhurried = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
SCALARS: st.SearchStrategy[Resolved] = st.one_of(
    TEXTS,
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
)
VALUES: st.SearchStrategy[Resolved] = st.one_of(
    SCALARS,
    st.sampled_from([FromCredential(KEY), FromCredential(SECRET)]),
    st.builds(FromNow, st.integers(-(10**6), 10**6)),
)
NAMES = st.one_of(st.sampled_from(["iss", "iat", "exp", "nbf", "aud", "jti"]), TEXTS)
MEMBERS = NAMES.filter(lambda name: name not in ("alg", "typ"))


def plain(value: Resolved, credentials: Mapping[str, str], now: int) -> object:
    if isinstance(value, FromCredential):
        return credentials[value.credential.environment]
    return now + value.seconds if isinstance(value, FromNow) else value


@st.composite
def right_tokens(
    draw: st.DrawFn,
) -> tuple[str, Scenario, dict[str, str], RunMoment]:
    """Make a right token, in one of the ways that languages write JSON."""
    algorithm = draw(st.sampled_from(sorted(HASHES)))
    example = scenario(
        claims=draw(st.dictionaries(NAMES, VALUES, max_size=8)),
        header=draw(st.dictionaries(MEMBERS, SCALARS, max_size=3)),
        algorithm=algorithm,
        scheme=draw(st.sampled_from(["Bearer", "JWT", "Token"])),
    )
    credentials = {"API_KEY": draw(TEXTS), "API_SECRET": draw(TEXTS)}
    started_at = draw(st.floats(0, 2.0**33))
    received_at = started_at + draw(st.floats(0, 130))
    now = draw(st.integers(int(started_at), int(received_at)))

    def json_of(members: Mapping[str, object]) -> str:
        text = json.dumps(
            dict(draw(st.permutations(list(members.items())))),
            ensure_ascii=draw(st.booleans()),
            separators=draw(st.sampled_from([(",", ":"), (", ", ": "), ("\n,", " :\t")])),
        )
        return base64url(text.encode())

    header = {"alg": algorithm, "typ": "JWT"} | dict(example.token.header)
    claims = {name: plain(v, credentials, now) for name, v in example.token.claims.items()}
    signing_input = f"{json_of(header)}.{json_of(claims)}"
    signature = base64url(mac(signing_input, credentials["API_SECRET"], algorithm))
    authorization = f"{example.request.authorization} {signing_input}.{signature}"
    return authorization, example, credentials, RunMoment(started_at, received_at)


@unhurried
@given(right_tokens())
def test_a_right_token_is_never_accused(
    case: tuple[str, Scenario, dict[str, str], RunMoment],
) -> None:
    assert list(token.check_token(*case)) == []


@unhurried
@given(right_tokens(), TEXTS)
def test_another_key_is_always_found(
    case: tuple[str, Scenario, dict[str, str], RunMoment], other: str
) -> None:
    authorization, example, credentials, moment = case
    algorithm = example.token.algorithm
    signing_input = authorization.rpartition(".")[0].partition(" ")[2]
    forged = mac(signing_input, other, algorithm)
    same = forged == mac(signing_input, credentials["API_SECRET"], algorithm)
    authorization = f"{example.request.authorization} {signing_input}.{base64url(forged)}"
    assert bool(list(token.check_token(authorization, example, credentials, moment))) is not same


@unhurried
@given(right_tokens(), st.data())
def test_a_change_of_any_character_is_found(
    case: tuple[str, Scenario, dict[str, str], RunMoment], data: st.DataObject
) -> None:
    authorization, example, credentials, moment = case
    place = data.draw(st.integers(0, len(authorization) - 1))
    # A request's header holds nothing but these characters.
    letter = data.draw(st.characters(min_codepoint=0x20, max_codepoint=0xFF))
    changed = f"{authorization[:place]}{letter}{authorization[place + 1 :]}"
    if changed != authorization:
        assert list(token.check_token(changed, example, credentials, moment))


JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=8,
)


@unhurried
@given(JSON_VALUES, st.one_of(JSON_VALUES, st.dictionaries(st.sampled_from(["exp"]), JSON_VALUES)))
def test_whatever_json_a_token_holds_is_judged_and_compared(header: object, claims: object) -> None:
    authorization = f"Bearer {made(header, claims)}"
    assert findings_of(authorization)
    assert token.comparable_form(authorization)


@unhurried
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF)))
def test_whatever_a_header_holds_is_judged_and_compared(authorization: str) -> None:
    assert findings_of(authorization)
    assert token.comparable_form(authorization)


@pytest.mark.parametrize(
    "header",
    [
        {"kid": 7},
        {"crit": ["exp"]},
        {"b64": False},
        {"alg": ["HS256"]},
        {"alg": None},
    ],
)
def test_a_header_that_a_library_refuses_to_read_is_found(header: dict[str, object]) -> None:
    (name,) = header
    assert name in finding_of(f"Bearer {made(HEADER | header)}").expected


def test_a_short_secret_is_checked_without_a_warning() -> None:
    credentials = {"API_KEY": "the key", "API_SECRET": "short"}
    authorization = f"Bearer {made(secret='short')}"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(token.check_token(authorization, scenario(), credentials, MOMENT)) == []


def test_a_token_that_an_empty_secret_signed_is_judged_too() -> None:
    # This is what a sample sends that does not look whether its credentials are there.
    credentials = {"API_KEY": "", "API_SECRET": ""}
    authorization = f"Bearer {made(claims=CLAIMS | {'iss': ''}, secret='')}"
    assert list(token.check_token(authorization, scenario(), credentials, MOMENT)) == []


EXP = "exp 3600 s from now, an integer of seconds since the epoch in UTC"
IAT = "iat now, an integer of seconds since the epoch in UTC"


@pytest.mark.parametrize(
    ("claims", "expected", "seen"),
    [
        ({"exp": (NOW + 3600) * 1000}, EXP, "in milliseconds"),
        ({"exp": NOW * 1000 + 3600}, EXP, "in milliseconds"),
        ({"exp": NOW * 1000 + 5000}, EXP, "in milliseconds"),
        ({"iat": NOW * 1000 + 123}, IAT, "in milliseconds"),
        ({"exp": NOW + 3600 + 9 * 3600}, EXP, "+9 h off: a local time taken for UTC"),
        ({"exp": NOW + 3600 - 6 * 3600}, EXP, "-6 h off: a local time taken for UTC"),
        ({"exp": NOW + 3600 + 19800}, EXP, "+5.5 h off: a local time taken for UTC"),
        ({"iat": NOW - 3600}, IAT, "-1 h off: a local time taken for UTC"),
        ({"exp": NOW + 7200}, EXP, "+1 h off: a local time taken for UTC, or another lifetime"),
        ({"exp": NOW + 3700}, EXP, "which is +100 s off"),
        ({"exp": NOW + 3500}, EXP, "which is -100 s off"),
        ({"exp": 3600}, EXP, f"which is -{NOW} s off"),
        ({"exp": 10**400}, EXP, "1000000"),
        ({"exp": NOW + 3600.0}, EXP, f"float {NOW + 3600}.0"),
        ({"exp": NOW + 3600.5}, EXP, f"float {NOW + 3600}.5"),
        ({"exp": str(NOW + 3600)}, EXP, f"text '{NOW + 3600}'"),
        ({"exp": "2026-11-25T10:00:00Z"}, EXP, "text '2026-11-25T10:00:00Z'"),
        ({"exp": True}, EXP, "bool true"),
        ({"exp": None}, EXP, "null"),
        ({"exp": [NOW + 3600]}, EXP, f"list [{NOW + 3600}]"),
        ({"iss": "https://example.com"}, "iss the API key, as in API_KEY", "'https://example.com'"),
        ({"iss": CREDENTIALS["API_SECRET"]}, "iss the API key, as in API_KEY", "the API secret"),
        ({"iss": ["the key"]}, "iss the API key, as in API_KEY", '["the key"]'),
        ({"nbf": NOW}, "no claim nbf, only iss, iat, exp", f"nbf {NOW}"),
        ({"aud": None}, "no claim aud, only iss, iat, exp", "aud null"),
    ],
)
def test_a_wrong_claim_is_named(claims: dict[str, object], expected: str, seen: str) -> None:
    finding = finding_of(f"Bearer {made(claims=CLAIMS | claims)}")
    assert (finding.step, finding.expected) == ("token", expected)
    assert seen in finding.observed
    assert finding.hint[0] in claims


@pytest.mark.parametrize("name", CLAIMS)
def test_a_missing_claim_is_named(name: str) -> None:
    finding = finding_of(f"Bearer {made(claims=without(CLAIMS, name))}")
    assert finding.message() == f"expected the claim {name}; seen none"


def test_a_misspelt_claim_is_one_finding() -> None:
    claims = without(CLAIMS, "exp") | {"expires": NOW + 3600}
    finding = finding_of(f"Bearer {made(claims=claims)}")
    assert finding.message() == "expected the claim exp; seen expires"


def test_extra_claims_are_named_in_one_order() -> None:
    extra = dict.fromkeys("zyxabc", 1)
    findings = findings_of(f"Bearer {made(claims=CLAIMS | extra)}")
    assert [finding.hint[0] for finding in findings] == sorted("zyxabc")


@pytest.mark.parametrize("seconds", [3599, 3601])
def test_a_lifetime_that_is_off_by_one_is_found(seconds: int) -> None:
    finding = finding_of(f"Bearer {made(claims=CLAIMS | {'exp': NOW + seconds})}")
    assert finding.message() == (
        "expected iat and exp counted from one reading of the clock; seen 1 s between two readings"
    )
    assert finding.hint[0] == "exp"


def test_two_readings_of_the_clock_are_found_however_long_the_run_took() -> None:
    # Both claims are good by themselves: the run took from NOW to NOW + 20.
    claims = CLAIMS | {"iat": NOW + 3, "exp": NOW + 3600 + 5}
    (finding,) = findings_of(f"Bearer {made(claims=claims)}", RunMoment(NOW, NOW + 20.0))
    assert finding.observed == "2 s between two readings"


def test_a_clock_may_be_read_at_any_time_of_the_run() -> None:
    for second in range(21):
        claims = CLAIMS | {"iat": NOW + second, "exp": NOW + 3600 + second}
        assert findings_of(f"Bearer {made(claims=claims)}", RunMoment(NOW, NOW + 20.0)) == []


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_where_the_clock_stood_a_time_is_exact(off: int) -> None:
    claims = CLAIMS | {"iat": NOW + off, "exp": NOW + 3600 + off}
    moment = RunMoment(NOW + 0.9, NOW + 0.9, slack_seconds=0)
    findings = findings_of(f"Bearer {made(claims=claims)}", moment)
    notes = [finding.message().rpartition(", ")[2] for finding in findings]
    assert notes == [f"which is {off:+} s off"] * 2 * abs(off)


def test_true_is_not_one() -> None:
    example = scenario(claims={"version": 1}, header={"v": 1})
    wrong = made(HEADER | {"v": True}, {"version": True})
    findings = list(token.check_token(f"Bearer {wrong}", example, CREDENTIALS, MOMENT))
    assert [finding.message() for finding in findings] == [
        "expected v 1; seen true",
        "expected version 1; seen true",
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (HEADER | {"alg": "HS512"}, "expected alg 'HS256'; seen 'HS512'"),
        (HEADER | {"alg": "none"}, "expected alg 'HS256'; seen 'none'"),
        (
            HEADER | {"alg": "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"},
            "expected alg 'HS256'; seen 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256'",
        ),
        (without(HEADER, "alg"), "expected the header's alg; seen none"),
        (without(HEADER, "typ"), "expected the header's typ; seen none"),
        (HEADER | {"typ": "jwt"}, "expected typ 'JWT'; seen 'jwt'"),
        (HEADER | {"kid": "1"}, "expected no kid in the header; seen '1'"),
    ],
)
def test_a_wrong_header_is_named(header: dict[str, object], message: str) -> None:
    finding = finding_of(f"Bearer {made(header)}")
    assert (finding.step, finding.message()) == ("token", message)


def test_an_unsigned_token_is_found() -> None:
    header = part({"alg": "none", "typ": "JWT"})
    finding = finding_of(f"Bearer {header}.{part(CLAIMS)}.")
    assert finding.message() == "expected alg 'HS256'; seen 'none'"


SIGNING_INPUT = f"{part(HEADER)}.{part(CLAIMS)}"
SIGNATURE = mac(SIGNING_INPUT, CREDENTIALS["API_SECRET"])


@pytest.mark.parametrize(
    ("signature", "seen"),
    [
        (
            mac(SIGNING_INPUT, CREDENTIALS["API_SECRET"] + "\n"),
            "another signature, signed with the API secret with a newline",
        ),
        (
            mac(SIGNING_INPUT, CREDENTIALS["API_KEY"]),
            "another signature, signed with the API key in place of the API secret",
        ),
        (
            mac(SIGNING_INPUT, CREDENTIALS["API_SECRET"], "HS512"),
            "another signature, signed with HS512, but the header says HS256",
        ),
        (
            SIGNATURE.hex().encode(),
            "another signature, the signature is hexadecimal text",
        ),
        (SIGNATURE[:-3], "the beginning of the right one"),
        (SIGNATURE[1:], "another signature"),
    ],
    ids=["newline", "key-for-secret", "another-hash", "hex", "cut-off", "another"],
)
def test_a_signature_with_another_key_or_over_other_bytes_is_found(
    signature: bytes, seen: str
) -> None:
    finding = finding_of(f"Bearer {SIGNING_INPUT}.{base64url(signature)}")
    assert finding.expected == "a HS256 signature with the API secret as key"
    assert finding.observed == seen


def test_an_empty_signature_is_found() -> None:
    finding = finding_of(f"Bearer {SIGNING_INPUT}.")
    assert finding.message() == "expected a HS256 signature with the API secret as key; seen none"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (f"{made()}=", "padding in the signature"),
        (SIGNING_INPUT, "2 parts"),
        ("a.b.c.d.e", "5 parts"),
        ("", "nothing"),
        (f'"{made()}"', "quotes around it"),
        (f"b'{made()}'", "b'...' around it"),
        (f" {made()}", "whitespace around it"),
        (f"{made()[:90]} {made()[90:]}", "whitespace in 1 place"),
        (f"{SIGNING_INPUT}.\xe9", "other characters in the signature"),
        (f"{part(HEADER)}.eyJhI.x", "invalid base64url at the end of the claims"),
    ],
)
def test_what_is_no_compact_token_is_reported_by_its_shape(text: str, seen: str) -> None:
    finding = finding_of(f"Bearer {text}")
    assert finding.step == "token"
    assert finding.expected == "three parts of base64url without padding, joined by dots"
    assert finding.observed == seen


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        (part(HEADER), part([CLAIMS])),
        (part(HEADER), part("claims")),
        (part(HEADER), base64url(b"iss=the key")),
        (base64url(b"HS256"), part(CLAIMS)),
        (base64url(json.dumps(HEADER).encode("utf-16-le")), part(CLAIMS)),
        (part(HEADER), base64url(json.dumps(CLAIMS).encode("utf-8-sig"))),
        (part(HEADER), base64url(b"[" * 100_000)),
    ],
    ids=["list", "text", "form", "word", "utf-16", "byte-order-mark", "deep"],
)
def test_parts_that_are_no_json_objects_are_found(header: str, claims: str) -> None:
    finding = finding_of(f"Bearer {signed(header, claims)}")
    assert finding.expected == "two JSON objects as header and claims"


@pytest.mark.parametrize(
    ("authorization", "seen"),
    [
        (f"JWT {made()}", "the scheme 'JWT'"),
        (f"bearer {made()}", "the scheme 'bearer'"),
        (f"Bearer: {made()}", "the scheme 'Bearer:'"),
        (f'"Bearer {made()}"', "the scheme '\"Bearer'"),
        (made(), "the token alone"),
        ("Bearer", "the scheme 'Bearer'"),
        ("", "the scheme ''"),
    ],
)
def test_another_scheme_is_found_in_the_request_step(authorization: str, seen: str) -> None:
    finding = finding_of(authorization)
    assert (finding.step, finding.expected, finding.observed) == (
        "request",
        "`Bearer <token>`",
        seen,
    )


def test_several_faults_are_all_named() -> None:
    wrong: dict[str, Any] = {"iss": "x", "iat": NOW, "exp": (NOW + 3600) * 1000, "nbf": NOW}
    findings = findings_of(f"Bearer {made(without(HEADER, 'typ'), wrong, secret='x')}")
    assert [finding.hint[0] for finding in findings] == ["typ", "signature", "nbf", "iss", "exp"]


def test_tokens_are_compared_by_header_names_and_types_alone() -> None:
    other = made(claims={"exp": 5, "iat": 2, "iss": "another key"}, secret="another")
    assert token.comparable_form(f"Bearer {other}") == token.comparable_form(f"Bearer {made()}")


def test_how_json_is_written_makes_no_difference() -> None:
    claims = CLAIMS | {"iss": "é山 key"}
    escaped, plain = (
        signed(part(HEADER), base64url(json.dumps(claims, ensure_ascii=is_ascii).encode()))
        for is_ascii in (True, False)
    )
    assert escaped != plain
    assert token.comparable_form(f"Bearer {escaped}") == token.comparable_form(f"Bearer {plain}")
    credentials = CREDENTIALS | {"API_KEY": "é山 key"}
    for text in (escaped, plain):
        assert list(token.check_token(f"Bearer {text}", scenario(), credentials, MOMENT)) == []


@pytest.mark.parametrize(
    "different",
    [
        made(HEADER | {"kid": "1"}),
        made(claims=CLAIMS | {"nbf": NOW}),
        made(claims=CLAIMS | {"exp": str(NOW)}),
        made(claims=without(CLAIMS, "iat")),
    ],
)
def test_tokens_of_other_members_or_types_compare_as_different(different: str) -> None:
    assert token.comparable_form(f"Bearer {different}") != token.comparable_form(f"Bearer {made()}")
