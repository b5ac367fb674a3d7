// One peer renders one request in six languages.
//
//   node peers.mjs PEER            the six snippets, once
//   node peers.mjs PEER SECONDS    again and again for that long; JSON: count, bytes, cpu_seconds
//
// Every peer gets the request in the form that it takes. Six snippets are made as its users would
// make them: where it has an object for a request, or takes a list of languages, once for all six.

import { performance } from "node:perf_hooks";

const METHOD = "GET";
const SERVER = "https://api.zoom.us/v2";
const PATH = "/users";
const TOKEN = "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl";
const HEADERS = { Accept: "application/json", Authorization: TOKEN };
const URL = `${SERVER}${PATH}?status=active`;
const HAR = {
  method: METHOD,
  url: `${SERVER}${PATH}`,
  httpVersion: "HTTP/1.1",
  headers: Object.entries(HEADERS).map(([name, value]) => ({ name, value })),
  queryString: [{ name: "status", value: "active" }],
  cookies: [],
  headersSize: -1,
  bodySize: -1,
};
const OPENAPI = {
  openapi: "3.0.0",
  info: { title: "Users", version: "1" },
  servers: [{ url: SERVER }],
  paths: {
    [PATH]: {
      get: {
        parameters: [
          { in: "query", name: "status", schema: { type: "string" }, example: "active" },
          { in: "header", name: "Accept", schema: { type: "string" }, example: HEADERS.Accept },
          { in: "header", name: "Authorization", schema: { type: "string" }, example: TOKEN },
        ],
        responses: { 200: { description: "The users." } },
      },
    },
  },
};
const COMMAND = `curl '${URL}' ${Object.entries(HEADERS)
  .map(([name, value]) => `-H '${name}: ${value}'`)
  .join(" ")}`;

// Language by language: Node, shell, PHP, Python, Ruby and C#.
const CLIENTS = [
  ["node", "fetch"],
  ["shell", "curl"],
  ["php", "curl"],
  ["python", "requests"],
  ["ruby", "native"],
  ["csharp", "httpclient"],
];

// Each gives a function that makes the six snippets.
const PEERS = {
  async "@scalar/snippetz"() {
    const { snippetz } = await import("@scalar/snippetz");
    const { print } = snippetz();
    return () => CLIENTS.map(([target, client]) => print(target, client, HAR));
  },
  async httpsnippet() {
    const { HTTPSnippet } = await import("httpsnippet");
    return () => {
      const snippet = new HTTPSnippet(HAR);
      return CLIENTS.map(([target, client]) => snippet.convert(target, client));
    };
  },
  async "@readme/httpsnippet"() {
    const { HTTPSnippet } = await import("@readme/httpsnippet");
    return () => {
      const snippet = new HTTPSnippet(HAR);
      return CLIENTS.map(([target, client]) => snippet.convert(target, client)[0]);
    };
  },
  async "openapi-snippet"() {
    const { default: openapi } = await import("openapi-snippet");
    const targets = CLIENTS.map((client) => client.join("_"));
    return () =>
      openapi.getEndpointSnippets(OPENAPI, PATH, "get", targets).snippets.map((each) => each.content);
  },
  async curlconverter() {
    const curl = await import("curlconverter");
    // A shell is what it reads: wget is the nearest that it writes.
    const targets = [curl.toNode, curl.toWget, curl.toPhp, curl.toPython, curl.toRuby, curl.toCSharp];
    return () => targets.map((target) => target(COMMAND));
  },
  async "postman-code-generators"() {
    const { default: codegen } = await import("postman-code-generators");
    const { default: sdk } = await import("postman-collection");
    const request = new sdk.Request({
      method: METHOD,
      url: URL,
      header: Object.entries(HEADERS).map(([key, value]) => ({ key, value })),
    });
    const targets = [
      ["nodejs", "Native"],
      ["curl", "cURL"],
      ["php", "cURL"],
      ["python", "Requests"],
      ["ruby", "Net::HTTP"],
      ["csharp", "HttpClient"],
    ];
    return () =>
      targets.map(([language, variant]) => {
        let text;
        codegen.convert(language, variant, request, {}, (error, snippet) => {
          if (error) throw error;
          text = snippet;
        });
        return text;
      });
  },
};

const [name, seconds] = process.argv.slice(2);
const six = await PEERS[name]();
const texts = six();
if (texts.length !== 6 || texts.some((text) => typeof text !== "string" || text.length < 50)) {
  throw new Error(`${name} did not give six snippets`);
}
if (seconds === undefined) {
  process.stdout.write(texts.join("\n\n"));
} else {
  const run = (milliseconds) => {
    let [rounds, bytes] = [0, 0];
    const before = process.cpuUsage();
    for (const end = performance.now() + milliseconds; performance.now() < end; rounds += 1) {
      for (const text of six()) bytes += text.length;
    }
    const { user, system } = process.cpuUsage(before);
    return { count: 6 * rounds, bytes, cpu_seconds: (user + system) / 1e6 };
  };
  run(2000 * seconds); // until the compiler has done what it can
  process.stdout.write(JSON.stringify(run(1000 * seconds)));
}
