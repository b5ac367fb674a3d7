"""List users with a JSON Web Token that this program creates.

Install: nothing beyond Python 3.9 or later
Set:     ZOOM_API_KEY and ZOOM_API_SECRET
Run:     python3 list_users.py
"""

import base64
import hmac
import http.client
import json
import os
import sys
import time


def credential(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        sys.exit(f"Set the environment variable {name}.")
    return value


api_key = credential("ZOOM_API_KEY")
api_secret = credential("ZOOM_API_SECRET")


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


now = int(time.time())
header = {"alg": "HS256", "typ": "JWT"}
claims = {
    "iss": api_key,
    "iat": now,
    "exp": now + 3600,
}
parts = [base64url(json.dumps(part).encode()) for part in (header, claims)]
signing_input = ".".join(parts)
key = api_secret.encode()
signature = hmac.digest(key, signing_input.encode(), "sha256")
token = f"{signing_input}.{base64url(signature)}"

host = "api.zoom.us"
path = "/v2/users?status=active"
headers = {
    "Authorization": f"Bearer {token}",
    "Accept": "application/json",
}
# Unlike urllib.request, http.client does not follow redirects with the token.
connection = http.client.HTTPSConnection(host, timeout=10)
try:
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    body = response.read()
except (OSError, http.client.HTTPException) as error:
    sys.exit(f"No answer from {host}: {error}")
finally:
    connection.close()

if response.status != 200:
    sys.exit(f"HTTP {response.status}: {body.decode(errors='replace')}")
# Write the bytes unchanged: print() would re-encode them for the terminal.
sys.stdout.buffer.write(body + b"\n")
