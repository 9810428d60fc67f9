// The client in node, where the engine cannot be loaded: no test of this file may load it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { edge, on, setStage, start } from "./stage.mjs";
import { until } from "./support.mjs";

const dach = { ...on, rules: [{ name: "by country", when: { attr: "country", in: ["DE", "AT", "CH"] }, serve: "on" }], default: "off" };

setStage({ flags: { dach, pay: { ...on, default: "on" } } });

test("where the engine cannot be loaded the edge goes on evaluating, and the status says why", async () => {
  for (const engine of ["lazy", "eager"]) {
    const client = start({ engine, wasm: Uint8Array.of(0, 97, 115, 109) });
    assert.equal((await client.ready()).state, "ready");
    await until(() => client.status.engineProblem, "it was noticed");
    assert.match(client.status.engineProblem, /^the engine cannot be loaded: /);
    assert.deepEqual([client.status.state, client.status.source], ["ready", "values"]);
    client.setContext({ country: "FR" });
    await until(() => !client.boolean("dach", true), "a new context was answered");
    await edge.kill("pay");
    await until(() => !client.boolean("pay", true), "a kill was heard");
    await edge.restore("pay");
  }
});

