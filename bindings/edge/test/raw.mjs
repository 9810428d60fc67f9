import { connect } from "node:net";

/**
 * Sends bytes as they are, which `fetch` does not, and reads one answer.
 *
 * @param {string} url whose host and port are connected to
 * @param {string | Uint8Array} head the request line and headers, without the empty line
 * @param {string | Uint8Array} [body]
 * @param {number} [quietMs] how long the other side may say nothing before this one hangs up
 * @returns {Promise<{ status: number, head: string, body: string }>} status 0 where nothing was answered
 */
export async function raw(url, head, body = "", quietMs = 10_000) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  const chunks = [];
  socket.on("data", (chunk) => {
    chunks.push(chunk);
    // The runtime keeps connections open, whatever a client asks.
    if (isWhole(Buffer.concat(chunks).toString("latin1"))) {
      socket.destroy();
    }
  });
  // Whoever is told so much may hang up before all is said.
  socket.on("error", () => {});
  socket.setTimeout(quietMs, () => socket.destroy());
  socket.write(head);
  socket.write("\r\n\r\n");
  socket.write(body);
  await new Promise((resolve) => socket.once("close", resolve));
  const [answered, ...rest] = Buffer.concat(chunks).toString("latin1").split("\r\n\r\n");
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(answered)?.[1] ?? 0), head: answered, body: rest.join("\r\n\r\n") };
}

/** Whether `text` is an answer to its end. */
function isWhole(text) {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) {
    return false;
  }
  const length = /^content-length: (\d+)/im.exec(text.slice(0, end))?.[1];
  return length === undefined ? text.endsWith("\r\n0\r\n\r\n") || / 204 /.test(text.slice(0, 15)) : text.length >= end + 4 + Number(length);
}

/** The head of a request, its lines ended as HTTP ends them; the connection is closed after it. */
export function head(line, headers = {}) {
  const lines = Object.entries({ host: "edge", connection: "close", ...headers }).map(([name, value]) => `${name}: ${value}`);
  return [`${line} HTTP/1.1`, ...lines].join("\r\n");
}
