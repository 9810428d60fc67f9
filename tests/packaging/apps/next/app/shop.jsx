"use client";

import { useEffect, useRef, useState } from "react";
import { createClient } from "vexil";

const read = (flags) => ({ checkout: flags.boolean("checkout", false), greeting: flags.string("greeting", "…"), status: flags.status });

export function Shop({ edge }) {
  const [answers, setAnswers] = useState({});
  const client = useRef(undefined);
  useEffect(() => {
    const flags = createClient({ url: edge, key: "test-browser", context: { country: "DE" } });
    client.current = flags;
    flags.subscribe(() => setAnswers(read(flags)));
    return () => flags.close();
  }, [edge]);
  const move = () => {
    const flags = client.current;
    flags.setContext({ country: flags.context.country === "DE" ? "FR" : "DE" });
    setAnswers(read(flags));
  };
  return (
    <>
      <output>{JSON.stringify(answers)}</output>
      <button onClick={move}>France</button>
    </>
  );
}
