import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { testSecrets } from "../local.mjs";
import { edgeAt } from "./support.mjs";

const script = fileURLToPath(new URL("../local.mjs", import.meta.url));

/** A worker in a process of its own, which ends with the test. */
export async function start(t, state) {
  const env = { ...process.env, ...testSecrets };
  const child = spawn(process.execPath, [script, "--port", "0", "--state", state], { env, stdio: ["pipe", "pipe", "ignore"] });
  t.after(() => child.kill("SIGKILL"));
  for await (const line of createInterface(child.stdout)) {
    const url = /^listening (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1];
    if (url) return { child, edge: edgeAt(url) };
  }
  throw new Error("it ended without listening");
}

/** Kills the runtime and what started it, as a power cut does: nothing is told, nothing is closed. */
export async function cut({ child }) {
  const workerd = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ");
  for (const pid of workerd) process.kill(Number(pid), "SIGKILL");
  child.kill("SIGKILL");
  await once(child, "exit");
}
