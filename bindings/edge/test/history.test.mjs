import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { ADMIN, OPERATE, RULESET, startEdge } from "./support.mjs";

const { checkout, ...OTHERS } = RULESET.flags;
/** The same, but for one answer of one flag. */
const CHANGED = { ...RULESET, flags: { ...RULESET.flags, checkout: { ...checkout, default: "on" } } };
const WITHOUT = { ...RULESET, flags: OTHERS };

let edge;
beforeEach(async () => {
  await edge?.stop();
  edge = await startEdge();
});

const put = (ruleset, headers = {}, query = "") =>
  edge.admin("PUT", `ruleset${query}`, { headers: { "if-match": "*", ...headers }, body: ruleset });
const rollBack = (version, { ifMatch = "*", body } = {}) =>
  edge.admin("POST", `rollback/${version}`, { headers: ifMatch === null ? {} : { "if-match": ifMatch }, body });
const move = (verb, name = "gradual-ga") => edge.admin("POST", `releases/${name}/${verb}`);
const versions = async (query = "") => (await edge.admin("GET", `versions${query}`)).json;
const diff = async (query) => (await edge.admin("GET", `diff?${query}`)).json;

test("every version says who made it, when, what was done and why", async () => {
  await put(RULESET, { "vexil-reason": encodeURIComponent("für Ada & Bo %") });
  await edge.kill("checkout", "errors");
  await put(CHANGED, {}, "?reason=a+new%20default");
  await move("start");
  const { versions: list, next } = await versions();
  assert.deepEqual(
    list.map(({ number, program, live, author, token, action, subject, reason }) => [number, program, live, author, token, action, subject, reason]),
    [
      [4, 2, 2, "admin", null, "start", "gradual-ga", ""],
      [3, 2, 1, "admin", null, "publish", "", "a new default"],
      [2, 1, 1, "operator", null, "kill", "checkout", "errors"],
      [1, 1, 0, "admin", null, "publish", "", "für Ada & Bo %"],
    ],
  );
  assert.equal(next, null);
  assert.ok(list.every(({ changed }) => Math.abs(changed - Date.now()) < 600_000));
  const { killed, releases, ...version } = (await edge.admin("GET", "versions/4")).json;
  assert.deepEqual([version, killed], [list[0], ["checkout"]]);
  assert.deepEqual([releases["gradual-ga"].phase, releases["gradual-ga"].exposure], ["running", 0.1]);
  const first = (await edge.admin("GET", "versions/1")).json;
  assert.deepEqual([first.killed, first.releases], [[], {}]);
  for (const [number, ruleset] of [[1, RULESET], [2, RULESET], [3, CHANGED], [4, CHANGED]]) {
    assert.equal((await edge.admin("GET", `versions/${number}/ruleset`)).text, JSON.stringify(ruleset));
  }
  for (const path of ["versions/5", "versions/0", "versions/x", "versions/-1", "versions/5/ruleset", "versions/1e0/ruleset"]) {
    assert.equal((await edge.admin("GET", path)).status, 404, path);
  }
});

test("versions come in pages, newest first", async () => {
  await put(RULESET);
  for (const flag of ["checkout", "prices", "banner", "limit"]) await edge.kill(flag);
  const numbers = async (query) => {
    const { versions: list, next } = await versions(query);
    return [list.map(({ number }) => number), next];
  };
  assert.deepEqual(await numbers("?limit=2"), [[5, 4], 4]);
  assert.deepEqual(await numbers("?limit=2&before=4"), [[3, 2], 2]);
  assert.deepEqual(await numbers("?limit=2&before=2"), [[1], null]);
  assert.deepEqual(await numbers("?before=1"), [[], null]);
  assert.equal((await edge.admin("GET", "versions?limit=0")).status, 400);
  assert.equal((await edge.admin("GET", "versions?before=x")).status, 400);
});

test("a reason is a text of up to a thousand characters", async () => {
  assert.equal((await put(RULESET, {}, `?reason=${"é".repeat(1000)}`)).status, 200);
  assert.equal((await put(RULESET, {}, `?reason=${"é".repeat(1001)}`)).status, 400);
  assert.equal((await edge.kill("checkout", "x".repeat(1001))).status, 400);
  assert.equal((await versions()).versions.length, 1);
});

