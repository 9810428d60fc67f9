import { OpenFeature } from "@openfeature/react-sdk";
import { renderToString } from "react-dom/server";
import { VexilProvider } from "vexil/openfeature";
import { snapshotClient } from "vexil/server";
import { App } from "./app.jsx";

/** Nothing may wait between the two lines: all requests share one provider. */
export function render(snapshot) {
  OpenFeature.setProvider(new VexilProvider(snapshotClient(snapshot)));
  return renderToString(<App />);
}
