import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";

import { RULESET, atTerminal, start } from "./support.mjs";

let edge, vexil, path, folder;
before(async () => {
  ({ edge, vexil, path, folder } = await start());
  await edge.publish(RULESET);
});

const tokens = async () => (await edge.admin("GET", "tokens")).json.tokens;
const DAY = 86_400_000;

test("a token is made into a file that nobody else can read", async () => {
  const made = await vexil(["tokens", "create", "publishes from CI", "--scope", "write", "--scope", "operate", "--expires", "90d", "--output", "ci.token"]);
  assert.equal(made.code, 0, made.notes);
  assert.equal(made.out, "");
  assert.match(made.notes, /^production \(http:.*\) has the new key \w{12}: its secret is in ci\.token\n$/);
  assert.equal(statSync(path("ci.token")).mode & 0o777, 0o600);
  const secret = readFileSync(path("ci.token"), "utf8");
  assert.match(secret, /^vxl_admin_production_\w{32}\n$/);
  const { name, scopes, created, expires } = (await tokens()).at(-1);
  assert.deepEqual([name, scopes], ["publishes from CI", ["operate", "write"]]);
  assert.ok(Math.abs(expires - created - 90 * DAY) < 60_000);

  const used = await vexil(["history"], { variables: { VEXIL_TOKEN: "", VEXIL_TOKEN_FILE: path("ci.token") } });
  assert.equal(used.code, 0, used.notes);
});

test("a secret is printed only where that is asked for", async () => {
  const count = (await tokens()).length;
  const unsaid = await vexil(["tokens", "create", "x", "--scope", "read"]);
  assert.equal(unsaid.code, 2);
  assert.match(unsaid.notes, /--output/);
  const taken = await vexil(["tokens", "create", "x", "--scope", "read", "--output", "vexil.toml"]);
  assert.equal(taken.code, 3);
  assert.match(taken.notes, /^cannot make vexil\.toml: /);
  assert.equal((await tokens()).length, count, "no secret is made that has no place");

  const printed = await vexil(["tokens", "create", "x", "--kind", "browser", "--print"]);
  assert.match(printed.out, /^vxl_browser_production_\w{32}\n$/);
  const { lines: [json] } = await vexil(["tokens", "create", "x", "--kind", "server", "--print", "--json"]);
  assert.match(json.key, /^vxl_server_production_\w{32}$/);
  const { lines: [quiet] } = await vexil(["tokens", "create", "x", "--kind", "server", "-o", "s.token", "--json"]);
  assert.deepEqual([quiet.kind, "key" in quiet], ["server", false]);
});

test("what the edge refuses leaves no file behind", async () => {
  const refused = await vexil(["tokens", "create", "x", "--scope", "read", "--expires", "2020-01-01T00:00:00Z", "-o", "past.token"]);
  assert.deepEqual([refused.code, refused.notes], [5, "production refused: `expires` is past\n"]);
  assert.equal(existsSync(path("past.token")), false);
  const scopeless = await vexil(["tokens", "create", "x", "-o", "x.token"]);
  assert.equal(scopeless.code, 2);
  assert.match(scopeless.notes, /--scope/);
  const scoped = await vexil(["tokens", "create", "x", "--kind", "server", "--scope", "read", "-o", "x.token"]);
  assert.equal(scoped.code, 2);
  assert.equal(existsSync(path("x.token")), false);
  const odd = await vexil(["tokens", "create", "x", "--scope", "read", "--expires", "soon", "-o", "x.token"]);
  assert.equal(odd.code, 2);
});

test("keys are listed without their secrets, and end", async () => {
  const { id, key } = await edge.issue("admin", { scopes: ["read"], name: "Bo\u2019s" });
  const list = await vexil(["tokens", "list"]);
  assert.match(list.out, new RegExp(`^${id} +admin +read +\\S+Z +never +Bo’s$`, "m"));
  assert.ok(!list.out.includes(key.slice(-32)));
  const { lines } = await vexil(["tokens", "list", "--json"]);
  assert.equal(lines.find((token) => token.id === id).name, "Bo’s");

  const no = await atTerminal(["tokens", "revoke", id], { cwd: folder, input: "\n" });
  assert.equal(no.code, 1, no.out);
  assert.match(no.out, new RegExp(`End the key ${id} of production .*\\? \\[y/N\\]`));
  const later = await vexil(["tokens", "revoke", id, "--at", "12h", "--yes"]);
  assert.match(later.out, new RegExp(`^the key ${id} \\(Bo’s\\) of production .* ends at \\S+Z\n$`));
  const now = await vexil(["tokens", "revoke", id, "--yes", "--reason", "it leaked"]);
  assert.match(now.out, / has ended\n$/);
  const gone = await vexil(["history"], { variables: { VEXIL_TOKEN: key } });
  assert.deepEqual([gone.code, gone.notes], [5, "production does not know this token: it is wrong, or it has ended (VEXIL_TOKEN has it)\n"]);
  assert.match((await vexil(["tokens", "list"])).out, new RegExp(`^${id} .* ended \\d+ s ago +Bo’s$`, "m"));
  const unknown = await vexil(["tokens", "revoke", "nobody", "--yes"]);
  assert.deepEqual([unknown.code, unknown.notes], [5, "production refused: no token `nobody`\n"]);
});

test("a file of a token that is none is named, and its text is not", async () => {
  for (const [text, notes] of [["", /has nothing/], ["two words", /has something that is no token/], ["gehe\u0301im", /is no token/]]) {
    writeFileSync(path("odd.token"), text);
    const { code, notes: said } = await vexil(["history"], { variables: { VEXIL_TOKEN: "", VEXIL_TOKEN_FILE: path("odd.token") } });
    assert.equal(code, 2);
    assert.match(said, notes);
    assert.ok(text === "" || !said.includes(text));
  }
  const missing = await vexil(["history"], { variables: { VEXIL_TOKEN: "", VEXIL_TOKEN_FILE: "none" } });
  assert.equal(missing.code, 3);
});
