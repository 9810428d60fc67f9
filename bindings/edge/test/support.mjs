import { after } from "node:test";

import { startLocal, testSecrets } from "../local.mjs";

export const ADMIN = testSecrets.VEXIL_ADMIN_TOKEN;
export const OPERATE = testSecrets.VEXIL_OPERATE_TOKEN;
export const SERVER = testSecrets.VEXIL_SERVER_KEY;
export const BROWSER = testSecrets.VEXIL_BROWSER_KEY;
export const PAGE = "https://shop.example";

/** Flags of every exposure, a rule with a name and one without, a prerequisite, a private attribute, a release. */
export const RULESET = {
  flags: {
    checkout: {
      type: "boolean",
      variants: { on: true, off: false },
      offVariant: "off",
      expose: "program",
      rules: [
        { name: "dach", when: { attr: "country", in: ["DE", "AT", "CH"] }, serve: "on" },
        { when: { attr: "/app/version", semver: ">=2.0.0" }, serve: "on" },
      ],
      default: "off",
    },
    prices: {
      type: "object",
      variants: { list: { currency: "EUR", "A–Z": [1.5, null] }, none: {} },
      offVariant: "none",
      expose: "values",
      default: "list",
    },
    banner: {
      type: "string",
      variants: { staff: "hello staff", none: "" },
      offVariant: "none",
      expose: "program",
      rules: [{ name: "staff", when: { attr: "email", endsWith: "@canary.example" }, serve: "staff" }],
      default: "none",
    },
    limit: {
      type: "number",
      variants: { low: 10, high: 1.5 },
      offVariant: "low",
      expose: "program",
      default: { split: [["low", 50], ["high", 50]] },
    },
    "server-only.canary": {
      type: "boolean",
      variants: { on: true, off: false },
      offVariant: "off",
      default: "on",
    },
    gradual: {
      type: "boolean",
      variants: { on: true, off: false },
      offVariant: "off",
      expose: "program",
      default: { release: "gradual-ga" },
    },
  },
  releases: {
    "gradual-ga": {
      from: "off",
      to: "on",
      stages: [
        { name: "some", percent: 10, hold: "1h" },
        { name: "all", percent: 100 },
      ],
    },
  },
  private: ["email"],
};

const running = new Set();
// Here, since a hook that a hook registers ends with it.
after(() => Promise.all([...running].map((edge) => edge.stop())));

/** Starts a worker that ends with the tests of this file. */
export async function startEdge(options = {}) {
  const secrets = { ...testSecrets, VEXIL_ALLOWED_ORIGINS: `${PAGE}, http://localhost:3000`, VEXIL_ENVIRONMENTS: "production, staging" };
  const local = await startLocal({ secrets, ...options });
  const edge = new Edge(local);
  running.add(edge);
  return edge;
}

/** A worker at an address that somebody else ends. */
export function edgeAt(url) {
  return new Edge({ url, dispose: () => {} });
}

class Edge {
  #local;

  constructor(local) {
    this.#local = local;
    this.url = local.url;
  }

  async stop() {
    const local = this.#local;
    this.#local = undefined;
    await local?.dispose();
  }

  /** Asks; the answer's body is read, as JSON where it is JSON. */
  async call(method, path, { key, body, headers = {} } = {}) {
    const response = await fetch(this.url + path, {
      method,
      headers: { ...(key && { authorization: `Bearer ${key}` }), ...headers },
      ...(body !== undefined && { body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body) }),
    });
    const type = response.headers.get("content-type") ?? "";
    const bytes = new Uint8Array(await response.arrayBuffer());
    const text = type.includes("octet-stream") ? undefined : new TextDecoder().decode(bytes);
    const json = /[/+]json/.test(type) && text ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, type, bytes, text, json };
  }

  /** Asks as an administrator, of the environment `environment` where it is given. */
  admin(method, path, { body, headers = {}, key = ADMIN, environment } = {}) {
    const named = environment && { "vexil-environment": environment };
    return this.call(method, `/admin/v1/${path}`, { key, body, headers: { ...named, ...headers } });
  }

  /** Issues a key; the answer's body has it. */
  async issue(kind, { environment, ...wanted } = {}) {
    const answer = await this.admin("POST", "tokens", { environment, body: { name: "test", kind, ...wanted } });
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.json;
  }

  publish(ruleset, version = "*") {
    const headers = { "if-match": version };
    return this.call("PUT", "/admin/v1/ruleset", { key: ADMIN, headers, body: ruleset });
  }

  kill(flag, reason = "test") {
    return this.call("POST", `/admin/v1/flags/${flag}/kill`, { key: OPERATE, body: { reason } });
  }

  restore(flag) {
    return this.call("POST", `/admin/v1/flags/${flag}/restore`, { key: OPERATE });
  }

  /** `version` is one that the client has heard of. */
  one(flag, context = {}, key = SERVER, version = undefined) {
    const heard = version === undefined ? "" : `?flagConfigEtag=${version}`;
    return this.call("POST", `/ofrep/v1/evaluate/flags/${flag}${heard}`, { key, body: { context } });
  }

  all(context = {}, key = BROWSER, headers = {}) {
    return this.call("POST", "/ofrep/v1/evaluate/flags", { key, body: { context }, headers });
  }

  values(context = {}, etag) {
    return this.call("POST", "/v1/values", { body: { key: BROWSER, context, etag } });
  }

  /** The program for `context`, its frame taken apart. */
  async program(context = {}, etag) {
    const answer = await this.call("POST", "/v1/program", { body: { key: BROWSER, context, etag } });
    const length = new DataView(answer.bytes.buffer).getUint32(0, true);
    return { ...answer, program: answer.bytes.subarray(4, 4 + length), live: answer.bytes.subarray(4 + length) };
  }

  /** The events of a stream, one by one. */
  async *events(key = BROWSER, headers = {}) {
    const controller = new AbortController();
    try {
      const response = await fetch(`${this.url}/v1/stream?key=${key}`, { signal: controller.signal, headers });
      if (!response.ok) throw new Error(`${response.status}`);
      let text = "";
      for await (const bytes of response.body.pipeThrough(new TextDecoderStream())) {
        text += bytes;
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
          const lines = text.slice(0, end).split("\n").filter((line) => line !== "" && !line.startsWith(":"));
          text = text.slice(end + 2);
          if (lines.length > 0) {
            const event = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s, 2)));
            yield { ...event, data: JSON.parse(event.data) };
          }
        }
      }
    } finally {
      controller.abort();
    }
  }
}
