import { createClient } from "vexil";

const open = new Map();

/** The flags of the server for visitors from `country`, kept for as long as it runs. */
export async function flagsOf(country) {
  if (!open.has(country)) {
    open.set(country, createClient({ url: process.env.EDGE, key: "test-browser", context: { country } }));
  }
  const flags = open.get(country);
  await flags.ready();
  return flags;
}
