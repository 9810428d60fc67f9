// A page of somebody else's: shows its flags, for Germany first, and for France when the button is pressed.

import { createClient } from "vexil";
import { show } from "./show.js";

const url = new URLSearchParams(location.search).get("edge");
show(createClient({ url, key: "test-browser", context: { country: "DE" } }));
