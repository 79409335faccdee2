// Of a comparison: a row for each function and dtype, and what it comes to in words.
"use strict";

ulpwatch.functions = (() => {
  const { element } = ulpwatch;
  const ERRORS = ["max_ulp_exact", "max_ulp_search", "max_ulp"];
  const CHANGED = ["worse", "better"];
  // An array, an edge of a matrix that has as many numbers.
  const MANY = ["10000", "100"];
  const DTYPES = ["float32", "float64", "float16", "bfloat16"];

  // `rows` as compare.js pairs them; `bits` of both sides, by backend, dtype, function and device.
  // A level that gives the bits of the processor's own has none.
  function of(rows, bits, { device, size }) {
    const base = device === "gpu" ? device : "cpu";
    const found = new Map();
    for (const row of rows) {
      if (!row.op || !row.dtype || !row.backend || row.before === null || row.after === null) continue;
      const key = [row.op, row.dtype, row.backend].join("|");
      if (!found.has(key)) found.set(key, { op: row.op, dtype: row.dtype, backend: row.backend });
      const mine = found.get(key);
      if (ERRORS.includes(row.metric) && row.place === "normal" && row.device === device) {
        // One over all inputs says more than one of some.
        if (!mine.error || ERRORS.indexOf(row.metric) < ERRORS.indexOf(mine.error.metric)) mine.error = row;
      } else if (row.metric === "instructions" && MANY.includes(row.place)) mine.instructions = row;
      else if (row.metric === "time" && row.device === base && row.place === size) mine.time = row;
      else if (row.metric === "special_failures" && row.device === device) mine.special = row;
    }
    const all = [...found.values()].filter((one) => one.error || one.instructions || one.time || one.special);
    for (const one of all) {
      const [a, b] = one.backend.includes(" → ") ? one.backend.split(" → ") : [one.backend, one.backend];
      const [before, after] = [a, b].map((backend, side) => [device, base].map(
        (where) => bits[side][`${backend}|${one.dtype}|${one.op}|${where}`]).find(Boolean));
      one.bits = before && after ? bitsOf(before, after) : null;
    }
    return all.sort((a, b) => rank(a) - rank(b) || DTYPES.indexOf(a.dtype) - DTYPES.indexOf(b.dtype)
      || a.op.localeCompare(b.op));
  }

  // Means differ in their last digits where results do not.
  function bitsOf([hash, mean, misrounded], [other, otherMean, otherMisrounded]) {
    if (hash === other) return "same";
    const alike = Math.abs(mean - otherMean) <= 1e-9 * mean && misrounded === otherMisrounded;
    return alike ? "of NaN" : "changed";
  }

  // What breaks something first: worse errors, then other results, then slower calls.
  function rank(one) {
    const is = (row, verdict) => row?.verdict === verdict;
    if (is(one.error, "worse") || is(one.special, "worse")) return 0;
    if (is(one.error, "better") || is(one.special, "better")) return 1;
    if (one.bits === "changed") return 2;
    if (is(one.instructions, "worse") || is(one.time, "worse")) return 3;
    if (is(one.instructions, "better") || is(one.time, "better")) return 4;
    return 5;
  }

  // Sentences: errors, other results with the same error, instructions, times.
  // Of two libraries (`across`), how many differ; else what an upgrade changes.
  function words(all, before, after, across) {
    if (!all.length) return [];
    const is = (what, verdict) => all.filter((one) => one[what]?.verdict === verdict);
    const said = [];
    const known = all.filter((one) => one.error);
    if (known.length) {
      const [worse, better] = [is("error", "worse"), is("error", "better")];
      const other = all.filter((one) => one.bits === "changed" && one.error && !CHANGED.includes(one.error.verdict));
      const parts = across ? [`more accurate: ${many(better)}`, `less accurate: ${many(worse)}`]
        : [many(better, "became more accurate"), many(worse, "became less accurate")];
      said.push(across ? `${after} against ${before}, in ${pairs(known)}: ${parts.join("; ")}.`
        : `From ${before} to ${after}, of ${pairs(known)}, ${parts.join("; ")}.`);
      if (across) said.push(`In ${all.filter((one) => one.bits && one.bits !== "changed").length}, all results that were tried are the same.`);
      else if (all.some((one) => one.bits)) {
        said.push(other.length
          ? `${capital(many(other, "gave other results without a larger error"))}: a file of expected results to the last bit would differ.`
          : "No other function’s results changed in any bit.");
      }
    }
    const special = [...is("special", "worse"), ...is("special", "better")];
    if (special.length) said.push(`Other special values: ${many(special)}.`);
    if (all.some((one) => one.instructions)) {
      said.push(`Fewer instructions: ${many(is("instructions", "better"))}. More: ${many(is("instructions", "worse"))}.`);
    }
    if (all.some((one) => one.time)) {
      said.push(`Faster: ${many(is("time", "better"))}. Slower: ${many(is("time", "worse"))}.`);
    }
    return said;
  }

  const pairs = (some) => (some.length === 1 ? "1 function and dtype" : `${some.length} functions and dtypes`);
  const capital = (text) => text[0].toUpperCase() + text.slice(1);

  // "14 became more accurate (exp float32, log float32, sin float64 and 11 others)"
  function many(some, what) {
    const verb = what ? ` ${what}` : "";
    if (!some.length) return `none${verb}`;
    const names = some.map((one) => `${one.op} ${one.dtype}`);
    const shown = names.length > 5 ? [...names.slice(0, 4), `${names.length - 4} others`] : names;
    const listed = shown.length > 1 ? `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}` : shown[0];
    return `${some.length}${verb} (${listed})`;
  }

  function table(site, place, all, several) {
    // Those that some function has, as numbers or as words.
    const columns = [["error", "largest error, ULP", "number"], ["bits", "result bits", ""], ["instructions", "instructions", "number"],
      ["time", "time", "number"], ["special", "special values wrong", "number"]].filter(([what]) => all.some((one) => one[what]));
    const headings = [["function", ""], ["dtype", ""], ...(several ? [["call", ""]] : []), ...columns.map(([, title, side]) => [title, side])];
    place.replaceChildren(
      element("thead", {}, element("tr", {}, ...headings.map(([text, side]) => element("th", { scope: "col", class: side }, text)))),
      element("tbody", {}, ...all.map((one) => element("tr", {},
        element("th", { scope: "row" }, element("a", { href: `op-${one.op}.html#dtype=${one.dtype}` }, one.op)),
        element("td", {}, one.dtype), ...(several ? [element("td", {}, one.backend.split(" → ").map((name) => site.backends[name] ?? name).join(" → "))] : []),
        ...columns.map(([what]) => (what === "bits" ? bitsCell(one.bits, one.backend.includes(" → ")) : cell(site, one[what])))))));
  }

  function bitsCell(bits, across) {
    const title = bits === "changed" ? "Other results for some of the inputs that were tried" : bits === "of NaN" ? "The bits differ, the errors do not: most likely the sign of NaN" : null;
    const text = bits === "changed" && across ? "others" : bits ?? "–";
    return element("td", { class: bits === "changed" ? "changed" : "", title, "data-why": title }, text);
  }

  const ARROWS = { worse: "▲", better: "▼" };

  function cell(site, row) {
    if (!row) return element("td", { class: "number none" }, "–");
    const text = (value, mine) => (row.unit === "ulp" ? ulpwatch.error(site, value, row.dtype, mine.bound)
      : ulpwatch.number(value, row.unit, mine.bound));
    const [before, after] = [text(row.before, row.beforeRow), text(row.after, row.afterRow)];
    const changed = CHANGED.includes(row.verdict);
    const why = row.ratio ? `${row.metric}, ${row.place || "all"}: × ${Number(row.ratio.toPrecision(3))}, ${row.verdict}` : row.verdict;
    return element("td", { class: `number ${changed ? row.verdict : ""}`, title: why, "data-why": why },
      changed ? `${ARROWS[row.verdict]} ${before} → ${after}` : before === after ? after : `${before} → ${after}`);
  }

  return { of, words, table };
})();
