"""List Video SDK sessions with a JSON Web Token that this program creates.

Install: Python 3.9 or later; pip install PyJWT
Set:     ZOOM_VIDEO_SDK_KEY and ZOOM_VIDEO_SDK_SECRET
Run:     python3 videosdk_sessions.py
"""

import http.client
import os
import sys
import time
import warnings

import jwt


def credential(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        sys.exit(f"Set the environment variable {name}.")
    return value


sdk_key = credential("ZOOM_VIDEO_SDK_KEY")
sdk_secret = credential("ZOOM_VIDEO_SDK_SECRET")

now = int(time.time())
claims = {
    "iss": sdk_key,
    "iat": now,
    "exp": now + 1800,
}
# PyJWT warns of a secret under 32 bytes; the API has chosen its length.
warnings.filterwarnings("ignore", "The HMAC key is")
token = jwt.encode(claims, sdk_secret, algorithm="HS256")

host = "api.zoom.us"
path = "/v2/videosdk/sessions?type=past&session_name=Q%26A%20at%20the%20caf%C3%A9"
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
