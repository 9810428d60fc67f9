import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { testSecrets } from "../local.mjs";
import { CALLS, PAGE_CALLS } from "./calls.mjs";
import { ADMIN, BROWSER, OPERATE, PAGE, SERVER, startEdge } from "./support.mjs";

// The names of public attributes are no secret: a page is told which of them its answers depend on.

/** What is planted, and everything that was: `heron` is a word that is nowhere else. */
const planted = new Set();
function plant(place) {
  // An end of its own, so that none is the beginning of another.
  const word = `heron-${place}-egg`;
  planted.add(word);
  return word;
}

const onOff = { type: "boolean", variants: { on: true, off: false }, offVariant: "off" };
const SERVER_FLAG = plant("server-flag");
const TEAM = plant("team");
const PRIVATE = plant("private-attribute");
const MATCHED = plant("private-literal");
const MEMBER = plant("member");
const RULESET = {
  flags: {
    "shown-as-values": {
      description: plant("description"),
      owner: TEAM,
      tags: [plant("tag")],
      type: "string",
      variants: { plain: "plain", [plant("unserved-variant")]: plant("unserved-value") },
      offVariant: "plain",
      expose: "values",
      targets: { plain: [plant("target")] },
      rules: [
        { name: plant("unmatched-rule"), when: { attr: "country", in: [plant("literal-of-values")] }, serve: "plain" },
        { when: { segment: plant("segment") }, serve: "plain" },
      ],
      default: "plain",
    },
    "shown-as-program": {
      ...onOff,
      expose: "program",
      rules: [
        { when: { attr: PRIVATE, is: MATCHED }, serve: "on" },
        { name: plant("folded-rule"), when: { attr: PRIVATE, endsWith: plant("private-suffix") }, serve: "on" },
        { when: { all: [{ attr: "/account/ltv", gte: 1000 }, { attr: "plan", is: plant("literal-behind-something-private") }] }, serve: "on" },
        { when: { segment: plant("long-segment") }, serve: "on" },
        { name: "public", when: { attr: "plan", is: "pro" }, serve: "on" },
      ],
      default: "off",
    },
    "shown-and-needs-hidden": {
      ...onOff,
      expose: "program",
      requires: { flag: SERVER_FLAG, variant: [plant("server-variant")] },
      default: "on",
    },
    "shown-and-released": { ...onOff, expose: "values", default: { release: plant("release-of-values") } },
    [SERVER_FLAG]: {
      type: "string",
      variants: { [plant("server-variant")]: plant("server-value"), none: "" },
      offVariant: "none",
      targets: { none: [plant("server-target")] },
      rules: [{ name: plant("server-rule"), when: { attr: "channel", in: [plant("server-literal")] }, serve: "none" }],
      default: { release: plant("release") },
    },
  },
  segments: {
    [plant("segment")]: { members: [plant("short-member")], when: { attr: "tier", is: plant("segment-literal") } },
    [plant("long-segment")]: { members: Array.from({ length: 300 }, (_, number) => `${MEMBER}-${number}`) },
  },
  releases: {
    [plant("release-of-values")]: {
      description: plant("release-description"),
      owner: TEAM,
      from: "off",
      to: "on",
      stages: [{ name: plant("stage"), audience: { attr: "country", is: plant("audience") } }, { name: "all", percent: 100 }],
    },
    [plant("release")]: { from: "none", to: plant("server-variant"), stages: [{ name: plant("server-stage"), percent: 100 }] },
  },
  metrics: { [plant("metric")]: { kind: "failure", description: plant("metric-description") } },
  teams: { [TEAM]: { description: plant("team-description") } },
  private: [PRIVATE, "/account"],
  tests: [{ context: { targetingKey: plant("test-unit") }, expect: { "shown-as-program": "off" } }],
};
const inRuleset = [...planted];
const REASON = plant("reason");
const SAID = plant("said-in-a-context");

const CONTEXTS = [
  {},
  { targetingKey: "user-1", plan: "pro", country: "DE" },
  { targetingKey: SAID, [PRIVATE]: MATCHED, account: { ltv: 5000, [SAID]: SAID } },
  { targetingKey: `${MEMBER}-7`, [PRIVATE]: "nothing" },
];
const SECRETS = [ADMIN, OPERATE, SERVER];

