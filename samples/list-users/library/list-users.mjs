// List users with a JSON Web Token that this program creates.
//
// Install: Node.js 18 or later; npm install jsonwebtoken
// Set:     ZOOM_API_KEY and ZOOM_API_SECRET
// Run:     node list-users.mjs

import jwt from "jsonwebtoken";

function credential(name) {
  const value = process.env[name];
  if (!value) {
    console.error(`Set the environment variable ${name}.`);
    process.exit(1);
  }
  return value;
}

const apiKey = credential("ZOOM_API_KEY");
const apiSecret = credential("ZOOM_API_SECRET");

const now = Math.floor(Date.now() / 1000);
const claims = {
  iss: apiKey,
  iat: now,
  exp: now + 3600,
};
const token = jwt.sign(claims, apiSecret, { algorithm: "HS256" });

const url = "https://api.zoom.us/v2/users?status=active";

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
