// List Video SDK sessions with a JSON Web Token that this program creates.
//
// Install: nothing beyond Node.js 18 or later
// Set:     ZOOM_VIDEO_SDK_KEY and ZOOM_VIDEO_SDK_SECRET
// Run:     node videosdk-sessions.mjs

import { createHmac } from "node:crypto";

function credential(name) {
  const value = process.env[name];
  if (!value) {
    console.error(`Set the environment variable ${name}.`);
    process.exit(1);
  }
  return value;
}

const sdkKey = credential("ZOOM_VIDEO_SDK_KEY");
const sdkSecret = credential("ZOOM_VIDEO_SDK_SECRET");

function encode(part) {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

const now = Math.floor(Date.now() / 1000);
const header = encode({ alg: "HS256", typ: "JWT" });
const claims = encode({
  iss: sdkKey,
  iat: now,
  exp: now + 1800,
});
const signature = createHmac("sha256", sdkSecret)
  .update(`${header}.${claims}`)
  .digest("base64url");
const token = `${header}.${claims}.${signature}`;

const url =
  "https://api.zoom.us/v2/videosdk/sessions?type=past&session_name=Q%26A%20at%20the%20caf%C3%A9";

let response;
let body;
try {
  response = await fetch(url, {
    headers: {
      Authorization: `Bearer ${token}`,
      Accept: "application/json",
    },
    redirect: "manual", // the token must not reach another host
    signal: AbortSignal.timeout(10 * 1000),
  });
  body = await response.text();
} catch (error) {
  const { code, message } = error.cause ?? error;
  console.error(`No answer from api.zoom.us: ${message || code}`);
  process.exit(1);
}

if (response.status === 200) {
  console.log(body);
} else {
  console.error(`HTTP ${response.status}: ${body}`);
  process.exitCode = 1; // process.exit() could truncate the output
}
