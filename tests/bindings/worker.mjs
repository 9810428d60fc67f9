// A worker that answers the vectors with the npm package.

import { createClient } from "../../bindings/browser/dist/entry/workerd.js";
import { answers } from "./client.mjs";

export default {
  async fetch(request) {
    return Response.json(await answers(createClient, await request.json()));
  },
};
