import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

/** A process of its own, which answers each message with one; see {@link answer}. */
export class Child {
  #process;
  #gone;

  /** @param {string} script a file of this folder */
  constructor(script) {
    this.#process = fork(path.join(import.meta.dirname, script));
    this.#gone = once(this.#process, "exit").then(([code]) => ({ error: `${script} has ended with ${code}` }));
  }

  async ask(message) {
    this.#process.send(message);
    const answer = await Promise.race([once(this.#process, "message").then(([answer]) => answer), this.#gone]);
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  end() {
    this.#process.disconnect();
  }
}

/** What such a process does with each message. An error is the answer too. */
export function answer(act) {
  process.on("message", async (message) => {
    try {
      process.send((await act(message)) ?? {});
    } catch (error) {
      process.send({ error: error.message });
    }
  });
  // Nothing else may keep it alive.
  process.on("disconnect", () => process.exit());
}
