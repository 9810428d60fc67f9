// What the runtime calls. Everything that is decided is decided in Rust; this starts the WebAssembly instance,
// replaces it after a trap, and copies events into the bodies of streams.
//
// Bundled by: esbuild entry/worker.mjs --bundle --format=esm --target=es2022 --external:./worker.wasm
//   "--external:cloudflare:*" --outfile=dist/worker.mjs

import { DurableObject } from "cloudflare:workers";

import * as glue from "../dist/worker.js";
import { eventStream } from "./events.mjs";
import { Hot } from "./hot.mjs";
import { Recovery } from "./recovery.mjs";
// The bundle lies beside the module.
import wasm from "./worker.wasm";

glue.initSync({ module: wasm });
const recovery = new Recovery(() => glue.__wbg_reset_state());
addEventListener("error", (event) => recovery.notice(event.error));

const hot = new Hot(recovery, glue);

export default {
  fetch: (request, env, context) => hot.answer(request, env, context, answer),
};

async function answer(request, env, context) {
  // The page that asked may read that the worker failed, where it may read anything.
  const finish = ({ headers }) => glue.allowOrigin(env, request.url, request.headers, headers);
  const response = await recovery.answer(request, (request) => glue.fetch(request, env, context), finish);
  return response.webSocket === null ? response : eventStream(response);
}

/** A Durable Object whose Rust half is made anew where its instance is gone: all it knows is in its database. */
class Recovered extends DurableObject {
  #object;
  #generation;

  fetch(request) {
    return recovery.answer(request, (request) => this.current().fetch(request));
  }

  current() {
    if (this.#generation !== recovery.generation) {
      this.#object = this.create(this.ctx, this.env);
      this.#generation = recovery.generation;
    }
    return this.#object;
  }
}

/** The source of truth; what it does lives in `src/environment.rs`. */
export class Environment extends Recovered {
  create(...parts) {
    return new glue.Environment(...parts);
  }

  alarm() {
    return recovery.run(() => this.current().alarm());
  }
}

/** Who listens; what it does lives in `src/hub.rs`. */
export class Hub extends Recovered {
  create(...parts) {
    return new glue.Hub(...parts);
  }

  // Listeners have nothing to say.
  webSocketMessage() {}

  webSocketClose(socket) {
    socket.close();
  }
}

/** What clients reported; what it does lives in `src/counters.rs`. */
export class Counters extends Recovered {
  create(...parts) {
    return new glue.Counters(...parts);
  }
}