/** Says of everything that is planted that it was served or happened. */
const REPORT = {
  batch: "b",
  sent: 0,
  units: { targetingKey: SAID, anonymousId: SAID },
  events: [...planted].flatMap((word) => [
    { flag: word, variant: word, stage: word, arm: word, version: 1, at: 0 },
    { flag: "shown-as-values", variant: "plain", stage: word, arm: "treated", version: 1, at: 0 },
    { flag: "shown-as-values", variant: word, version: 1, at: 0 },
    { metric: word, at: "never" },
  ]),
};

/** Answers to a browser's key, of every call and in every way that it fails: `[what, head and body]`. */
async function answers(edge) {
  const seen = [];
  const ask = async (what, method, path, options = {}) => {
    const init = { ...options, method, headers: { origin: PAGE, "x-api-key": BROWSER, ...options.headers } };
    // The runtime closes a connection on which more was sent than was read: then it is asked anew.
    const response = await fetch(edge.url + path, init).catch(() => fetch(edge.url + path, init));
    const head = [...response.headers].join("\n");
    if (response.headers.get("content-type") === "text/event-stream") {
      await response.body?.cancel();
      seen.push([`${method} ${path} ${what}`, head]);
      return response.status;
    }
    const body = Buffer.from(await response.arrayBuffer()).toString("latin1");
    seen.push([`${method} ${path} ${what}`, `${head}\n\n${body}`]);
    return response.status;
  };
  const flags = Object.keys(RULESET.flags).filter((key) => !planted.has(key));
  for (const context of CONTEXTS) {
    const body = JSON.stringify({ context });
    const encoded = Buffer.from(JSON.stringify(context)).toString("base64url");
    for (const path of ["/v1/values", "/v1/program", "/ofrep/v1/evaluate/flags", ...flags.map((key) => `/ofrep/v1/evaluate/flags/${key}`)]) {
      assert.equal(await ask("answered", "POST", path, { body }), 200, path);
    }
    assert.equal(await ask("answered", "GET", `/v1/values?context=${encoded}`), 200);
  }
  assert.equal(await ask("reported", "POST", "/v1/events", { body: JSON.stringify(REPORT) }), 202);
  for (const call of CALLS) {
    const path = call.pattern.replace(/\{\w+\}/, "nothing");
    const hasBody = !["GET", "HEAD"].includes(call.method);
    await ask("with a browser's key", call.method, path, hasBody ? { body: "{}" } : {});
    await ask("without a key", call.method, path, { ...(hasBody && { body: "{}" }), headers: { "x-api-key": "" } });
    await ask("asked how", "OPTIONS", path);
    await ask("asked wrongly", "DELETE", path);
    if (hasBody) {
      for (const body of ["{", "[]", '{"context":7}', `{"context":{"a":"${"x".repeat(70_000)}"}}`, '{"signed":"e.e.e"}']) {
        await ask(`broken by ${body.slice(0, 20)}`, call.method, path, { body });
      }
    } else {
      await ask("headed", "HEAD", path);
    }
  }
  await ask("nowhere", "GET", "/v1/nothing");
  await ask("nowhere", "GET", "/nothing");
  await ask("another environment", "POST", "/ofrep/v1/evaluate/flags", { body: "{}", headers: { "vexil-environment": "nothing" } });
  return seen;
}

/** What of `words` each of `texts` holds. */
function leaks(texts, words) {
  return texts.flatMap(([what, text]) => [...words].filter((word) => text.includes(word)).map((word) => `${word} in ${what}`));
}

let edge;
before(async () => {
  edge = await startEdge();
  const published = await edge.publish(RULESET);
  assert.equal(published.status, 200, published.text);
});

test("what is planted is there to be found", async () => {
  const ruleset = (await edge.call("GET", "/admin/v1/ruleset", { key: ADMIN })).text;
  assert.deepEqual(inRuleset.filter((word) => !ruleset.includes(word)), []);
  const server = (await edge.all(CONTEXTS[0], SERVER)).text;
  assert.ok(server.includes(SERVER_FLAG));
});

test("no answer to a browser's key holds what is planted, or a secret", async () => {
  const seen = await answers(edge);
  for (const { pattern } of PAGE_CALLS) {
    const prefix = pattern.replace(/\{\w+\}/, "");
    assert.ok(seen.some(([what]) => what.includes(prefix)), pattern);
  }
  assert.deepEqual(leaks(seen, [...planted, ...SECRETS]), []);
});

