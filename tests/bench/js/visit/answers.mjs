// From the start of a navigation to the first right answer: from the page itself, from the network, from the visit before.

import { median, SLOW, visit, visitor } from "./visits.mjs";

/** Where the first answer comes from. */
const FROM = ["bootstrap", "network", "storage"];

/** @param {readonly object[]} subjects see visit.mjs */
export async function answers(browser, site, services, subjects, report, { rounds, isWanted }) {
  for (const isSlow of [false, true]) {
    const workload = (from) => (isSlow ? `${from} slow` : from);
    const wanted = FROM.filter((from) => isWanted(workload(from)));
    if (wanted.length === 0) continue;
    const cells = [];
    const returning = [];
    for (const subject of subjects) {
      for (const from of wanted.filter((from) => !subject.never?.includes(from))) {
        const address = site.address({ app: subject.app, engine: subject.engine, set: "full", from });
        const known = from === "storage" ? await visitor(browser) : undefined;
        if (known) {
          returning.push(known);
          await visit(known, address, { then: (page) => page.waitForTimeout(300) });
        }
        await proved(browser, site, services, known, from, subject.app);
        cells.push({ subject, from, address, known, answered: [], local: [] });
      }
    }
    // Chromium makes preflights wait for nothing.
    services.state.preflightMs = isSlow ? SLOW.latency : 0;
    for (let round = 0; round < rounds; round++) {
      for (const { address, known, answered, local } of cells) {
        const who = known ?? (await visitor(browser));
        const told = await visit(who, address, { isSlow });
        answered.push(told.answered);
        if (told.local) local.push(told.local);
        if (!known) await who.close();
      }
    }
    services.state.preflightMs = 0;
    for (const who of returning) await who.close();
    for (const { subject: { name }, from, answered, local } of cells) {
      report({ workload: workload(from), name, ms: median(answered) });
      if (local.length > 0) report({ workload: workload(from), name: `${name}, engine ready`, ms: median(local) });
    }
  }
}

/** Nobody answers: what is answered all the same is in the page, or was kept. */
async function proved(browser, site, services, known, from, app) {
  if (from === "network") return;
  const who = known ?? (await visitor(browser));
  services.state.isSilent = true;
  try {
    // An engine would wait for its program.
    await visit(who, site.address({ app, engine: "off", set: "full", from }));
  } catch (error) {
    throw new Error(`${app} has no answer from ${from}`, { cause: error });
  } finally {
    services.state.isSilent = false;
    if (!known) await who.close();
  }
}