test("two versions differ by their flags and by what operations did", async () => {
  await put(RULESET);
  await edge.kill("checkout");
  await edge.kill("limit");
  await put(CHANGED);
  await move("start");
  await edge.restore("limit");
  const { flags, live, from, to } = await diff("from=1&to=5");
  assert.deepEqual([from, to], [1, 5]);
  assert.deepEqual(Object.keys(flags), ["checkout"]);
  assert.deepEqual([flags.checkout.what, flags.checkout.canDiffer], ["changed", true]);
  assert.ok(flags.checkout.changes.length > 0);
  assert.deepEqual([live.killed, live.restored], [["checkout", "limit"], []]);
  assert.deepEqual([live.releases["gradual-ga"].from, live.releases["gradual-ga"].to.phase], [null, "running"]);
  const back = await diff("from=6&to=1");
  assert.deepEqual([back.live.killed, back.live.restored], [[], ["checkout"]]);
  const last = await diff("from=5");
  assert.deepEqual([last.to, last.flags, last.live.restored], [6, {}, ["limit"]]);
  const all = await diff("from=0&to=1");
  assert.deepEqual(Object.keys(all.flags).sort(), Object.keys(RULESET.flags).sort());
  assert.ok(Object.values(all.flags).every(({ what }) => what === "added"));
  for (const [query, status] of [["from=1&to=7", 404], ["from=7&to=1", 404], ["to=1", 400], ["from=x", 400], ["from=1&to=-1", 400]]) {
    assert.equal((await edge.admin("GET", `diff?${query}`)).status, status, query);
  }
});

test("a dry run says what would change, and changes nothing", async () => {
  await put(RULESET);
  const run = (ruleset, headers = {}) => edge.admin("PUT", "ruleset?dry-run=true", { headers, body: ruleset });
  const answer = await run(CHANGED);
  assert.deepEqual([answer.status, answer.json.dryRun, answer.json.version], [200, true, 1]);
  assert.deepEqual(answer.json.flags, (await put(CHANGED), await diff("from=1&to=2")).flags);
  assert.deepEqual((await run(CHANGED)).json.flags, {});
  assert.equal((await run(RULESET, { "if-match": '"1"' })).status, 412);
  assert.equal((await run(RULESET, { "if-match": '"2"' })).status, 200);
  const wrong = await run({ flags: { checkout: { ...checkout, default: "onn", offVariant: "of" } } });
  assert.equal(wrong.status, 422);
  assert.deepEqual(wrong.json.issues.map(({ path }) => path).sort(), ["/flags/checkout/default", "/flags/checkout/offVariant"]);
  for (const query of ["?dry-run=yes", "?dry-run", "?dry-run=", "?dry%2Drun=1"]) {
    assert.equal((await put(RULESET, {}, query)).status, 400, query);
  }
  assert.equal((await versions()).versions.length, 2);
});

test("a rollback is a new version with an earlier ruleset, and leaves live state alone", async () => {
  await put(RULESET);
  await put(CHANGED);
  await edge.kill("checkout");
  await move("start");
  const answer = await rollBack(1, { ifMatch: '"4"', body: { reason: "it was better" } });
  assert.deepEqual([answer.status, answer.json, answer.headers.get("etag")], [200, { version: 5, program: 3 }, '"5"']);
  assert.equal((await edge.admin("GET", "ruleset")).text, JSON.stringify(RULESET));
  assert.equal((await edge.one("checkout", { country: "DE" })).json.reason, "DISABLED");
  await edge.restore("checkout");
  assert.equal((await edge.one("checkout")).json.variant, "off");
  const exposed = (await edge.admin("GET", "versions/5")).json;
  assert.deepEqual([exposed.action, exposed.reason, exposed.killed, exposed.releases["gradual-ga"].phase],
    ["republish", "it was better", ["checkout"], "running"]);
  assert.equal((await versions()).versions.length, 6);
});

