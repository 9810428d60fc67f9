import { OpenFeature } from "@openfeature/react-sdk";
import { hydrateRoot } from "react-dom/client";
import { VexilProvider } from "vexil/openfeature";
import { App } from "./app.jsx";

const { url, key, snapshot } = window.data;
OpenFeature.setProvider(new VexilProvider({ url, key, bootstrap: snapshot, anonymous: "cookie" }), snapshot.context);
hydrateRoot(document.querySelector("#root"), <App />);
