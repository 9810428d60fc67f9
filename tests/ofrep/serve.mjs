/** `vexil serve` as the server under test. */

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const root = resolve(import.meta.dirname, "../..");

/** Starts it with the flags of `ruleset.json`: the options of the suite, `save` and `stop`. */
export async function startServe(...options) {
  execFileSync("cargo", ["build", "--quiet", "--package", "vexil-cli"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  const folder = mkdtempSync(join(tmpdir(), "vexil-serve-"));
  const file = join(folder, "flags.json");
  const ruleset = readFileSync(new URL("ruleset.json", import.meta.url), "utf8");
  writeFileSync(file, ruleset);
  const child = spawn(join(root, "target/debug/vexil"), ["serve", file, "--port", "0", "--json", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const said = async () => JSON.parse((await lines.next()).value);
  const { url } = await said();
  /** Saves the ruleset as `edit` leaves it; gives what the server says of it, once it does. */
  const save = async (edit) => {
    const edited = JSON.parse(ruleset);
    edit(edited);
    writeFileSync(file, JSON.stringify(edited));
    return said();
  };
  let isChanged = false;
  const change = (wanted) => async () => {
    if (wanted !== isChanged) {
      isChanged = wanted;
      await save(({ flags }) => Object.assign(flags.checkout, { enabled: !wanted }));
    }
  };
  return {
    url,
    origin: "http://localhost:5173",
    change: change(true),
    undo: change(false),
    save,
    stop: async () => {
      child.kill();
      await once(child, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}
