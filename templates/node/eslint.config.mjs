// The rules that ESLint recommends, and the names that Node itself defines; nothing of our own.
import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  { languageOptions: { globals: globals.node } },
];
