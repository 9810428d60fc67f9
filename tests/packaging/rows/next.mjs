// Next.js with the app router: flags in a server component, and in a client component after it.

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { visit } from "../page.mjs";
import { run, version } from "../stage.mjs";

/** How long the server may take to get its engine. */
const ENGINE_MS = 10_000;

function built(bundler) {
  return {
    name: `next ${bundler}`,
    async check(stage) {
      const app = await stage.install(`next-${bundler}`, "next");
      await run("npm", ["run", "--silent", "build", "--", `--${bundler}`], app);
      const site = await stage.start("next", ["start", "--hostname", "127.0.0.1", "--port", "0"], app, { EDGE: await stage.edge() });
      assert.deepEqual(await rendered(site), { checkout: true, greeting: "Servus", state: "ready" });
      return `next ${await version("next")}: rendered on the server; ${await visit(stage, site)}`;
    },
  };
}

/** What a server component shows once the server's engine answers. */
async function rendered(site) {
  const deadline = Date.now() + ENGINE_MS;
  for (;;) {
    const [, text] = (await (await fetch(site)).text()).match(/<p id="server">(.*?)<\/p>/) ?? [];
    const { checkout, greeting, status } = JSON.parse((text ?? "null").replaceAll("&quot;", '"'));
    const { source, ...rest } = status;
    if (source !== "values") return { checkout, greeting, ...rest };
    assert.ok(Date.now() < deadline, `the engine does not come: ${text}`);
    await setTimeout(50);
  }
}

export const next = [built("turbopack"), built("webpack")];
