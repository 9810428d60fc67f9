import { Miniflare } from "miniflare";

/** A Durable Object of the same name, which owns the same database and runs what it is told. */
const SCRIPT = `
  import { DurableObject } from "cloudflare:workers";
  class Sql extends DurableObject {
    async fetch(request) {
      const rows = (await request.json()).map(([statement, ...values]) => this.ctx.storage.sql.exec(statement, ...values).toArray());
      return Response.json(rows);
    }
  }
  export class Environment extends Sql {}
  export class Counters extends Sql {}
  export default {
    fetch: (request, env) => env.OBJECT.getByName(new URL(request.url).pathname.slice(1)).fetch(request),
  };`;

/**
 * Runs statements on the database of an object of which no worker runs.
 *
 * @param {string} state the folder of the storage
 * @param {unknown[][]} statements each with its values
 * @param {string} [name] of the object
 * @param {"Environment" | "Counters"} [className]
 * @returns {Promise<Record<string, unknown>[][]>} the rows of each
 */
export async function runSql(state, statements, name = "production", className = "Environment") {
  const runtime = new Miniflare({
    name: "vexil",
    modules: true,
    script: SCRIPT,
    compatibilityDate: "2026-07-01",
    cf: false,
    defaultPersistRoot: state,
    durableObjects: { OBJECT: { className, useSQLite: true } },
  });
  try {
    const response = await runtime.dispatchFetch(`http://edge/${name}`, { method: "POST", body: JSON.stringify(statements) });
    if (!response.ok) throw new Error(await response.text());
    return await response.json();
  } finally {
    await runtime.dispose();
  }
}
