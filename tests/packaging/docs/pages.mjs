// The code of the pages in bindings/browser/docs: each fence that has a name is a file of its page's folder.

import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

export const PAGES = join(import.meta.dirname, "../../../bindings/browser/docs");
/** Where the files are written: beside the packages that they import. */
export const FILES = join(import.meta.dirname, "dist/pages");
const FENCE = /^( *)```(\w+)(?: (\S+))?$/;
const COMPILED = new Set(["ts", "tsx", "vue", "html"]);

/** Writes all files anew, with `names` put in place of what pages say; returns the text of each by its path in `to`. */
export async function writePages(to, names) {
  await rm(to, { recursive: true, force: true });
  const files = new Map();
  for (const page of (await readdir(PAGES)).filter((name) => name.endsWith(".md") && name !== "reference.md")) {
    const folder = page.slice(0, -".md".length);
    for (const [name, text] of filesOf(page, await readFile(join(PAGES, page), "utf8"))) files.set(`${folder}/${name}`, replaced(text, names));
  }
  for (const [path, text] of files) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await writeFile(join(to, path), text);
  }
  return files;
}

function replaced(text, names) {
  return Object.entries(names).reduce((text, [shown, real]) => text.replaceAll(shown, real), text);
}

/** Each file has its code at the lines where the page has it, so that a compiler's message names the line of the page. */
export function filesOf(page, markdown) {
  const lines = markdown.split("\n");
  const files = new Map();
  const add = (name, from, code) => {
    if (files.has(name)) throw new Error(`${page} has two files called ${name}`);
    files.set(name, "\n".repeat(from) + code.join("\n") + "\n");
  };
  for (let at = 0; at < lines.length; at += 1) {
    if (lines[at] === "<!--") {
      const end = lines.indexOf("-->", at);
      const [code, next] = tableAfter(lines, end);
      add(`table-${at}.ts`, at, ["", ...lines.slice(at + 1, end), "", ...code]);
      at = next;
    }
    const [, indent, language, name] = lines[at]?.match(FENCE) ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf(`${indent}\`\`\``, at);
    const code = lines.slice(at + 1, end).map((line) => line.slice(indent.length));
    if (name === undefined && COMPILED.has(language)) throw new Error(`${page}:${at + 1}: code without the name of its file`);
    if (name !== undefined) add(name, at + 1, code);
    if (language === "html") add(`${name}.js`, at + 1, scriptOf(code));
    at = end;
  }
  return files;
}

/** The calls in the cells of the table that follows the line `end`, and the line on which it ends. */
function tableAfter(lines, end) {
  const code = [];
  let at = end + 1;
  for (; lines[at] === "" || lines[at]?.startsWith("|"); at += 1) {
    const spans = [...lines[at].matchAll(/`([^`]*)`/g)].map(([, span]) => span);
    code.push(spans.filter((span) => span.includes("(")).map((call) => `void (${call});`).join(" "));
  }
  return [code, at];
}

/** The module in a page, every other line of which is empty. */
function scriptOf(html) {
  const from = html.findIndex((line) => line.includes('<script type="module">'));
  const to = html.findIndex((line, at) => at > from && line.includes("</script>"));
  return html.map((line, at) => (at > from && at < to ? line : ""));
}
