/** Keys, other methods, pages of other origins, and limits. */

import { Server, expect, expectAnswer } from "../server.mjs";

const PATH = "/ofrep/v1/evaluate/flags";

const denied = (name, credential, statuses = [401]) => ({
  name: `${statuses.join(" or ")} ${name}`,
  needs: ["key"],
  run: async ({ server, fixture, options }) => {
    const [{ key, context }] = fixture.cases;
    const other = { credential: credential(options) };
    expectAnswer(await server.single(key, { context }, other), statuses);
    expectAnswer(await server.bulk({ context }, other), statuses);
    expectAnswer(await server.single("no-such-flag-here", { context }, other), statuses);
  },
});

const page = (options, more = {}) => ({ headers: { origin: options.origin, ...more } });

export const http = ({ rateLimit }) => [
  ...["bearer", "api-key"].map((scheme) => ({
    name: `the key is taken as ${scheme === "bearer" ? "Authorization: Bearer" : "X-API-Key"}`,
    needs: ["key"],
    // The document offers both and asks for either.
    level: "should",
    run: async ({ fixture, options }) => {
      await new Server({ ...options, scheme }).all(fixture.cases[0].context);
    },
  })),
  {
    name: "the scheme is taken in any case",
    needs: ["key"],
    level: "should",
    run: async ({ server, fixture, options }) => {
      await server.all(fixture.cases[0].context, { credential: { authorization: `bearer ${options.key}` } });
    },
  },
  denied("without a key", () => ({})),
  denied("with a key that nobody has", () => ({ authorization: "Bearer nobody" }), [401, 403]),
  denied("with an X-API-Key that nobody has", () => ({ "x-api-key": "nobody" }), [401, 403]),
  denied("with another scheme", ({ key }) => ({ authorization: `Basic ${btoa(`${key}:`)}` }), [401, 403]),
  denied("with half a key", ({ key }) => ({ authorization: `Bearer ${key.slice(0, -1)}` }), [401, 403]),
  {
    name: "403 with a key that may not evaluate",
    needs: ["forbiddenKey"],
    run: async ({ server, fixture, options }) => {
      const credential = { authorization: `Bearer ${options.forbiddenKey}` };
      expectAnswer(await server.bulk({ context: fixture.cases[0].context }, { credential }), [403]);
    },
  },
  ...["GET", "HEAD", "PUT", "DELETE"].map((method) => ({
    name: `${method} is refused`,
    level: "should",
    run: async ({ server }) => {
      expectAnswer(await server.send(method, PATH), [404, 405]);
    },
  })),
  {
    name: "OPTIONS lets a listed page ask with what clients send",
    needs: ["origin"],
    run: async ({ server, options }) => {
      const wanted = ["authorization", "content-type", "if-none-match", "x-api-key"];
      const asked = { "access-control-request-method": "POST", "access-control-request-headers": wanted.join(",") };
      const answer = await server.send("OPTIONS", PATH, { credential: {}, ...page(options, asked) });
      expectAnswer(answer, [200, 204]);
      const list = (name) => (answer.headers.get(name) ?? "").toLowerCase().split(",").map((item) => item.trim());
      const [origins, methods, headers] = ["origin", "methods", "headers"].map((name) => list(`access-control-allow-${name}`));
      expect(origins.includes("*") || origins.includes(options.origin), `OPTIONS: allowed origin ${origins}, expected ${options.origin}`);
      expect(methods.includes("*") || methods.includes("post"), `OPTIONS: allowed methods ${methods}, expected POST`);
      for (const name of wanted) {
        // `*` does not stand for Authorization.
        expect(headers.includes(name) || (name !== "authorization" && headers.includes("*")), `OPTIONS: allowed headers ${headers}, ${name} is missing`);
      }
    },
  },
  {
    name: "a listed page may read answers and their tags",
    needs: ["origin"],
    run: async ({ server, fixture, options }) => {
      const answer = await server.all(fixture.cases[0].context, page(options));
      const [origin, exposed] = ["allow-origin", "expose-headers"].map((name) => answer.headers.get(`access-control-${name}`) ?? "");
      expect(["*", options.origin].includes(origin), `bulk: allowed origin \`${origin}\`, expected ${options.origin}`);
      expect(exposed === "*" || /\betag\b/i.test(exposed), `bulk: exposed headers \`${exposed}\`, ETag is missing`);
    },
  },
  {
    name: "a listed page may read when to try again",
    needs: ["origin"],
    skip: rateLimit === undefined && "the fixture names no `rateLimit`",
    level: "should",
    run: async ({ server, fixture, options }) => {
      const exposed = (await server.all(fixture.cases[0].context, page(options))).headers.get("access-control-expose-headers") ?? "";
      expect(exposed === "*" || /\bretry-after\b/i.test(exposed), `bulk: exposed headers \`${exposed}\`, Retry-After is missing`);
    },
  },
  {
    name: "a listed page may read refusals",
    needs: ["origin"],
    level: "should",
    run: async ({ server, options }) => {
      for (const answer of [await server.bulk("{", page(options)), await server.bulk({}, { credential: {}, ...page(options) })]) {
        expect(answer.headers.has("access-control-allow-origin"), `${answer.asked}: status ${answer.status} without allowed origin`);
      }
    },
  },
  {
    name: "429 past the limit, and when to try again",
    skip: rateLimit === undefined && "the fixture names no `rateLimit`",
    // Last of its kind: what follows might be limited too.
    isLast: true,
    run: async ({ server, fixture }) => {
      for (let count = 0; count <= rateLimit.requests; count += 1) {
        const answer = await server.bulk({ context: fixture.cases[0].context });
        if (answer.status === 429) {
          const after = answer.headers.get("retry-after") ?? "";
          expect(/^\d+$/.test(after) || Number.isFinite(Date.parse(after)), `429 with Retry-After \`${after}\`, expected seconds or a time`);
          return;
        }
      }
      expect(false, `no 429 in ${rateLimit.requests + 1} requests`);
    },
  },
];
