// How long things take: many short samples, the engines taking turns, the median of each.

/** Enough for a clock that ticks every 5 µs to be wrong by a thousandth. */
const SAMPLE_MS = 5;
/** Compilers have done what they will do. */
const WARM_UP_MS = 200;

/** What was measured ends here, where no compiler can tell that nobody looks at it. */
export let kept;

/**
 * @param {readonly Case[]} cases engines on one workload: `{ name, run(turn), isAsync }`
 * @param {number} rounds
 * @param {boolean} isFastest whether the fastest sample counts, not the median
 * @returns {Promise<readonly { name: string, ns: number }[]>}
 */
export async function times(cases, rounds, isFastest) {
  const timed = [];
  for (const item of cases) timed.push({ ...item, count: await enough(item), samples: [] });
  for (let round = 0; round < rounds; round++) {
    for (const item of timed) item.samples.push(((await sample(item, item.count)) * 1e6) / item.count);
  }
  return timed.map(({ name, samples }) => ({ name, ns: isFastest ? Math.min(...samples) : median(samples) }));
}

/** How many runs take {@link SAMPLE_MS}, once the code is warm. */
async function enough(item) {
  const end = performance.now() + WARM_UP_MS;
  let count = 1;
  for (;;) {
    const ms = await sample(item, count);
    if (ms >= SAMPLE_MS && performance.now() >= end) return Math.max(1, Math.round((count * SAMPLE_MS) / ms));
    if (ms < SAMPLE_MS) count *= 2;
  }
}

async function sample({ run, isAsync }, count) {
  const start = performance.now();
  await (isAsync ? waiting(run, count) : running(run, count));
  return performance.now() - start;
}

function running(run, count) {
  let sum = 0;
  let last;
  for (let turn = 0; turn < count; turn++) {
    last = run(turn);
    sum += last === true ? 1 : 2;
  }
  kept = [sum, last];
}

async function waiting(run, count) {
  let sum = 0;
  let last;
  for (let turn = 0; turn < count; turn++) {
    last = await run(turn);
    sum += last === true ? 1 : 2;
  }
  kept = [sum, last];
}

function median(samples) {
  const sorted = [...samples].sort((one, other) => one - other);
  return sorted[sorted.length >> 1];
}
