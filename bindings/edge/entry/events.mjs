/** How often a quiet stream says that it is alive: shorter than proxies wait. */
const BEAT_MS = 15_000;
/** How long a stream lives: a client that has gone is not always noticed, and the others connect again. */
const LIFE_MS = 15 * 60_000;
/** How many events a slow client may leave unread: each supersedes those before it. */
const MAX_UNREAD = 16;

/**
 * Makes server-sent events of the messages that arrive at the socket in `answer`.
 *
 * @param {Response} answer with the headers of the stream; `vexil-lives` says for how many ms its key lives, if it ends
 * @returns {Response}
 */
export function eventStream(answer, { beatMs = BEAT_MS, lifeMs = LIFE_MS } = {}) {
  const socket = answer.webSocket;
  const headers = new Headers(answer.headers);
  const keyLivesMs = Number(headers.get("vexil-lives") ?? Infinity);
  headers.delete("vexil-lives");
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  let unread = 0;

  const end = () => {
    clearInterval(beat);
    clearTimeout(life);
    socket.close();
    writer.close().catch(() => {});
  };
  const send = async (text) => {
    if (unread === MAX_UNREAD) {
      return end();
    }
    unread += 1;
    try {
      await writer.write(encoder.encode(text));
      unread -= 1;
    } catch {
      end();
    }
  };
  const beat = setInterval(send, beatMs, ":\n\n");
  const life = setTimeout(end, Math.min(lifeMs, keyLivesMs));
  writer.closed.catch(end);
  socket.addEventListener("message", (event) => send(event.data));
  socket.addEventListener("close", end);
  socket.addEventListener("error", end);
  socket.accept();
  return new Response(readable, { headers });
}
