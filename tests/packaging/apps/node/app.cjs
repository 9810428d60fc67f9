// The same for those who still `require`.

const { argv } = require("node:process");
const { createClient } = require("vexil");

const flags = createClient({ url: argv[2], key: "test-browser", context: { country: "DE" } });
flags.ready().then(() => {
  console.log(JSON.stringify([flags.boolean("checkout", false), flags.string("greeting", "…")]));
  flags.close();
});
