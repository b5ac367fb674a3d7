#!/usr/bin/env bash
# List users with a JSON Web Token that this script creates.
#
# Install: bash, curl, jq and openssl
# Set:     ZOOM_API_KEY and ZOOM_API_SECRET
# Run:     bash list-users.sh (pasted into a terminal, it would exit your shell)
set -euo pipefail

for command in curl jq openssl; do
  command -v "$command" >/dev/null || {
    echo "Install $command." >&2
    exit 1
  }
done

: "${ZOOM_API_KEY:?Set this environment variable.}"
: "${ZOOM_API_SECRET:?Set this environment variable.}"

base64url() {
  openssl base64 -A | tr '+/' '-_' | tr -d '='
}

header=$(jq -cjn '{alg: "HS256", typ: "JWT"}' | base64url)
claims=$(jq -cjn '(now | floor) as $now | {
  iss: env.ZOOM_API_KEY,
  iat: $now,
  exp: ($now + 3600)
}' | base64url)
# openssl takes the secret as an argument, which other users of this machine can see.
signature=$(printf '%s' "$header.$claims" |
  openssl dgst -sha256 -hmac "$ZOOM_API_SECRET" -binary | base64url)
token="$header.$claims.$signature"

# Pass the token on stdin, to keep it out of the process list.
response=$(
  curl --disable --silent --show-error --max-time 10 \
    --write-out '\n%{http_code}' \
    --header @- \
    --header 'Accept: application/json' \
    'https://api.zoom.us/v2/users?status=active' \
    <<<"Authorization: Bearer $token"
) || exit 1 # curl has printed the error

http_status=${response##*$'\n'}
body=${response%$'\n'*}
if [[ $http_status != 200 ]]; then
  printf 'HTTP %s: %s\n' "$http_status" "$body" >&2
  exit 1
fi
printf '%s\n' "$body"
