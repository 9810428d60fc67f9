// The workloads, for any JavaScript runtime. Which flag of a set is which is said in src/set.rs.

import { times } from "./sample.mjs";

const ON = 0;
const RULES = 4;
const SPLIT = 7;

/**
 * @param {readonly Engine[]} engines the first is Vexil; see engines/
 * @param {(name: string) => Promise<object>} set reads a set: what is in set.json, and `files` by language
 * @param {(line: object) => void} report
 * @param {{ workloads: readonly string[], rounds: number, isFastest: boolean }} options
 */
export async function measure(engines, set, report, { workloads, rounds, isFastest }) {
  const wanted = (name) => workloads.length === 0 || workloads.includes(name);
  const run = async (workload, cases) => {
    if (!wanted(workload)) return;
    for (const { name, ns } of await times(cases, rounds, isFastest)) report({ workload, name, ns });
  };

  const asked = await opened(engines, await set("asked"));
  for (const [workload, index] of [["a", ON], ["b", RULES], ["c", SPLIT]]) {
    await run(workload, asked.map((held) => asking(held, index)));
  }
  for (const [workload, name] of [["d", "mix-100"], ["e", "mix-1000"]]) {
    if (!wanted(workload) && !wanted("read") && !wanted("parts")) continue;
    const held = await opened(engines, await set(name));
    await run(workload, held.map(evaluating));
    if (workload === "e") await run("read", held.filter(({ engine }) => engine.isBound).map(reading));
    for (const [part, runs] of Object.entries(held[0].instance.parts(held[0].contexts))) await run("parts", [{ name: `${workload}: ${part}`, run: runs }]);
    for (const { instance } of held) await instance.close?.();
  }
  await run("f", await loading(engines, await set("mix-1000")));
  const segment = await opened(engines, await set("segment"));
  await run("g", segment.map((held) => (held.engine.isBound ? rebinding(held) : asking(held, 0))));
  await run("h", await loading(engines, await set("segment")));
  for (const { instance } of [...asked, ...segment]) await instance.close?.();
}

/** Engines that hold `set` and have proved that they answer as Vexil does. */
async function opened(engines, set) {
  const held = [];
  for (const engine of engines) {
    const instance = await engine.open(set.files[engine.language]);
    const contexts = set.contexts.map((context) => engine.context?.(context) ?? context);
    await proved(engine, instance, contexts, set);
    held.push({ engine, instance, contexts, flags: set.flags });
  }
  return held;
}

async function proved(engine, instance, contexts, { flags, answers }) {
  for (const [row, context] of contexts.entries()) {
    instance.bind?.(context);
    for (const [column, flag] of flags.entries()) {
      const value = await (flag.isBoolean ? instance.boolean(flag.key, context) : instance.string(flag.key, context));
      const isRight = flag.isHashed ? typeof value === (flag.isBoolean ? "boolean" : "string") : value === answers[row][column];
      if (!isRight) throw new Error(`${engine.name} answers ${flag.key} with ${value}, not ${answers[row][column]}, for ${JSON.stringify(context)}`);
    }
  }
}

/** One flag; the contexts take turns where the engine takes one in a call. */
function asking({ engine: { name, isAsync }, instance, contexts, flags }, index) {
  const { key, isBoolean } = flags[index];
  instance.bind?.(contexts[0]);
  const run = isBoolean ? (turn) => instance.boolean(key, contexts[turn & 63]) : (turn) => instance.string(key, contexts[turn & 63]);
  return { name, run, isAsync };
}

/** All flags for a new context, and their values read. */
function evaluating({ engine: { name, isAsync }, instance, contexts, flags }) {
  const booleans = flags.filter(({ isBoolean }) => isBoolean).map(({ key }) => key);
  const strings = flags.filter(({ isBoolean }) => !isBoolean).map(({ key }) => key);
  return { name, run: (turn) => instance.all(contexts[turn & 63], booleans, strings), isAsync };
}

/** One flag for a new context, where the engine binds it. */
function rebinding({ engine: { name }, instance, contexts, flags: [{ key }] }) {
  const run = (turn) => {
    instance.bind(contexts[turn & 63]);
    return instance.boolean(key);
  };
  return { name, run };
}

/** One read after the other of all boolean flags, in an order that is not theirs. */
export function reading({ engine: { name }, instance, contexts, flags }) {
  instance.bind(contexts[0]);
  const keys = flags.filter(({ isBoolean }) => isBoolean).map(({ key }) => key);
  const shuffled = keys.map((_, index) => keys[(index * 389) % keys.length]);
  let next = 0;
  const run = () => {
    next = next + 1 < shuffled.length ? next + 1 : 0;
    return instance.boolean(shuffled[next]);
  };
  return { name, run };
}

/** From bytes to ready. What was loaded is let go of again. */
async function loading(engines, { files, contexts }) {
  const cases = engines.filter(({ load }) => load !== null).map(({ name, language, context, isAsync, loadsAsync, load, open }) => {
    const file = files[language];
    const first = context?.(contexts[0]) ?? contexts[0];
    const run = load ? () => load(file, first) : open.constructor.name === "AsyncFunction" ? async () => (await open(file)).close?.() : () => open(file).close?.();
    return { name, run, isAsync: load ? (loadsAsync ?? false) : open.constructor.name === "AsyncFunction" || isAsync };
  });
  const [vexil] = engines;
  return [...cases, ...(vexil.loadClient ? [{ name: "vexil, client", run: () => vexil.loadClient(files[vexil.language]), isAsync: true }] : [])];
}
