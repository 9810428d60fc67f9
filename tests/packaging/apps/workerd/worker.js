// A worker of somebody else's, with a client for each request.

import { createClient } from "vexil";

export default {
  async fetch(_request, { EDGE }) {
    const flags = createClient({ url: EDGE, key: "test-browser", context: { country: "DE" } });
    await flags.ready();
    const greeting = flags.string("greeting", "…");
    const answer = await local(flags);
    flags.close();
    return Response.json({ greeting, ...answer });
  },
};

/** What `checkout` comes to, once a new context is answered when `setContext` returns: with the engine that is here. */
async function local(flags) {
  const answer = (country) => (flags.setContext({ country }), flags.boolean("checkout", false));
  for (;;) {
    const [french, german] = [answer("FR"), answer("DE")];
    if (german !== french) return { german, french };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
