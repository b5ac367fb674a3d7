"""Check that each kind of fault is recognized in a token with exactly that fault."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tabproof.diagnosis import fault as faults
from tabproof.diagnosis.fault import Fault, Judgement
from tabproof.diagnosis.times import AnyMoment, RunMoment
from tabproof.diagnosis.token import judge_header, judge_token
from tabproof.errors import InputError
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
PLAIN = "ΞΔΦΓΛΩΠΣ-0123456789abcdef-ЖДФЯ"
NOW = 1_795_600_000
HEADER: dict[str, object] = {"alg": "HS256", "typ": "JWT"}
CLAIMS: dict[str, object] = {"iss": "the key", "iat": NOW - 20, "exp": NOW - 20 + 3600}


def scenario(
    claims: Mapping[str, Resolved] | None = None, *, skew_seconds: int = 0, algorithm: str = "HS256"
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
            header={},
            claims=dict(usual if claims is None else claims),
            skew_seconds=skew_seconds,
        ),
        request=Request(
            method="GET",
            base_url="https://api.example.com/v2/users",
            query={},
            authorization="Bearer",
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


def mac(
    signing_input: str | bytes, secret: str | bytes = PLAIN, hash_name: str = "sha256"
) -> bytes:
    key = secret if isinstance(secret, bytes) else secret.encode()
    text = signing_input if isinstance(signing_input, bytes) else signing_input.encode()
    return hmac.digest(key, text, hash_name)


def token(header: object = HEADER, claims: object = CLAIMS, *, secret: str | bytes = PLAIN) -> str:
    signing_input = f"{part(header)}.{part(claims)}"
    return f"{signing_input}.{base64url(mac(signing_input, secret))}"


def claiming(**changes: object) -> str:
    members = CLAIMS | changes
    return token(claims={name: value for name, value in members.items() if value is not ...})


def heading(**changes: object) -> str:
    members = HEADER | changes
    return token({name: value for name, value in members.items() if value is not ...})


INPUT = f"{part(HEADER)}.{part(CLAIMS)}"
RIGHT = token()


def signing(signature: str) -> str:
    return f"{INPUT}.{signature}"


def credentials(secret: str = PLAIN, key: str = "the key") -> dict[str, str]:
    return {"API_KEY": key, "API_SECRET": secret}


def judged(text: str, secret: str = PLAIN, *, skew_seconds: int = 0) -> Judgement:
    example = scenario(skew_seconds=skew_seconds)
    return judge_token(text, example, credentials(secret), AnyMoment(NOW + 0.5, skew_seconds))


def hides(judgement: Judgement, secret: str) -> bool:
    """Return whether no message contains eight consecutive characters of a secret."""
    messages = " ".join(str(msgspec.to_builtins(fault)) for fault in judgement.faults)
    messages += " ".join(judgement.remarks)
    return not any(secret[n : n + 8] in messages for n in range(max(1, len(secret) - 7)))


HEX = hashlib.sha256(b"hex").hexdigest()
ENCODED = base64.b64encode(hashlib.sha256(b"base64").digest()).decode()

ROWS: list[tuple[str, str, str, str]] = [
    ("empty", "", "there is no token", PLAIN),
    ("scheme-in-front", f"Bearer {RIGHT}", "it starts with `Bearer `", PLAIN),
    ("scheme-in-front", f"Authorization: bearer {RIGHT}", "it starts with `Bearer `", PLAIN),
    ("bytes-repr", f"b'{RIGHT}'", "token.decode()", PLAIN),
    ("bytes-repr", f'b"{RIGHT}"', "token.decode()", PLAIN),
    ("quoted", f'"{RIGHT}"', "in quotes", PLAIN),
    ("quoted", f"'{RIGHT}',", "in quotes", PLAIN),
    ("quoted", f"“{RIGHT}”", "in quotes", PLAIN),
    ("quoted", f"<{RIGHT}>", "in quotes", PLAIN),
    ("blanks", f" {RIGHT}", "strip it", PLAIN),
    ("blanks", f"{RIGHT}\r\n", "strip it", PLAIN),
    ("wrapped", f"{RIGHT[:76]}\n{RIGHT[76:]}", "line breaks or spaces inside", PLAIN),
    ("wrapped", f"{RIGHT[:64]}\\n{RIGHT[64:]}", "line breaks or spaces inside", PLAIN),
    ("not-a-jwt", "hello", "not a JSON Web Token", PLAIN),
    ("not-a-jwt", "a.b.c.d.e", "encrypted token", PLAIN),
    ("not-a-jwt", "a..x", "not a JSON Web Token", PLAIN),
    ("not-a-jwt", PLAIN, "the API secret itself", PLAIN),
    ("not-a-jwt", "the key", "the API key itself", PLAIN),
    ("truncated", RIGHT[:-5], "the signature is cut off", PLAIN),
    ("truncated", INPUT, "it is cut off", PLAIN),
    ("truncated", RIGHT[:30], "it is cut off", PLAIN),
    ("truncated", f"{RIGHT[:20]}...{RIGHT[-9:]}", "it is cut off", PLAIN),
    ("padded", RIGHT + "=", "padding (`=`) at the end of the signature", PLAIN),
    ("padded", RIGHT + "%3D", "padding (`=`) at the end of the signature", PLAIN),
    ("not-base64", signing("a$c"), "characters in the signature", PLAIN),
    ("not-json", f"{part(HEADER)}.{part([1])}.x", "part for the claims is not a JSON", PLAIN),
    ("not-json", f"{base64url(b'x')}.{part(CLAIMS)}.x", "part for the header is not", PLAIN),
    ("not-json", f"{part(HEADER)}.{base64url(part(CLAIMS).encode())}.x", "encode it once", PLAIN),
    (
        "not-json",
        f"{part(HEADER)}.{base64url(json.dumps(CLAIMS).encode('utf-16-le'))}.x",
        "UTF-16",
        PLAIN,
    ),
    (
        "not-json",
        f"{part(HEADER)}.{base64url(json.dumps(CLAIMS).encode('utf-8-sig'))}.x",
        "byte-order mark",
        PLAIN,
    ),
    ("alg-none", f"{part(HEADER | {'alg': 'none'})}.{part(CLAIMS)}.", "is not signed", PLAIN),
    ("alg-uri", heading(alg="http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"), "URI", PLAIN),
    ("alg-other", heading(alg="HS512"), "alg is 'HS512'; it should be 'HS256'", PLAIN),
    ("alg-other", heading(alg="RS256"), "alg is 'RS256'; it should be 'HS256'", PLAIN),
    ("typ-missing", heading(typ=...), "has no typ; it should be 'JWT'", PLAIN),
    ("header-missing", heading(alg=...), "has no alg; it should be 'HS256'", PLAIN),
    ("header-extra", heading(kid="7"), "has kid, which the scenario does not ask for", PLAIN),
    ("header-misspelt", heading(typ=..., type="JWT"), "type; did you mean typ?", PLAIN),
    ("header-other", heading(typ="jwt"), "typ is 'jwt'; it should be 'JWT'", PLAIN),
    ("claim-missing", claiming(exp=...), "the claim exp is missing", PLAIN),
    ("claim-extra", claiming(nbf=NOW), "nbf is an extra claim", PLAIN),
    ("claim-misspelt", claiming(exp=..., expires=NOW), "expires; did you mean exp?", PLAIN),
    ("claim-misspelt", claiming(exp=..., EXP=NOW), "EXP; did you mean exp?", PLAIN),
    ("claim-misspelt", claiming(iss=..., api_key="x"), "api_key; did you mean iss?", PLAIN),
    ("claim-misspelt", claiming(iat=..., iats=NOW), "iats; did you mean iat?", PLAIN),
    ("claim-is-url", claiming(iss="https://example.com"), "iss is a URL", PLAIN),
    ("claim-is-secret", claiming(iss=PLAIN), "iss is the API secret", PLAIN),
    ("claim-of-another", claiming(iss="a key"), "iss is not the API key in API_KEY", PLAIN),
    ("claim-altered", claiming(iss="the key\n"), "iss is the API key with a newline", PLAIN),
    ("claim-altered", claiming(iss=""), "in place of the API key", PLAIN),
    ("claim-other", claiming(iss=["the key"]), 'iss is ["the key"]', PLAIN),
    ("float", claiming(exp=NOW + 3000.0), "exp is a number with a fraction", PLAIN),
    ("float", claiming(iat=NOW - 19.5), "iat is a number with a fraction", PLAIN),
    ("text", claiming(exp=str(NOW + 3000)), "exp is a number in quotes", PLAIN),
    ("date", claiming(exp="2026-11-25T10:00:00Z"), "exp is a date", PLAIN),
    ("date", claiming(exp="Wed Nov 25 10:00:00 UTC 2026"), "exp is a date", PLAIN),
    ("not-a-number", claiming(exp=True), "exp is not a number", PLAIN),
    ("not-a-number", claiming(exp=None), "exp is not a number", PLAIN),
    ("not-a-number", claiming(exp="1h"), "exp is not a number", PLAIN),
    ("not-a-number", claiming(exp=10**400), "larger than any clock", PLAIN),
    ("milliseconds", claiming(exp=(NOW + 3580) * 1000 + 123), "divide by 1000 ", PLAIN),
    ("milliseconds", claiming(iat=NOW * 1000), "iat is in milliseconds", PLAIN),
    ("finer-than-milliseconds", claiming(exp=(NOW + 3580) * 10**6), "microseconds", PLAIN),
    ("finer-than-milliseconds", claiming(exp=(NOW + 3580) * 10**9), "nanoseconds", PLAIN),
    ("duration", claiming(exp=3600), "exp is a duration", PLAIN),
    (
        "hours-off",
        claiming(exp=NOW + 3580 + 9 * 3600),
        "local time at UTC+9 was taken for UTC",
        PLAIN,
    ),
    (
        "hours-off",
        claiming(exp=NOW + 3580 - 6 * 3600),
        "local time at UTC-6 was taken for UTC",
        PLAIN,
    ),
    (
        "hours-off",
        claiming(exp=NOW + 3580 + 19800),
        "local time at UTC+5:30 was taken for UTC",
        PLAIN,
    ),
    (
        "hours-off",
        claiming(exp=NOW + 3580 + 20700),
        "local time at UTC+5:45 was taken for UTC",
        PLAIN,
    ),
    (
        "hours-off",
        claiming(iat=NOW - 20 + 32400, exp=NOW + 3580 + 32400),
        "iat is 32380 s ahead, about 9 h",
        PLAIN,
    ),
    ("expired", claiming(iat=NOW - 4500, exp=NOW - 900), "expired 900 s ago", PLAIN),
    ("expired", claiming(exp=NOW), "expired 0 s ago", PLAIN),
    (
        "expired",
        claiming(iat=NOW - 28820, exp=NOW - 28820 + 3600),
        "if it is new, its clock is -8 h off: as if local time at UTC-8",
        PLAIN,
    ),
    ("not-yet-valid", claiming(iat=NOW + 30, exp=NOW + 3630), "iat is 30 s ahead", PLAIN),
    (
        "lifetime-too-long",
        claiming(exp=NOW - 20 + 86400),
        "86400 s after the token was made",
        PLAIN,
    ),
    ("lifetime-too-long", claiming(exp=NOW - 20 + 3601), "3601 s after the token was made", PLAIN),
    ("signature-missing", signing(""), "no signature after the second dot", PLAIN),
    ("signature-hex", signing(mac(INPUT).hex()), "hexadecimal text", PLAIN),
    ("signature-hex", signing(base64url(mac(INPUT).hex().encode())), "hexadecimal text", PLAIN),
    (
        "signature-base64",
        signing(base64url(base64.b64encode(mac(INPUT)))),
        "base64-encoded twice",
        PLAIN,
    ),
    (
        "signature-other-hash",
        signing(base64url(mac(INPUT, hash_name="sha512"))),
        "signed with HS512, but the header says HS256",
        PLAIN,
    ),
    (
        "signature-over-newline",
        signing(base64url(mac(INPUT + "\n"))),
        "`header.claims` and a newline",
        PLAIN,
    ),
    ("signature-over-claims", signing(base64url(mac(part(CLAIMS)))), "the claims alone", PLAIN),
    (
        "signature-over-json",
        signing(base64url(mac(f"{json.dumps(HEADER)}.{json.dumps(CLAIMS)}"))),
        "over the JSON text",
        PLAIN,
    ),
    ("secret-newline", token(secret=PLAIN + "\n"), "the API secret with a newline", PLAIN),
    ("secret-newline", token(secret=PLAIN + "\r\n"), "the API secret with a newline", PLAIN),
    ("secret-blank", token(secret=PLAIN + " "), "with a space or tab before or after", PLAIN),
    ("secret-blank", token(secret="\t" + PLAIN), "with a space or tab before or after", PLAIN),
    ("secret-trimmed", token(secret=PLAIN), "whitespace that the variable has", PLAIN + "\n"),
    ("secret-quoted", token(secret=f'"{PLAIN}"'), "with quotes around it", PLAIN),
    ("secret-quoted", token(secret=f"'{PLAIN}'"), "with quotes around it", PLAIN),
    ("secret-unquoted", token(secret=PLAIN), "quotes that the variable has", f'"{PLAIN}"'),
    ("secret-base64", token(secret=base64.b64encode(PLAIN.encode())), "encoded as base64", PLAIN),
    ("secret-base64-decoded", token(secret=base64.b64decode(ENCODED)), "from base64", ENCODED),
    ("secret-hex", token(secret=PLAIN.encode().hex()), "encoded as hexadecimal", PLAIN),
    ("secret-hex-decoded", token(secret=bytes.fromhex(HEX)), "from hexadecimal", HEX),
    ("secret-bytes", token(secret=f"b'{HEX}'"), "repr of the API secret", HEX),
    (
        "secret-other-charset",
        token(secret=PLAIN.encode("utf-16-le")),
        "a charset other than UTF-8",
        PLAIN,
    ),
    ("secret-empty", token(secret=""), "an empty string in place of the API secret", PLAIN),
    ("secret-name", token(secret="$API_SECRET"), "the variable's name", PLAIN),
    ("secret-name", token(secret="undefined"), "the variable's name", PLAIN),
    ("signed-with-key", token(secret="the key"), "with the API key in place of the API", PLAIN),
    (
        "exchanged",
        token(claims=CLAIMS | {"iss": PLAIN}, secret="the key"),
        "the API key and the API secret are swapped",
        PLAIN,
    ),
    (
        "signature-other",
        token(secret="another"),
        "a secret other than the API secret in API_SECRET",
        PLAIN,
    ),
]


@pytest.mark.parametrize(
    ("kind", "text", "message", "secret"),
    ROWS,
    ids=[f"{number}-{row[0]}" for number, row in enumerate(ROWS)],
)
def test_a_fault_is_reported_by_itself_and_without_the_secret(
    kind: str, text: str, message: str, secret: str
) -> None:
    judgement = judged(text, secret)
    assert [fault.kind for fault in judgement.faults] == [kind]
    assert message in judgement.faults[0].message
    assert hides(judgement, secret)


def test_plain_base64_is_reported_where_a_signature_has_its_characters() -> None:
    # The 401 of most days: `+` or `/` stands in most signatures, not in all (case C01).
    for number in range(50):
        signing_input = f"{part(HEADER)}.{part(CLAIMS | {'iat': NOW - number})}"
        plain = base64.b64encode(mac(signing_input)).decode().rstrip("=")
        if "+" in plain or "/" in plain:
            break
    judged_faults = judged(f"{signing_input}.{plain}").faults
    assert [fault.kind for fault in judged_faults] == ["plain-base64"]
    assert judged_faults[0].seen == "`+` or `/` in the signature"


def test_padding_that_was_signed_with_the_rest_is_the_only_fault() -> None:
    header = base64.urlsafe_b64encode(b'{"typ":"JWT","alg":"HS256"} ').decode()
    assert header.endswith("=")
    signing_input = f"{header}.{part(CLAIMS)}"
    judged_faults = judged(
        f"{signing_input}.{base64.urlsafe_b64encode(mac(signing_input)).decode()}"
    ).faults
    assert [(f.kind, f.seen) for f in judged_faults] == [
        ("padded", "padding in the header and the signature")
    ]


def test_another_hash_that_the_header_names_too_is_one_fault() -> None:
    signing_input = f"{part(HEADER | {'alg': 'HS512'})}.{part(CLAIMS)}"
    signature = base64url(mac(signing_input, hash_name="sha512"))
    judged_faults = judged(f"{signing_input}.{signature}").faults
    assert [fault.kind for fault in judged_faults] == ["alg-other"]


def test_a_name_that_is_there_twice_is_reported() -> None:
    # Case C02: a quote in the key of hand-made JSON puts in a claim of its own.
    claims = base64url(f'{{"iss":"the key","exp":1,"iat":{NOW - 20},"exp":{NOW + 3580}}}'.encode())
    signing_input = f"{part(HEADER)}.{claims}"
    judged_faults = judged(f"{signing_input}.{base64url(mac(signing_input))}").faults
    assert [(f.kind, f.seen) for f in judged_faults] == [("name-twice", "exp twice")]


def in_run(text: str) -> list[Fault]:
    return list(judge_token(text, scenario(), credentials(), RunMoment(NOW - 20, NOW - 20)).faults)


def test_the_times_of_a_run_are_reported_to_the_second() -> None:
    assert [f.kind for f in in_run(claiming(exp=NOW + 3700))] == ["seconds-off"]
    assert [f.kind for f in in_run(claiming(exp=NOW + 3581))] == ["two-readings"]


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ([], "authorization-missing"),
        ([f"Bearer {RIGHT}"] * 2, "authorization-twice"),
        ([RIGHT], "scheme-missing"),
        ([f"Basic {RIGHT}"], "scheme-other"),
        ([PLAIN], "scheme-other"),
        ([f"Bearer {RIGHT}"], None),
        ([f"bearer {RIGHT}"], None),  # RFC 9110, section 11.1: case does not matter
    ],
)
def test_a_header_that_carries_a_token_wrongly_is_reported(
    headers: list[str], kind: str | None
) -> None:
    judgement = judge_header(headers, scenario(), credentials(), AnyMoment(NOW))
    assert [fault.kind for fault in judgement.faults] == ([kind] if kind else [])
    assert all(fault.step == "request" for fault in judgement.faults)
    assert hides(judgement, PLAIN)


def test_every_kind_of_fault_is_made_here() -> None:
    elsewhere = {
        *("authorization-missing", "authorization-twice", "scheme-missing", "scheme-other"),
        *("plain-base64", "name-twice", "seconds-off", "two-readings"),
    }
    assert elsewhere | {row[0] for row in ROWS} == set(get_args(faults.Kind))


def test_several_faults_are_all_reported() -> None:
    wrong = f'Bearer "{token({"alg": "HS256"}, CLAIMS | {"iss": "x", "nbf": 1}, secret="")}"'
    assert [fault.kind for fault in judged(wrong).faults] == [
        *("scheme-in-front", "quoted", "typ-missing", "secret-empty"),
        *("claim-extra", "claim-of-another"),
    ]


@pytest.mark.parametrize(
    ("ahead", "skew_seconds", "kinds"),
    [(30, 30, []), (30, 60, []), (30, 29, ["not-yet-valid"]), (-30, 0, []), (0, 0, [])],
)
def test_a_clock_that_is_ahead_is_forgiven_as_far_as_the_scenario_says(
    ahead: int, skew_seconds: int, kinds: list[str]
) -> None:
    # Case C23: a laptop 30 s fast.
    judgement = judged(claiming(iat=NOW + ahead, exp=NOW + ahead + 3600), skew_seconds=skew_seconds)
    assert [fault.kind for fault in judgement.faults] == kinds
    if ahead > 0:
        messages = " ".join([*judgement.remarks, *(f.message for f in judgement.faults)])
        assert "iat is 30 s ahead of this" in messages


def test_a_token_is_good_until_the_skew_after_its_end() -> None:
    late = claiming(iat=NOW - 3610, exp=NOW - 10)
    assert [f.kind for f in judged(late, skew_seconds=10).faults] == ["expired"]
    assert judged(late, skew_seconds=11).faults == ()


def test_a_shorter_lifetime_is_no_reason_to_refuse() -> None:
    assert judged(claiming(exp=NOW + 60)).faults == ()


def test_a_token_without_iat_is_held_against_the_clock_alone() -> None:
    example = scenario({"iss": FromCredential(KEY), "exp": FromNow(3600)})

    def kinds(exp: int) -> list[str]:
        text = token(claims={"iss": "the key", "exp": exp})
        return [f.kind for f in judge_token(text, example, credentials(), AnyMoment(NOW)).faults]

    assert kinds(NOW + 3600) == []
    assert kinds(NOW + 1) == []
    assert kinds(NOW + 3700) == ["lifetime-too-long"]
    assert kinds(NOW + 3590 + 9 * 3600) == ["hours-off"]
    assert kinds(NOW - 1) == ["expired"]


def test_a_key_is_decoded_where_the_scenario_says_so() -> None:
    example = scenario()
    for encoding, secret in (("hex", HEX), ("base64", ENCODED)):
        plan = msgspec.structs.replace(example.token, signing_key=SigningKey(SECRET, encoding))
        decoding = msgspec.structs.replace(example, token=plan)
        raw = bytes.fromhex(secret) if encoding == "hex" else base64.b64decode(secret)

        def kinds(text: str, example: Scenario = decoding, secret: str = secret) -> list[str]:
            judged_faults = judge_token(text, example, credentials(secret), AnyMoment(NOW)).faults
            return [fault.kind for fault in judged_faults]

        assert kinds(token(secret=raw)) == []
        assert kinds(token(secret=secret)) == [f"secret-{encoding}"]
        with pytest.raises(InputError, match=f"API_SECRET is not {encoding}, as") as raised:
            kinds(RIGHT, decoding, "not that!")
        assert "not that!" not in str(raised.value)


def test_an_algorithm_of_key_pairs_is_refused_not_waved_through() -> None:
    with pytest.raises(InputError, match="RS256 cannot be checked yet"):
        judge_token(RIGHT, scenario(algorithm="RS256"), credentials(), AnyMoment(NOW))


unhurried = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
VALUES: st.SearchStrategy[Resolved] = st.one_of(
    TEXTS,
    st.integers(-(2**53), 2**53),
    st.booleans(),
    st.none(),
    st.sampled_from([FromCredential(KEY), FromCredential(SECRET)]),
    st.builds(FromNow, st.integers(-(10**6), 10**6)),
)
NAMES = st.one_of(st.sampled_from(["iss", "iat", "exp", "nbf", "aud"]), TEXTS)


@unhurried
@given(st.data(), TEXTS, TEXTS, st.dictionaries(NAMES, VALUES, max_size=6))
def test_a_right_token_is_never_accused_at_any_time_of_its_life(
    data: st.DataObject, key: str, secret: str, planned: dict[str, Resolved]
) -> None:
    skew_seconds = data.draw(st.integers(0, 120))
    made_at = data.draw(st.integers(10**9, 4 * 10**9))
    ends = [v.seconds for v in planned.values() if isinstance(v, FromNow) and v.seconds > 0]
    age = data.draw(st.integers(-skew_seconds, min(ends, default=10**6) - 1 + skew_seconds))
    credential_values = credentials(secret, key)

    def plain(value: Resolved) -> object:
        if isinstance(value, FromCredential):
            return credential_values[value.credential.environment]
        return made_at + value.seconds if isinstance(value, FromNow) else value

    claims = {name: plain(value) for name, value in planned.items()}
    text = token(claims=claims, secret=secret)
    example = scenario(planned, skew_seconds=skew_seconds)
    when = AnyMoment(made_at + age, skew_seconds)
    assert judge_token(text, example, credential_values, when).faults == ()


SECRETS = st.text("ΞΔΦΓΛΩΠΣ!&*~^0123456789", min_size=8, max_size=40)


@unhurried
@given(st.data(), SECRETS)
def test_no_part_of_the_secret_is_ever_said(data: st.DataObject, secret: str) -> None:
    start = data.draw(st.integers(0, len(secret) - 8))
    piece = secret[start : start + data.draw(st.integers(8, 40))]
    value: object = data.draw(st.sampled_from([piece, f"x{piece}y", [piece], {piece: 1}]))
    place = data.draw(st.sampled_from(["iss", "iat", "exp", piece]))
    header: dict[str, object] = HEADER | data.draw(
        st.sampled_from([{}, {"alg": piece}, {"typ": piece}, {piece: piece}])
    )
    wrong = token(header, CLAIMS | {place: value}, secret="another")
    text = data.draw(st.sampled_from([wrong, secret, piece, f"{piece}.{piece}.{piece}"]))
    assert hides(judged(text, secret), secret)
    header_text = data.draw(st.sampled_from([text, f"Bearer {text}", f"{piece} {text}"]))
    judgement = judge_header([header_text], scenario(), credentials(secret), AnyMoment(NOW))
    assert hides(judgement, secret)


@unhurried
@given(st.one_of(st.text(), st.text("ey.J'\"b=+/ \n\\nBearr_-")))
def test_whatever_is_given_is_judged(text: str) -> None:
    assert judged(text).faults
