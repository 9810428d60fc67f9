/** Event streams: ADR 0008 of open-feature/protocol. */

import { events, expect, next } from "../server.mjs";
import { fault } from "../schema.mjs";
import { expectCase } from "./answers.mjs";

/** Where the server says that changes are told. */
async function streamOf({ server, fixture }) {
  const { json } = await server.all(fixture.cases[0].context);
  const stream = json.eventStreams?.find(({ type }) => type === "sse");
  expect(stream !== undefined, "bulk: no event stream of type sse");
  return stream.url ?? new URL(stream.endpoint.requestUri, stream.endpoint.origin ?? server.url).href;
}

/** The data of an event that is OFREP's. */
function dataOf(event) {
  let data;
  try {
    data = JSON.parse(event.data);
  } catch {
    expect(false, `event stream: data \`${event.data.slice(0, 200)}\` is not JSON`);
  }
  const wrong = fault("sseEventData", data);
  expect(wrong === undefined, `event stream: ${wrong}`);
  return data;
}

/** The next event that asks for a fetch. */
async function nextRefetch(stream, what) {
  for (;;) {
    const event = await next(stream, what);
    if (event.data !== undefined && dataOf(event).type === "refetchEvaluation") {
      return event;
    }
  }
}

/** Runs `use` while the change of the fixture is made, and takes it back. */
async function whileChanged({ options }, use) {
  try {
    await options.change();
    return await use();
  } finally {
    await options.undo();
  }
}

const query = ({ etag, lastModified }) =>
  `?${new URLSearchParams({ ...(etag !== undefined && { flagConfigEtag: etag }), ...(lastModified !== undefined && { flagConfigLastModified: lastModified }) })}`;

export const streams = ({ changed, hasEventStreams }) => {
  const skip = !hasEventStreams && "the fixture says `hasEventStreams: false`";
  return [
    { name: "an event stream is named and opens", skip, run: async (suite) => {
      const stream = events(await streamOf(suite));
      await next(stream, "event stream");
      await stream.return();
    } },
    { name: "a page may read the event stream", skip, needs: ["origin"], run: async (suite) => {
      const controller = new AbortController();
      const response = await fetch(await streamOf(suite), { headers: { origin: suite.options.origin }, signal: controller.signal });
      const origin = response.headers.get("access-control-allow-origin");
      controller.abort();
      expect(["*", suite.options.origin].includes(origin), `event stream: allowed origin \`${origin}\`, expected ${suite.options.origin}`);
    } },
    { name: "a change is an event, and what is fetched for it is new", skip, needs: ["change"], run: async (suite) => {
      const { server } = suite;
      const stream = events(await streamOf(suite));
      await next(stream, "event stream");
      const before = await server.all(changed.context);
      let event;
      await whileChanged(suite, async () => {
        // A stream may begin with the version there is: events come until the answer has changed.
        const current = async () => {
          event = await nextRefetch(stream, "an event after the change");
          const headers = { "if-none-match": before.headers.get("etag") ?? '""' };
          const answer = await server.bulk({ context: changed.context }, { query: query(dataOf(event)), headers });
          return answer.status === 304 ? current() : answer;
        };
        const { asked, json } = await current();
        expectCase(asked, json.flags.find(({ key }) => key === changed.key), changed);
        expect([undefined, "message"].includes(event.event), `event stream: \`event: ${event.event}\`, expected message or none`);
      });
      await stream.return();
    } },
    { name: "events have an id, and a listener that comes back hears of what it missed", level: "should", skip, needs: ["change"], run: async (suite) => {
      const url = await streamOf(suite);
      const stream = events(url);
      await next(stream, "event stream");
      await whileChanged(suite, async () => {
        const { id } = await nextRefetch(stream, "an event after the change");
        expect(id !== undefined, "event stream: an event without id");
        await stream.return();
        await suite.options.undo();
        const again = events(url, { "last-event-id": id });
        await next(again, "event stream");
        await nextRefetch(again, "an event missed meanwhile");
        await again.return();
      });
    } },
    { name: "after a change the old tag is no longer current, and after undoing it again is", needs: ["change"], run: async (suite) => {
      const { server } = suite;
      const etag = (await server.all(changed.context)).headers.get("etag") ?? '""';
      const status = async () => (await server.bulk({ context: changed.context }, { headers: { "if-none-match": etag } })).status;
      const until = async (wanted) => {
        const end = Date.now() + 5_000;
        while ((await status()) !== wanted) {
          expect(Date.now() < end, `bulk with the old tag: not ${wanted} within 5 s of the change`);
        }
      };
      await whileChanged(suite, () => until(200));
      await until(304);
    } },
  ];
};