test("a rollback that cannot be says why, and changes nothing", async () => {
  await put(RULESET);
  await put(WITHOUT);
  await edge.kill("limit");
  for (const [version, options, status, detail] of [
    [1, { ifMatch: null }, 428, /If-Match/],
    [1, { ifMatch: '"1"' }, 412, /another change came first/],
    [1, { ifMatch: "3" }, 400, /If-Match/],
    [4, {}, 404, /no version `4`/],
    [0, {}, 409, /version 0 has no ruleset: to have no flags, publish one that has none/],
    ["x", {}, 404, /no version `x`/],
    [2, {}, 409, /version 2 is the newest already/],
    [3, {}, 409, /version 3 is the newest already/],
    [1, { body: "[]" }, 400, /JSON object/],
  ]) {
    const answer = await rollBack(version, options);
    assert.equal(answer.status, status, `${version} ${JSON.stringify(options)}`);
    assert.match(answer.json.detail, detail);
  }
  const { releases, ...rest } = RULESET;
  await put({ ...rest, flags: { checkout } });
  await put(RULESET);
  await move("start");
  const refused = await rollBack(4);
  assert.deepEqual([refused.status, refused.json.issues[0].path, refused.json.issues[0].code], [422, "/releases/gradual-ga", "release-underway"]);
  assert.equal((await versions()).versions.length, 6);
});

test("of a write and a rollback at once on the same version, one is told", async () => {
  await put(RULESET);
  await put(CHANGED);
  const at = { ifMatch: '"2"' };
  const answers = await Promise.all([rollBack(1, at), rollBack(1, at), put(WITHOUT, { "if-match": '"2"' }), put(RULESET, { "if-match": '"2"' })]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412, 412, 412]);
  const late = answers.find(({ status }) => status === 412).json;
  assert.deepEqual([late.version, late.expected], [3, 2]);
});

test("a ruleset leaves a release that is under way as it is", async () => {
  const release = RULESET.releases["gradual-ga"];
  const edited = (changes, flags = RULESET.flags) => ({ ...RULESET, flags, releases: { "gradual-ga": { ...release, ...changes } } });
  const [some, all] = release.stages;
  await put(RULESET);
  assert.equal((await put(edited({ from: "on", to: "off" }))).status, 200, "a draft is free");
  await put(RULESET);
  await move("start");
  for (const [changes, paths] of [
    [{ from: "on", to: "off" }, ["/releases/gradual-ga/from", "/releases/gradual-ga/to"]],
    [{ by: "account" }, ["/releases/gradual-ga/by"]],
    [{ stages: [{ ...some, percent: 20 }, all] }, ["/releases/gradual-ga/stages/0"]],
  ]) {
    const answer = await put(edited(changes));
    assert.deepEqual([answer.status, answer.json.issues.map(({ path }) => path)], [422, paths]);
    assert.ok(answer.json.issues.every(({ code }) => code === "release-underway"));
  }
  const audience = { attr: "a", in: Array.from({ length: 2000 }, (_, number) => String(number)) };
  const rule = { when: { attr: "b", exists: true }, serve: { release: "gradual-ga" } };
  const complex = { ...RULESET.flags, gradual: { ...RULESET.flags.gradual, rules: Array(501).fill(rule) } };
  const wrong = await put(edited({ by: "account", stages: [some, { name: "many", audience }, all] }, complex));
  assert.deepEqual(wrong.json.issues.map(({ code }) => code), ["release-underway", "too-complex"], "every issue is told");
  const version = (await versions()).versions[0].number;
  const ahead = await put(edited({ stages: [some, { name: "half", percent: 50 }, all] }));
  assert.deepEqual(ahead.json.version, version + 1);
  assert.equal((await move("rollback")).status, 200);
  assert.equal((await put(edited({ from: "on", to: "off" }))).status, 200, "one that was taken back is free");
});

test("a kill is kept for a flag that is gone, and shows when it is back", async () => {
  await put(RULESET);
  await edge.kill("checkout", "on record");
  await put(WITHOUT);
  assert.deepEqual((await edge.admin("GET", "versions/3")).json.killed, ["checkout"]);
  assert.equal((await edge.kill("checkout")).status, 200);
  await put(RULESET);
  assert.equal((await edge.one("checkout", { country: "DE" })).json.reason, "DISABLED");
  assert.equal((await edge.restore("checkout")).json.version, 5);
});

test("a flag that was mistyped is suggested", async () => {
  await put(RULESET);
  for (const [key, detail] of [["chekout", "no flag `chekout` (did you mean `checkout`?)"], ["zzzzzzzz", "no flag `zzzzzzzz`"]]) {
    for (const verb of ["kill", "restore"]) {
      const answer = await edge.admin("POST", `flags/${key}/${verb}`, { key: OPERATE });
      assert.deepEqual([answer.status, answer.json.detail], [404, detail]);
    }
  }
  assert.equal((await edge.admin("POST", "flags/checkout/kill", { key: ADMIN })).status, 200);
});
