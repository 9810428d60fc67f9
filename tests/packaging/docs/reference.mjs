#!/usr/bin/env node
// The reference of the npm package, of the types that are built and their comments: `node reference.mjs` writes it.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { argv } from "node:process";
import ts from "typescript";

const PACKAGE = join(import.meta.dirname, "../../../bindings/browser");
export const FILE = join(PACKAGE, "docs/reference.md");
const OPTIONS = { strict: true, skipLibCheck: true, module: ts.ModuleKind.NodeNext, lib: ["lib.es2022.d.ts", "lib.dom.d.ts"], types: [] };
const HEAD = "# Reference\n\nEverything that `vexil` and its subpaths export, with what the types say of it. Written by `cargo xtask reference`.\n";

/** The whole of it, as Markdown. */
export async function reference() {
  const entries = await entriesOf(PACKAGE);
  const program = ts.createProgram([...entries.keys()], OPTIONS);
  const checker = program.getTypeChecker();
  /** The anchor of what has been told, by symbol. */
  const told = new Map();
  const anchors = new Set();
  const sections = [...entries].map(([file, subpaths]) => {
    const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file))).map((symbol) => resolved(checker, symbol));
    const here = exported.filter((symbol) => !told.has(symbol));
    for (const symbol of here) told.set(symbol, anchor(symbol.name, anchors));
    return { subpaths, here, elsewhere: exported.filter((symbol) => !here.includes(symbol)) };
  });
  const names = new Map([...told].map(([symbol, to]) => [symbol.name, to]).reverse());
  const link = (name, to) => `[\`${name}\`](#${to})`;
  const written = sections.map(({ subpaths, here, elsewhere }) => {
    const also = elsewhere.map((symbol) => link(symbol.name, told.get(symbol))).join(", ");
    const parts = here.map((symbol) => `### ${symbol.name}\n\n${[prose(symbol, checker, names, link), code(symbol)].filter(Boolean).join("\n\n")}\n`);
    return `## ${subpaths.map((path) => `\`${path}\``).join(", ")}\n\n${also && `Also ${also}.\n\n`}${parts.join("\n")}`;
  });
  return `${HEAD}\n${written.join("\n")}`;
}

/** The subpaths that have types, by the file that has them. */
async function entriesOf(folder) {
  const { name, exports } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const entries = new Map();
  for (const [subpath, { types }] of Object.entries(exports)) {
    if (types === undefined) continue;
    const file = join(folder, types);
    entries.set(file, [...(entries.get(file) ?? []), join(name, subpath)]);
  }
  return entries;
}

function resolved(checker, symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** As GitHub names the place of a heading. */
function anchor(name, taken) {
  const base = name.toLowerCase();
  let to = base;
  for (let count = 1; taken.has(to); count += 1) to = `${base}-${count}`;
  taken.add(to);
  return to;
}

/** What stands above a declaration. */
function prose(symbol, checker, names, link) {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const tags = symbol.getJsDocTags(checker).map(({ name, text }) => {
    if (name !== "throws") throw new Error(`the comment of ${symbol.name} has @${name}, which the reference does not know`);
    return ts.displayPartsToString(text).replace(/^\{(\w+)\}/, "Throws a `$1`");
  });
  return [text, ...tags.map((tag) => `${tag}`)]
    .filter(Boolean)
    .join("\n\n")
    .replace(/\{@link (\w+)([\w.]*)\}/g, (_, name, member) => (names.has(name) ? link(name + member, names.get(name)) : `\`${name}${member}\``));
}

/** The declarations, each with the comments of its members. */
function code(symbol) {
  const declarations = symbol.getDeclarations().map((declaration) => {
    const whole = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
    return whole
      .getText()
      .replace(/^(export )?(declare )?/, "")
      .replace(/^ +(#private|private .*);\n/gm, "")
      .replace(/\{@link ([\w.]+)\}/g, "`$1`")
      .replace(/^( {4})+/gm, (indent) => " ".repeat(indent.length / 2));
  });
  return `\`\`\`ts\n${declarations.join("\n")}\n\`\`\``;
}

if (argv[1] === import.meta.filename) {
  await mkdir(dirname(FILE), { recursive: true });
  await writeFile(FILE, await reference());
}
