// Formats files in place: node mago.mjs FOLDER FILE..., FOLDER being where npm installed mago_fmt.
// mago_fmt is mago's formatter without mago's command line.

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, ...files] = process.argv.slice(2);
const library = resolve(folder, "node_modules/@wasm-fmt/mago_fmt/mago_fmt_node.js");
const { format_with_version: format } = await import(pathToFileURL(library));
for (const file of files) {
  try {
    writeFileSync(file, format(readFileSync(file, "utf8"), "8.1", file, { preset: "per-cs" }));
  } catch (error) {
    console.error(`${file}: ${error.message ?? error}`);
    process.exitCode = 1;
  }
}
