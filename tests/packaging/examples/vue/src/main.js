import { createApp } from "vue";
import App from "./App.vue";
import { flags } from "./flags.js";

await flags.ready({ timeoutMs: 1000 });
createApp(App).mount("#app");
