import { Miniflare } from "miniflare";

/** A Durable Object of the same name, which owns the same database and runs what it is told. */
const SCRIPT = `
  import { DurableObject } from "cloudflare:workers";
  export class Environment extends DurableObject {
    async fetch(request) {
      const rows = (await request.json()).map(([statement, ...values]) => this.ctx.storage.sql.exec(statement, ...values).toArray());
      return Response.json(rows);
    }
  }
  export default {
    fetch: (request, env) => env.ENVIRONMENT.getByName(new URL(request.url).pathname.slice(1)).fetch(request),
  };`;

/**
 * Runs statements on the database of an environment of which no worker runs.
 *
 * @param {string} state the folder of the storage
 * @param {unknown[][]} statements each with its values
 * @returns {Promise<Record<string, unknown>[][]>} the rows of each
 */
export async function runSql(state, statements, environment = "production") {
  const runtime = new Miniflare({
    name: "vexil",
    modules: true,
    script: SCRIPT,
    compatibilityDate: "2026-07-01",
    cf: false,
    defaultPersistRoot: state,
    durableObjects: { ENVIRONMENT: { className: "Environment", useSQLite: true } },
  });
  try {
    const response = await runtime.dispatchFetch(`http://edge/${environment}`, { method: "POST", body: JSON.stringify(statements) });
    if (!response.ok) throw new Error(await response.text());
    return await response.json();
  } finally {
    await runtime.dispose();
  }
}
