// Any two releases, or the two libraries: each number with its verdict.
"use strict";

(async () => {
  const { element } = ulpwatch;
  const PAGE = 200;
  const site = await ulpwatch.load("site");
  const form = document.getElementById("pickers");
  const counts = document.getElementById("counts");
  const state = document.getElementById("state");
  const numbers = document.getElementById("numbers");
  const head = document.querySelector("#rows thead tr");
  const body = document.querySelector("#rows tbody");
  const pythons = document.getElementById("pythons");
  const more = document.getElementById("more");
  const quadrant = document.getElementById("quadrant");
  const ORDER = ["worse", "better", "noise", "same", "new", "gone", "unavailable"];
  const WORDS = { worse: "▲ worse", better: "▼ better", noise: "within noise", same: "same", new: "new",
    gone: "gone", unavailable: "n/a" };
  const COLUMNS = ["metric", "op", "dtype", "backend", "place", "device", "before", "after", "ratio",
    "verdict"];
  const TITLES = { op: "function", place: "size, region" };
  const summary = document.getElementById("summary");
  const byFunction = document.getElementById("by-function");
  const unchanged = document.getElementById("all-functions");
  let latest = 0;
  let [bits, whole] = [[{}, {}], false];
  let [all, shown, count, sorted] = [[], [], PAGE, { column: "verdict", down: false }];
  if (!site.machines.length) { state.textContent = "Nothing has been measured yet."; return; }

  chooseReleases();
  recallAll();
  for (const column of COLUMNS) {
    head.append(element("th", { scope: "col", "aria-sort": "none", "data-column": column },
      element("button", { type: "button", onclick: () => sortBy(column) }, TITLES[column] ?? column)));
  }
  // Some fields of the form are further down the page.
  document.addEventListener("input", (event) => {
    const { name, form: whose } = event.target;
    if (whose !== form) return;
    const places = ["before", "after", "level", "machine"];
    if (places.includes(name)) choosePlace(name === "level");
    ulpwatch.remember(form);
    if (places.includes(name)) compare(); else filter();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", () => { recallAll(); compare(); });
  more.addEventListener("click", () => { count += PAGE; show(); });
  // A reason is there on hover; where nothing hovers, a tap tells it.
  byFunction.addEventListener("click", ({ target }) => {
    const cell = target.closest("td[data-why]");
    if (!cell) return;
    const [op, dtype] = cell.parentElement.cells;
    document.getElementById("why").textContent = `${op.textContent}, ${dtype.textContent}: ${cell.dataset.why}.`;
  });
  unchanged.addEventListener("click", () => { whole = true; summarize(); });
  document.getElementById("csv").addEventListener("click", () => download("csv", "text/csv", csv()));
  document.getElementById("json").addEventListener("click",
    () => download("json", "application/json", JSON.stringify({ version: 1, rows: shown.map(plain) }, null, 1)));
  quadrant.addEventListener("toggle", drawQuadrant);
  numbers.addEventListener("toggle", show);
  await compare();

  // The newest of each library on the first machine, of all that were measured anywhere.
  function chooseReleases() {
    const { whole, releases } = site.machines[0];
    const measured = new Set(site.machines.flatMap((machine) => machine.releases));
    const names = site.releases.map(({ name }) => name).filter((name) => measured.has(name)).reverse();
    for (const [name, backend] of [["before", site.question[0]], ["after", site.question[1]]]) {
      const library = site.library_of[backend];
      ulpwatch.fill(form.elements[name], names);
      form.elements[name].value = whole.findLast((one) => one.startsWith(`${library}-`)) ?? releases.at(-1);
    }
  }

  // From the address: releases, then the level, which is that of a machine where one is asked for.
  function recallAll() {
    ulpwatch.recall(form);
    choosePlace();
    const machine = ulpwatch.machine(site, new URLSearchParams(location.hash.slice(1)).get("machine"));
    if (machine) form.elements.level.value = machine.level;
    ulpwatch.recall(form);
    choosePlace();
    ulpwatch.recall(form);
  }

  function choosePlace() {
    const { level, machine } = form.elements;
    const both = bothSides();
    ulpwatch.fill(machine, both.map(({ name }) => name));
    machine.closest("label").hidden = both.length < 2;
    const asked = both.filter(({ name }) => !machine.value || name === machine.value);
    ulpwatch.chooseLevel(site, level, asked.flatMap((one) => levelsOf(one)));
  }

  // Who measured errors, times and counts: each of the machine that has most, at the level that
  // is asked for, and both sides of one processor; or all of the one that is asked for.
  function sources() {
    const { level, machine } = form.elements;
    const both = bothSides().filter(({ name }) => !machine.value || name === machine.value);
    const having = (what) => both.filter((one) => sides().every((name) => one[what].includes(name)));
    const numbers = (one) => Math.min(...sides().map((name) => one.at[name]?.[level.value] ?? 0));
    const [errors] = [...both].sort((a, b) => numbers(b) - numbers(a));
    const timed = having("timed");
    return { errors, times: timed.find((one) => one.level === level.value) ?? timed[0] ?? errors,
      counts: having("counted")[0] ?? errors };
  }

  function sides() { return ["before", "after"].map((name) => form.elements[name].value); }

  function levelsOf(machine) {
    const [before, after] = sides().map((name) => Object.keys(machine.at[name] ?? {}));
    return before.filter((level) => after.includes(level));
  }

  // The machines that measured both releases with one processor.
  function bothSides() {
    return site.machines.filter((machine) => {
      const [first, second] = sides().map((name) => machine.processors[name]);
      return sides().every((name) => machine.releases.includes(name)) && (!first || !second || first === second);
    });
  }

  function whyNot() {
    const machine = site.machines.find((one) => sides().every((name) => one.releases.includes(name)));
    const [before, after] = sides();
    return machine
      ? `${before} was measured on ${machine.processors[before]}, ${after} on ${machine.processors[after]}: what differs between processors says nothing of releases.`
      : `No machine has measured both ${before} and ${after}: what differs between processors says nothing of releases.`;
  }

  async function compare() {
    const from = sources();
    const asked = ++latest;
    state.textContent = "Loading…";
    try {
      if (!from.errors) throw new Error(whyNot());
      const [before, after] = await Promise.all(sides().map(async (name) => {
        const release = site.releases.find((one) => one.name === name);
        const device = deviceOf(from.errors);
        const held = device.startsWith("cpu-") ? [[from.errors, `-${device}`]] : [];
        const files = [...[...new Set(Object.values(from))].map((machine) => [machine, ""]), ...held];
        const parts = await Promise.all(files.map(async ([machine, ending]) => {
          const data = await ulpwatch.load(`${machine.slug}-${release.slug}${ending}`);
          // Rows once: columns that were expanded have no runs any more.
          data.rows ??= ulpwatch.rows(data).map((row) => ({ ...row, machine }));
          return { machine, data };
        }));
        const mine = (row) => row.machine === from[kind(row)] && (kind(row) !== "errors" || row.device === device);
        return { ...release, bits: parts.find(({ machine }) => machine === from.errors).data.bits,
          unavailable: parts.flatMap(({ data }) => data.unavailable ?? []),
          rows: parts.flatMap(({ data }) => data.rows).filter(mine) };
      }));
      if (asked !== latest) return; // another was asked for while these were loaded
      bits = [before.bits, after.bits];
      all = pairs(before, after);
      told();
    } catch (error) {
      if (asked !== latest) return;
      [all, shown] = [[], []];
      for (const place of [body, summary, byFunction]) place.replaceChildren();
      pythons.textContent = "";
      unchanged.hidden = true;
      more.hidden = true;
      state.textContent = String(error.message);
      return;
    }
    const values = (name) => [...new Set(all.map((row) => row[name]).filter((value) => value))].sort(
      new Intl.Collator("en", { numeric: true }).compare);
    for (const name of ["metric", "op", "dtype", "device", "place"]) {
      ulpwatch.fill(form.elements[name], values(name));
    }
    ulpwatch.fill(form.elements.verdict, ORDER, (verdict) => WORDS[verdict]);
    ulpwatch.recall(form);
    state.textContent = "";
    if (["metric", "device", "place", "verdict", "search"].some((name) => form.elements[name].value)) numbers.open = true;
    filter();
  }

  // The device of a machine that computes at the level that is asked for.
  function deviceOf(machine) {
    const { value } = form.elements.level;
    return !value || value === machine.level ? "cpu" : value === "gpu" ? "gpu" : `cpu-${value}`;
  }

  function kind({ unit }) {
    return unit === "instructions" ? "counts" : ulpwatch.measures.has(unit) ? "times" : "errors";
  }

  // Small, below the pickers: whose numbers these are.
  function told() {
    const { errors, times, counts: counted } = sources();
    const whose = new Map();
    for (const [what, one] of [["errors", errors], ["times", times], ["instructions", counted]]) {
      if (all.some((row) => kind(row) === (what === "instructions" ? "counts" : what))) whose.set(one.name, [...(whose.get(one.name) ?? []), what]);
    }
    document.getElementById("measured").textContent = [...whose].map(([name, what]) => `${new Intl.ListFormat("en").format(what)} of ${name}`).join("; ");
  }

  // Within a library the same backend; between two, the one beside each backend of the other.
  function pairs(before, after) {
    const across = before.library !== after.library;
    const keys = ["benchmark", "op", "dtype", "place", "device", ...(across ? [] : ["backend"])];
    const keyOf = (row) => keys.map((key) => row[key]).join("|");
    const group = (rows) => {
      const found = new Map();
      for (const row of rows) {
        const key = keyOf(row);
        if (!found.has(key)) found.set(key, []);
        found.get(key).push(row);
      }
      return found;
    };
    const [ours, theirs] = [group(before.rows), group(after.rows)];
    const backends = (rows) => [...new Set(rows.map((row) => row.backend))].filter((one) => one);
    const found = [];
    for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
      const [left, right] = [ours.get(key) ?? [], theirs.get(key) ?? []];
      const row = left[0] ?? right[0];
      if (!across || row.backend === null) { found.push(...judge(before, after, left[0], right[0])); continue; }
      for (const a of backends(before.rows)) {
        for (const b of backends(after.rows)) {
          found.push(...judge(before, after, left.find((one) => one.backend === a),
            right.find((one) => one.backend === b), a, b));
        }
      }
    }
    return found;
  }

  // An exact maximum and a lower bound are not compared: two rows of one side each.
  function judge(before, after, a, b, aBackend, bBackend) {
    if (a?.bound && b?.bound && a.bound !== b.bound) {
      return [...judge(before, after, a, undefined, aBackend, bBackend),
        ...judge(before, after, undefined, b, aBackend, bBackend)];
    }
    const measured = [a, b].filter((row) => row && row.value !== null);
    if (!measured.length) return [];
    const row = measured[0];
    const [ofA, ofB] = [aBackend ?? row.backend, bBackend ?? row.backend];
    const gap = (side, release, backend) => side === undefined
      && ulpwatch.reason(release.unavailable, { ...row, backend });
    const why = gap(a, before, ofA) || gap(b, after, ofB) || null;
    const verdict = why ? "unavailable" : ulpwatch.verdict(site, row.machine, a, b);
    const ratio = a?.value && b && b.value !== null ? b.value / a.value : null;
    return [{ ...row, backend: ofA === ofB ? ofA : `${ofA} → ${ofB}`, before: a?.value ?? null,
      after: b?.value ?? null, beforeRow: a, afterRow: b, ratio, verdict, why }];
  }

  function filter() {
    const wanted = ["metric", "op", "dtype", "device", "place", "verdict"]
      .map((name) => [name, form.elements[name].value]).filter(([, value]) => value);
    const words = form.elements.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = all.filter((row) => wanted.every(([name, value]) => row[name] === value)
      && words.every((word) => COLUMNS.some((name) => String(row[name] ?? "").toLowerCase().includes(word))));
    const tally = new Map(ORDER.map((verdict) => [verdict, 0]));
    for (const row of shown) tally.set(row.verdict, tally.get(row.verdict) + 1);
    counts.textContent = `${shown.length.toLocaleString("en")} numbers: ${[...tally].filter(([, n]) => n)
      .map(([verdict, n]) => `${n.toLocaleString("en")} ${WORDS[verdict]}`).join(", ") || "none"}.`;
    pythons.textContent = shown.some((row) => ["seconds", "instructions"].includes(row.unit)) ? apart() : "";
    count = PAGE;
    summarize();
    sort();
  }

  // "NumPy 2.4.6": a library has the title of the first way to call it.
  function title(name) {
    const { library, version } = site.releases.find((one) => one.name === name);
    return `${site.backends[site.first.find((backend) => site.library_of[backend] === library)]} ${version}`;
  }

  function summarize() {
    const { errors, times } = sources();
    const { op, dtype } = form.elements;
    const asked = all.filter((row) => (!op.value || row.op === op.value) && (!dtype.value || row.dtype === dtype.value));
    const functions = ulpwatch.functions.of(asked, bits, { device: deviceOf(errors), size: String(times.size) });
    const [before, after] = ["before", "after"].map((name) => title(form.elements[name].value));
    const across = functions.some((one) => one.backend.includes(" → "));
    // Two libraries as their users call them; the table has the other ways to call, too.
    const told = across ? functions.filter((one) => one.backend.split(" → ").every((name) => site.first.includes(name))) : functions;
    summary.replaceChildren(...ulpwatch.functions.words(told, before, after, across).map((text) => element("li", {}, text)));
    const changed = functions.filter((one) => one.bits === "changed"
      || ["error", "instructions", "time", "special"].some((what) => ["worse", "better"].includes(one[what]?.verdict)));
    unchanged.hidden = whole || changed.length === functions.length;
    ulpwatch.functions.table(site, byFunction, whole ? functions : changed, new Set(functions.map((one) => one.backend)).size > 1);
  }

  // A call's time is in part Python's, and most of it where there are few numbers.
  function apart() {
    const known = sources().times.pythons;
    const [before, after] = ["before", "after"].map((name) => form.elements[name].value);
    const minor = (release) => known[release]?.match(/\d+\.\d+/)?.[0];
    if (!minor(before) || !minor(after) || minor(before) === minor(after)) return "";
    return `${before} was measured with ${known[before]}, ${after} with ${known[after]}: a part of what differs in short calls is Python's.`;
  }

  function sortBy(column) {
    sorted = { column, down: sorted.column === column ? !sorted.down : false };
    sort();
  }

  function sort() {
    const size = (row) => row.ratio === null ? (row.before === 0 && row.after ? Infinity : 0)
      : Math.max(row.ratio, 1 / row.ratio);
    const collator = new Intl.Collator("en", { numeric: true });
    const { column, down } = sorted;
    const order = {
      verdict: (a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict)
        || (a.place === "subnormal") - (b.place === "subnormal") || size(b) - size(a),
      ratio: (a, b) => (b.ratio ?? -1) - (a.ratio ?? -1),
      before: (a, b) => (b.before ?? -1) - (a.before ?? -1),
      after: (a, b) => (b.after ?? -1) - (a.after ?? -1),
    }[column] ?? ((a, b) => collator.compare(a[column] ?? "", b[column] ?? ""));
    shown.sort((a, b) => (down ? -1 : 1) * order(a, b));
    for (const th of head.children) {
      th.setAttribute("aria-sort", th.dataset.column !== column ? "none" : down ? "descending" : "ascending");
    }
    show();
  }

  function show() {
    if (!numbers.open) return;
    body.replaceChildren(...shown.slice(0, count).map((row) => element("tr", {},
      element("td", { title: row.benchmark }, row.metric),
      element("th", { scope: "row" }, row.op ? element("a", { href: `op-${row.op}.html` }, row.op) : "–"),
      element("td", {}, row.dtype ?? ""), element("td", {}, row.backend ?? ""),
      element("td", {}, row.place), element("td", {}, row.device ?? ""),
      side(row, row.beforeRow, "before"), side(row, row.afterRow, "after"),
      element("td", { class: "number" }, ratio(row)),
      element("td", { class: row.verdict }, WORDS[row.verdict]))));
    more.hidden = shown.length <= count;
    drawQuadrant();
  }

  function side(row, mine, name) {
    if (row[name] !== null) {
      const title = mine.low == null ? null : `half of the samples from ${ulpwatch.time(mine.low)} to ${ulpwatch.time(mine.high)}`;
      return element("td", { class: "number", title }, ulpwatch.number(row[name], row.unit, mine.bound));
    }
    if (mine) return element("td", { class: "number failed" }, "failed");
    return row.why ? element("td", { class: "number" }, element("span", { class: "na", title: row.why, tabindex: "0" }, "n/a"))
      : element("td", { class: "number none" }, "–");
  }

  function ratio(row) {
    if (row.ratio !== null) return `× ${row.ratio < 1e6 ? Number(row.ratio.toPrecision(3)) : row.ratio.toExponential(2)}`;
    return row.before === 0 && row.after ? "from 0" : "";
  }

  function drawQuadrant() {
    if (!quadrant.open) return;
    const key = (row) => [row.op, row.dtype, row.backend].join("|");
    const errors = new Map(shown.concat(all).filter((row) => row.metric === "max_ulp" && row.ratio && row.place === "normal")
      .map((row) => [key(row), row.ratio]));
    const values = shown.filter((row) => row.metric === "time" && row.ratio && errors.has(key(row)))
      .map((row) => ({ name: `${row.op} ${row.dtype} ${row.place}`, backend: row.backend,
        time: row.ratio, error: errors.get(key(row)) }));
    const place = quadrant.querySelector(".picture");
    if (!values.length) { place.textContent = "No function here has both a time and an error on both sides."; return; }
    const names = [...new Set(values.map((one) => one.backend))];
    ulpwatch.draw(place, {
      data: { values }, height: 360,
      layer: [
        { mark: { type: "rule", strokeDash: [4, 4] }, encoding: { x: { datum: 1 } } },
        { mark: { type: "rule", strokeDash: [4, 4] }, encoding: { y: { datum: 1 } } },
        { mark: { type: "point", filled: true, size: 60, opacity: 0.8 }, encoding: {
          x: { field: "time", type: "quantitative", scale: { type: "log" }, title: "time, after / before (left: faster)" },
          y: { field: "error", type: "quantitative", scale: { type: "log" }, title: "max ULP, after / before (up: less accurate)" },
          ...ulpwatch.scale(names, values),
          tooltip: [{ field: "name" }, { field: "backend" }, { field: "time", format: ".3g" }, { field: "error", format: ".3g" }],
        } },
      ],
    });
  }

  function plain(row) {
    return Object.fromEntries([...COLUMNS, "unit", "benchmark"].map((name) => [name, row[name] ?? null]));
  }

  function csv() {
    const names = [...COLUMNS, "unit", "benchmark"];
    // A cell that begins like a formula stays text in a spreadsheet.
    const cell = (value) => `"${String(value ?? "").replace(/^([=+@-])(?=\D)/, "'$1").replaceAll('"', '""')}"`;
    return [names, ...shown.map((row) => names.map((name) => row[name]))].map(
      (line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
  }

  function download(ending, type, text) {
    const url = URL.createObjectURL(new Blob([text], { type }));
    element("a", { href: url, download: `${form.elements.before.value}-${form.elements.after.value}.${ending}` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }
})();
