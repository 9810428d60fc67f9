import { OpenFeatureProvider, useBooleanFlagValue, useContextMutator, useStringFlagValue, useTrack } from "@openfeature/react-sdk";

/** What server and browser both render. */
export function App() {
  return (
    <OpenFeatureProvider>
      <Shop />
    </OpenFeatureProvider>
  );
}

function Shop() {
  const hasOnePage = useBooleanFlagValue("one-page-checkout", false);
  const greeting = useStringFlagValue("greeting", "…");
  const { setContext } = useContextMutator({ defaultContext: true });
  const { track } = useTrack();
  return (
    <main>
      <h1>{greeting}</h1>
      <p>{hasOnePage ? "One page" : "Three pages"}</p>
      <button onClick={() => setContext((context) => ({ ...context, country: "FR" }))}>Move to France</button>
      <button onClick={() => track("checkout")}>Buy</button>
    </main>
  );
}
