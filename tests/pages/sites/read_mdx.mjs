// Reads pages as MDX on stdin (JSON: a list of texts), compiles and runs each, and writes what is
// on them: the imports, and the components and blocks of code as a tree. A site's own components
// are not here: `Tabs` and `TabItem` stand for themselves.
import { evaluate } from "@mdx-js/mdx";

const Fragment = Symbol("Fragment");
const jsx = (type, props) =>
  typeof type === "function" ? type(props) : { type, ...props };

// Both sites take the front matter away before they read MDX.
const withoutFrontMatter = (text) => text.replace(/^---\n.*?\n---\n/s, "");

async function page(text) {
  const imports = [];
  const metas = [];
  // The modules that pages import are the sites' own; the statements are read, not run.
  const withoutImports = () => (tree) => {
    const visit = (node) => {
      if (node.type === "code") metas.push({ lang: node.lang, meta: node.meta });
      if (!node.children) return;
      node.children = node.children.filter((child) => {
        if (child.type === "mdxjsEsm") imports.push(...child.data.estree.body);
        return child.type !== "mdxjsEsm";
      });
      node.children.forEach(visit);
    };
    visit(tree);
  };
  const { default: Content } = await evaluate(withoutFrontMatter(text), {
    Fragment,
    jsx,
    jsxs: jsx,
    remarkPlugins: [withoutImports],
  });
  const components = { Tabs: "Tabs", TabItem: "TabItem" };
  const names = imports.flatMap(({ source, specifiers }) =>
    specifiers.map((each) => [each.local.name, source.value, each.imported?.name ?? "default"]),
  );
  return { imports: names, metas, content: plain(Content({ components })) };
}

// Fragments away, texts joined.
function plain(node) {
  if (typeof node === "string") return [node];
  if (Array.isArray(node)) return node.flatMap(plain);
  if (!node) return [];
  if (node.type === Fragment) return plain(node.children);
  const { type, children, ...attributes } = node;
  return [{ type, attributes, children: plain(children) }];
}

let input = "";
for await (const chunk of process.stdin) input += chunk;
const pages = [];
for (const text of JSON.parse(input)) {
  try {
    pages.push(await page(text));
  } catch (error) {
    pages.push({ error: `${error.line ?? "?"}: ${error.message}` });
  }
}
process.stdout.write(JSON.stringify(pages));
