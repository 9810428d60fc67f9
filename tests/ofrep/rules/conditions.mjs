/** Entity tags: RFC 9110, sections 8.8.3 and 13.1.2, on the bulk call. */

import { expect, expectAnswer } from "../server.mjs";

const tag = async ({ server, fixture }) => (await server.all(fixture.cases[0].context)).headers.get("etag");

/** `condition` of the current tag leads to `status`. */
const conditional = (name, condition, status, level = "must") => ({
  name: `If-None-Match: ${name} is ${status}`,
  level,
  run: async (suite) => {
    const etag = await tag(suite);
    expect(etag !== null, "bulk: no ETag to ask with");
    const { server, fixture } = suite;
    const answer = await server.bulk({ context: fixture.cases[0].context }, { headers: { "if-none-match": condition(etag) } });
    expectAnswer(answer, [status], status === 200 ? "bulkEvaluationSuccess" : undefined);
    if (status === 304) {
      expect(answer.text === "", `${answer.asked}: a 304 with a body: ${answer.text.slice(0, 200)}`);
    }
  },
});

export const conditions = () => [
  {
    name: "ETag is there, quoted and strong",
    run: async (suite) => {
      const etag = await tag(suite);
      expect(/^"[!#-~\x80-\xff]*"$/.test(etag ?? ""), `bulk: ETag \`${etag}\`, expected a quoted tag without W/`);
    },
  },
  {
    name: "ETag is stable",
    run: async (suite) => {
      const [first, second] = [await tag(suite), await tag(suite)];
      expect(first === second, `bulk: ETag ${first}, then ${second} for the same context`);
    },
  },
  {
    name: "ETag tells answers apart",
    run: async ({ server, fixture }) => {
      const seen = new Map();
      for (const { context } of fixture.cases) {
        const { headers, json } = await server.all(context);
        const [etag, flags] = [headers.get("etag"), JSON.stringify(json.flags)];
        expect((seen.get(etag) ?? flags) === flags, `bulk: ETag ${etag} for two different answers`);
        seen.set(etag, flags);
      }
    },
  },
  conditional("the tag", (etag) => etag, 304),
  conditional("another tag", () => '"another"', 200),
  conditional("the tag without quotes", (etag) => etag.replaceAll('"', ""), 200, "should"),
  conditional("a list with the tag", (etag) => `"another", ${etag} , "third"`, 304, "should"),
  conditional("a list without the tag", () => '"another", "third"', 200),
  conditional("the tag, weak", (etag) => `W/${etag.replace(/^W\//, "")}`, 304, "should"),
  conditional("*", () => "*", 304, "should"),
  {
    name: "a 304 repeats the tag",
    level: "should",
    run: async (suite) => {
      const etag = await tag(suite);
      const { server, fixture } = suite;
      const answer = await server.bulk({ context: fixture.cases[0].context }, { headers: { "if-none-match": etag } });
      expect(answer.headers.get("etag") === etag, `304 with ETag ${answer.headers.get("etag")}, expected ${etag}`);
    },
  },
  {
    name: "flagConfigEtag and flagConfigLastModified are taken, whatever they say",
    run: async ({ server, fixture }) => {
      const [{ context }] = fixture.cases;
      for (const query of ["?flagConfigEtag=x&flagConfigLastModified=1771622898", "?flagConfigEtag=%22a%22&flagConfigLastModified=2026-02-20T21:28:18Z", "?flagConfigEtag=&flagConfigLastModified=soon"]) {
        await server.all(context, { query });
      }
    },
  },
];
