import { createClient } from "vexil";

const [main, title, text, button] = ["main", "h1", "p", "button"].map((name) => document.querySelector(name));
const flags = createClient({
  url: import.meta.env.VITE_EDGE,
  key: import.meta.env.VITE_KEY,
  context: { country: "DE" },
});

function render() {
  title.textContent = flags.string("greeting", "…");
  text.textContent = flags.boolean("one-page-checkout", false) ? "One page" : "Three pages";
}

button.onclick = () => flags.setContext({ ...flags.context, country: "FR" });
await flags.ready({ timeoutMs: 1000 });
flags.subscribe(render);
render();
main.hidden = false;
