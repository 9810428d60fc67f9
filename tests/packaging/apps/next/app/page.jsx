import { connection } from "next/server";
import { flagsOf } from "./flags.js";
import { Shop } from "./shop.jsx";

export default async function Page() {
  await connection();
  const flags = await flagsOf("DE");
  return (
    <>
      <p id="server">{JSON.stringify({ checkout: flags.boolean("checkout", false), greeting: flags.string("greeting", "…"), status: flags.status })}</p>
      <Shop edge={process.env.EDGE} />
    </>
  );
}