test("nor does one after operations changed something hidden, by hand and for a reason", async () => {
  assert.equal((await edge.kill(SERVER_FLAG, REASON)).status, 200);
  const body = { reason: REASON };
  assert.equal((await edge.call("POST", `/admin/v1/releases/${plant("release-of-values")}/start`, { key: OPERATE, body })).status, 200);
  assert.deepEqual(leaks(await answers(edge), [...planted, ...SECRETS].filter((word) => word !== plant("stage"))), []);
  await edge.restore(SERVER_FLAG);
});

test("the stream tells of changes of what is hidden by a number", async () => {
  const events = edge.events();
  const first = (await events.next()).value;
  await edge.kill(SERVER_FLAG, REASON);
  const second = (await events.next()).value;
  await events.return();
  assert.notEqual(first.id, second.id);
  assert.deepEqual(leaks([["stream", JSON.stringify([first, second])]], [...planted, ...SECRETS]), []);
  await edge.restore(SERVER_FLAG);
});

test("a leak would be found: each of these rulesets has one", async () => {
  const with_ = (key, change) => ({ ...RULESET, flags: { ...RULESET.flags, [key]: { ...RULESET.flags[key], ...change } } });
  for (const [ruleset, ...words] of [
    [with_(SERVER_FLAG, { expose: "values" }), SERVER_FLAG],
    [with_("shown-as-values", { expose: "program" }), plant("literal-of-values"), plant("unmatched-rule")],
    [{ ...RULESET, private: [] }, PRIVATE, plant("private-suffix"), plant("folded-rule")],
  ]) {
    const leaky = await startEdge();
    assert.equal((await leaky.publish(ruleset)).status, 200);
    const found = leaks(await answers(leaky), planted).join("\n");
    assert.deepEqual(words.filter((word) => !found.includes(word)), [], found);
    await leaky.stop();
  }
});

/** Runs the command with the ruleset published, and gives all that it printed until it ended. */
async function printed(t, use) {
  const state = mkdtempSync(join(tmpdir(), "vexil-canaries-"));
  t.after(() => rmSync(state, { recursive: true, force: true }));
  const script = fileURLToPath(new URL("../local.mjs", import.meta.url));
  const env = { ...process.env, ...testSecrets, VEXIL_REFUSED_LIMIT: "1/1000" };
  const child = spawn(process.execPath, [script, "--port", "0", "--state", state], { env, stdio: "pipe" });
  t.after(() => child.kill("SIGKILL"));
  let text = "";
  let started;
  const url = new Promise((resolve) => (started = resolve));
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on("line", (line) => {
      text += `${line}\n`;
      started(/^listening (\S+)$/.exec(line)?.[1] ?? undefined);
    });
  }
  await use(await url);
  child.kill("SIGTERM");
  await once(child, "close");
  return text;
}

test("nothing that the worker prints holds what is planted, a key, or what a context says", async (t) => {
  const text = await printed(t, async (url) => {
    const publish = (body) =>
      fetch(`${url}/admin/v1/ruleset`, { method: "PUT", headers: { authorization: `Bearer ${ADMIN}`, "if-match": "*" }, body });
    assert.equal((await publish(JSON.stringify(RULESET))).status, 200);
    assert.equal((await publish(JSON.stringify({ ...RULESET, flags: { ...RULESET.flags, [SERVER_FLAG]: {} } }))).status, 422);
    await answers({ url });
    for (const key of [SERVER, "heron-guess"]) {
      const headers = { authorization: `Bearer ${key}` };
      await fetch(`${url}/ofrep/v1/evaluate/flags`, { method: "POST", headers, body: JSON.stringify({ context: CONTEXTS[2] }) });
      await fetch(`${url}/admin/v1/ruleset?key=${key}`, { headers });
    }
    const kill = { method: "POST", headers: { authorization: `Bearer ${OPERATE}` }, body: JSON.stringify({ reason: REASON }) };
    assert.equal((await fetch(`${url}/admin/v1/flags/shown-as-values/kill`, kill)).status, 200);
  });
  assert.match(text, /^listening /m);
  assert.deepEqual(leaks([["the log", text]], [...planted, ...SECRETS, BROWSER, "heron-guess"]), []);
});

test("no built asset holds a key of this deployment, or where to find one", () => {
  const folder = new URL("../../../www/dist/", import.meta.url);
  const files = readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), "latin1")]);
  assert.ok(files.length > 3);
  assert.deepEqual(leaks(files, [...planted, ...Object.keys(testSecrets), ADMIN, OPERATE, SERVER]), []);
});
