// Answers questions with GrowthBook's SDK: a line `{file, flags, contexts}` in, a line of values by flag and context out.
import { GrowthBook } from "@growthbook/growthbook";
import { createInterface } from "node:readline";

// It reports what it does not know, and so do the questions on purpose.
console.error = () => {};

for await (const line of createInterface({ input: process.stdin })) {
  const { file, flags, contexts } = JSON.parse(line);
  const growthbook = new GrowthBook().initSync({ payload: file });
  const answers = flags.map(() => []);
  for (const attributes of contexts) {
    growthbook.setAttributes(attributes);
    flags.forEach((flag, index) => answers[index].push(growthbook.evalFeature(flag).value));
  }
  growthbook.destroy();
  console.log(JSON.stringify(answers));
}
