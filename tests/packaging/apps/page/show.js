/** Writes what the flags are into the page, again whenever they change. */
export function show(flags) {
  const output = document.querySelector("output");
  const render = () => {
    output.textContent = JSON.stringify({
      checkout: flags.boolean("checkout", false),
      greeting: flags.string("greeting", "…"),
      status: flags.status,
    });
  };
  flags.subscribe(render);
  document.querySelector("button").addEventListener("click", () => {
    flags.setContext({ country: flags.context.country === "DE" ? "FR" : "DE" });
    render();
  });
  render();
}
