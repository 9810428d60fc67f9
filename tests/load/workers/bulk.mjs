/**
 * A worker around an engine, as one would write it: it knows one key, reads the context, and answers OFREP's bulk call.
 * It makes no entity tag, which Vexil does.
 *
 * @param {() => (context: object) => object[]} open makes what answers for a context, with an object for each flag
 */
export function bulk(open) {
  let answer;
  return {
    async fetch(request, env) {
      const { pathname } = new URL(request.url);
      if (request.method !== "POST" || pathname !== "/ofrep/v1/evaluate/flags") return new Response(null, { status: 404 });
      if (request.headers.get("authorization") !== `Bearer ${env.VEXIL_BROWSER_KEY}`) return new Response(null, { status: 401 });
      const { context } = await request.json();
      try {
        answer ??= open();
        return Response.json({ flags: answer(context) });
      } catch (error) {
        return new Response(`${error.name}: ${error.message}`, { status: 500 });
      }
    },
  };
}
