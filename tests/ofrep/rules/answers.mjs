/** What a flag comes to, alone and among all. */

import { isDeepStrictEqual } from "node:util";

import { expect, expectAnswer } from "../server.mjs";

const show = (json) => JSON.stringify(json);

/** Compares the members that the case names. */
export function expectCase(asked, flag, wanted) {
  expect(flag !== undefined, `${asked}: no answer for flag ${show(wanted.key)}`);
  for (const member of ["key", "value", "variant", "reason", "errorCode"]) {
    if (Object.hasOwn(wanted, member)) {
      const given = flag[member];
      expect(isDeepStrictEqual(given, wanted[member]), `${asked}, context ${show(wanted.context)}: ${member} ${show(given)}, expected ${show(wanted[member])}`);
    }
  }
}

const single = async ({ server }, wanted) => {
  const answer = await server.single(wanted.key, { context: wanted.context });
  expectAnswer(answer, [200], "evaluationSuccess");
  expectCase(answer.asked, answer.json, wanted);
};

/** One rule for each case of the fixture, and those on the whole. */
export const answers = ({ cases, failures = [], hidden = [] }) => [
  ...cases.map((wanted) => ({
    name: `single: ${wanted.key} for ${show(wanted.context)}`,
    run: (suite) => single(suite, wanted),
  })),
  ...cases.map((wanted) => ({
    name: `bulk: ${wanted.key} for ${show(wanted.context)}`,
    run: async ({ server }) => {
      const { asked, json } = await server.all(wanted.context);
      expectCase(asked, json.flags.find(({ key }) => key === wanted.key), wanted);
    },
  })),
  ...failures.map((wanted) => ({
    name: `single: ${wanted.key} fails with ${wanted.errorCode} for ${show(wanted.context)}`,
    run: async ({ server }) => {
      const answer = await server.single(wanted.key, { context: wanted.context });
      expectAnswer(answer, [400], "evaluationFailure");
      expectCase(answer.asked, answer.json, wanted);
    },
  })),
  {
    name: "bulk: every flag is there once",
    run: async ({ server }) => {
      const { asked, json } = await server.all(cases[0].context);
      const keys = json.flags.map(({ key }) => key);
      expect(new Set(keys).size === keys.length, `${asked}: a key is there twice in ${show(keys)}`);
    },
  },
  {
    name: "bulk: flags that this key may not see are not there",
    skip: hidden.length === 0 && "the fixture names none under `hidden`",
    run: async ({ server }) => {
      const { asked, text } = await server.all(cases[0].context);
      for (const key of hidden) {
        expect(!text.includes(key), `${asked}: the body names ${show(key)}`);
        expectAnswer(await server.single(key, { context: cases[0].context }), [404], "flagNotFound");
      }
    },
  },
  {
    name: "answers follow from their own context, also when asked for at once",
    run: async (suite) => {
      const many = Array.from({ length: 24 }, (_, number) => cases[number % cases.length]);
      await Promise.all(many.map((wanted) => single(suite, wanted)));
    },
  },
  {
    name: "keys in the path are percent-decoded",
    run: async ({ server }) => {
      const [wanted] = cases;
      const bytes = [...new TextEncoder().encode(wanted.key)];
      for (const digits of ["toString", "toUpperCase"]) {
        const path = bytes.map((byte) => `%${byte.toString(16).padStart(2, "0")[digits]()}`).join("");
        const answer = await server.send("POST", `/ofrep/v1/evaluate/flags/${path}`, { body: { context: wanted.context } });
        expectAnswer(answer, [200], "evaluationSuccess");
        expectCase(answer.asked, answer.json, wanted);
      }
    },
  },
  ...["no-such-flag-here", "größe/α 旗🚩", "50%", "a?b#c", "..%2f"].map((key) => ({
    name: `single: ${key} is FLAG_NOT_FOUND`,
    run: async ({ server }) => {
      const answer = await server.single(key, { context: cases[0].context });
      expectAnswer(answer, [404], "flagNotFound");
      expect(answer.json.key === key, `${answer.asked}: key ${show(answer.json.key)}, expected ${show(key)}`);
    },
  })),
];
