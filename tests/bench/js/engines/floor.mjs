// What JavaScript can do when it does nothing else: closures written for these flags, and a Map.

/** Evaluates in each call, as a server would. */
export const floor = {
  name: "JavaScript by hand",
  language: "vexil.json",
  open(text) {
    const { flags, segments } = JSON.parse(text);
    const members = new Set(segments?.members?.members);
    const held = new Map(Object.entries(flags).map(([key, flag]) => [key, closure(key, flag, members)]));
    const value = (key, context) => held.get(key)(context);
    return {
      boolean: value,
      string: value,
      all(context, booleans, strings) {
        const values = {};
        for (const key of booleans) values[key] = value(key, context);
        for (const key of strings) values[key] = value(key, context);
        return values;
      },
    };
  },
};

/** Answers that somebody else has evaluated. */
export const map = {
  name: "Map.get",
  language: "vexil.json",
  isBound: true,
  load: null,
  open(text) {
    const evaluated = floor.open(text);
    const keys = Object.keys(JSON.parse(text).flags);
    const values = new Map();
    const bind = (context) => {
      for (const key of keys) values.set(key, evaluated.boolean(key, context));
    };
    const read = (key) => values.get(key);
    const all = (context) => {
      bind(context);
      return values;
    };
    return { bind, boolean: read, string: read, all };
  },
};

function closure(key, { enabled = true, variants, rules = [], default: rest, offVariant }, members) {
  if (!enabled) return () => variants[offVariant];
  if (typeof rest === "object") {
    const total = rest.split.reduce((sum, [, weight]) => sum + weight, 0);
    let end = 0;
    const ends = rest.split.map(([name, weight]) => [((end += weight) / total) * 2 ** 32, variants[name]]);
    const seed = fnv1a(0x811c9dc5, key);
    return ({ targetingKey }) => {
      const position = fnv1a(seed, targetingKey);
      for (const [end, value] of ends) if (position < end) return value;
      return ends[0][1];
    };
  }
  const last = variants[rest];
  if (rules[0]?.when.segment) return ({ targetingKey }) => members.has(targetingKey);
  const tests = rules.map(({ when: { all: [country, plan] }, serve }) => ({ countries: new Set(country.in), plan: plan.is, value: variants[serve] }));
  return ({ country, plan }) => {
    for (const test of tests) if (test.plan === plan && test.countries.has(country)) return test.value;
    return last;
  };
}

function fnv1a(seed, text) {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
