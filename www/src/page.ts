// The demo page: a shop that uses the npm package as any page would, and a panel that shows it at work.

import { createClient } from "vexil";
import type { Change } from "vexil";
import { takeFragment } from "./address.js";
import { Answers } from "./answers.js";
import { Checkout } from "./checkout.js";
import { byId, setSentence, setText } from "./dom.js";
import { Gauge } from "./gauge.js";
import { Operator } from "./operator.js";
import { Playground } from "./playground.js";
import { Pennants, Shop } from "./shop.js";
import { Visitor } from "./visitor.js";

/** The browser key of the demo: a public id, not a secret. */
const DEMO_KEY = "browser-demo";

function start(): void {
  const carried = takeFragment();
  const edge = location.origin;
  let requests = 0;

  const visitor = new Visitor((context) => {
    gauge.start();
    flags.setContext(context);
    playground.evaluate(context);
    gauge.show();
  });
  const flags = createClient({
    url: edge,
    key: carried.key ?? DEMO_KEY,
    context: visitor.context,
    engine: "eager",
    events: false,
    anonymous: false,
    fetch: (input, init) => {
      requests += 1;
      return fetch(input, init);
    },
  });
  const gauge = new Gauge(flags, () => requests);
  const shop: Shop = new Shop(flags, () => checkout.show());
  const checkout = new Checkout(flags, shop);
  const pennants = new Pennants(flags);
  const operator = new Operator(flags, edge, carried.token);
  const answers = new Answers(flags, (key, action, clickedAt) => {
    reveal(key);
    void operator.operate(key, action, clickedAt);
  });
  const playground = new Playground(visitor.context);

  const show = ({ changed }: Change): void => {
    const touched = new Set(changed);
    shop.show();
    checkout.show();
    pennants.show(touched);
    answers.show(touched);
    operator.show();
    showLink();
  };
  const showLink = (): void => {
    const { state, problem } = flags.status;
    byId("link-state", HTMLElement).dataset["state"] = state;
    setText(byId("link-text", HTMLElement), { loading: problem === undefined ? "Connecting" : "No flags yet", ready: `Live, version ${flags.version}`, stale: "Edge not reachable", closed: "Closed" }[state]);
    setText(byId("foot-version", HTMLElement), flags.version === 0 ? "" : `This page follows version ${flags.version}.`);
    setSentence(byId("notice", HTMLElement), state === "loading" ? wasmProblem() ?? problemSentence(problem) : state === "stale" ? STALE : undefined);
  };

  show({ changed: [] });
  flags.subscribe(show);
  void flags.ready().then(() => {
    gauge.start();
    gauge.show();
    showLink();
  });
}

/** Brings the part of the shop that a flag shapes into sight, where the panel stays in sight too. */
function reveal(key: string): void {
  if (!matchMedia("(min-width: 62rem)").matches) return;
  document.querySelector(`[data-flag="${CSS.escape(key)}"]`)?.scrollIntoView({ block: "nearest" });
}

const STALE = "The edge cannot be reached at the moment. The flags keep their last answers, and changing the visitor still works.";

function problemSentence(problem: string | undefined): string | undefined {
  if (problem === undefined) return undefined;
  return `No flags yet, so the shop shows its defaults: ${problem}${/[.?!]$/.test(problem) ? "" : "."}`;
}

/** Why the engine cannot run here, if it cannot: the smallest module there is, compiled. */
function wasmProblem(): string | undefined {
  try {
    new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    return undefined;
  } catch {
    return "This browser does not allow WebAssembly here: a setting, or a content security policy without 'wasm-unsafe-eval'. The shop shows its defaults.";
  }
}

start();
