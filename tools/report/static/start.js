// The start page: both libraries' newest releases, function by function.
"use strict";

// asv's own page was the start page before: what was linked to it then.
if (/^#(\/|bench_)/.test(location.hash)) location.replace(`asv.html${location.hash}`);

(async () => {
  const { element, rows } = ulpwatch;
  const site = await ulpwatch.load("site");
  const form = document.getElementById("pickers");
  const body = document.querySelector("#functions tbody");
  if (!site.machines.length) return;
  const { dtype, level, machine, size } = form.elements;
  ulpwatch.chooseMachine(site, machine, site.machines.map(({ name }) => name));
  ulpwatch.fill(dtype, site.dtypes);
  ulpwatch.chooseLevel(site, level, site.machines.flatMap(({ at }) => Object.values(at).flatMap(Object.keys)));
  ulpwatch.fill(size, [1, 1000, 10000, 100000, 1000000, 10000000].map(String),
    (size) => Number(size).toLocaleString("en"));
  size.value = String(site.machines[0].size);
  ulpwatch.recall(form);
  // A link to another machine of this page.
  addEventListener("hashchange", () => { ulpwatch.recall(form); show(); });
  // A field of the form is at the picture above.
  for (const field of form.elements) field.addEventListener("change", () => { ulpwatch.remember(form); show(); });
  await show();

  // Of each library, the newest release that has numbers of functions on this machine.
  async function newest(machine, dtype) {
    const found = await ulpwatch.load(`${machine.slug}-newest-${dtype}`);
    return Object.fromEntries(Object.entries(found).map(
      ([library, data]) => [library, { ...data, rows: rows(data) }]));
  }

  async function show() {
    const machine = ulpwatch.machine(site, form.elements.machine.value);
    const [dtype, level, device, size, region] = ["dtype", "level", "threads", "size", "region"].map(
      (name) => form.elements[name].value);
    const libraries = await newest(machine, dtype);
    const backends = Object.keys(site.backends);
    const processors = new Set(Object.values(libraries).map(({ name }) => machine.processors[name]).filter(Boolean));
    const apart = processors.size > 1;
    document.getElementById("newest").textContent = Object.values(libraries).map(({ name }) => (
      `${name} (${site.releases.find((one) => one.name === name).date})`)).join(", ") || "none measured yet";
    document.getElementById("apart").textContent = apart
      ? `Measured on different processors, ${[...processors].join(" and ")}: what differs says nothing of the libraries.` : "";
    const errorDevice = device === "gpu" ? "gpu" : level; // errors don't depend on threads here
    const index = new Map();
    for (const [library, { rows: all }] of Object.entries(libraries)) {
      for (const row of all) {
        if (row.dtype !== dtype || !row.op) continue;
        const key = [row.metric, row.backend, row.op, row.device, row.place].join("|");
        index.set(key, row);
      }
    }
    const ops = [...new Set(Object.values(libraries).flatMap(({ rows: all }) => all
      .filter((row) => row.metric === "max_ulp" || row.metric === "time").map((row) => row.op)))];
    const measured = [new Set(), new Set()]; // the backends with an error, with a time
    const lines = ops.filter(Boolean).sort().map((op) => {
      const shows = (backend) => ulpwatch.shows(site, backend, form.elements.also?.value ?? "");
      const error = (backend, metric, place = region) => (shows(backend) ? index.get(
        [metric, backend, op, errorDevice, place].join("|")) : undefined);
      const tried = backends.map((backend) => error(backend, "max_ulp")
        ?? (region === "subnormal" ? undefined : error(backend, "max_ulp", "well-conditioned")));
      const errors = backends.map((backend, number) => error(backend, "max_ulp_exact")
        ?? error(backend, "max_ulp_search") ?? tried[number]);
      const edge = { 1: "1", 1000: "10", 10000: "100", 1000000: "1000" }[size]; // matmul: about as many numbers
      const times = backends.map((backend) => (shows(backend) ? index.get(
        ["time", backend, op, device, op === "matmul" ? edge : size].join("|")) : undefined));
      [errors, times].forEach((found, group) => found.forEach((row, index) => { if (row) measured[group].add(index); }));
      return line(machine, libraries, { op, dtype, device }, backends, { errors, tried, times }, op === "matmul" ? edge : null, apart);
    });
    body.replaceChildren(...lines);
    hideAllBut(measured.map((shown) => (shown.size ? shown : new Set(backends.keys()))), backends.length);
  }

  // The columns of backends that have no number here: a first look has none of XLA.
  function hideAllBut(shown, count) {
    const [groups, names] = document.querySelectorAll("#functions thead tr");
    const hide = (cells, first) => {
      for (let index = 0; index < 2 * count; index++) {
        cells[first + index].hidden = !shown[Math.floor(index / count)].has(index % count);
      }
    };
    groups.querySelectorAll("[scope=colgroup]").forEach((group, index) => { group.colSpan = shown[index].size; });
    hide(names.cells, 0);
    for (const row of body.rows) hide(row.cells, 1);
  }

  function line(machine, libraries, what, backends, { errors, tried, times }, edge, apart) {
    const release = (backend) => libraries[site.library_of[backend]];
    const least = (found) => Math.min(...found.filter((row) => row?.value != null).map((row) => row.value));
    const cell = (row, index, best, digits) => {
      if (row && row.value !== null) {
        const text = row.unit === "ulp" ? ulpwatch.error(site, row.value, row.dtype, row.bound) : ulpwatch.number(row.value, row.unit, row.bound);
        const made = element("td", { class: `number${row.value === best ? " best" : ""}` }, text);
        if (row.low != null) made.title = `half of the samples from ${ulpwatch.time(row.low)} to ${ulpwatch.time(row.high)}`;
        return made;
      }
      if (row) return element("td", { class: "number failed" }, "failed");
      const why = release(backends[index])
        && ulpwatch.reason(release(backends[index]).unavailable, { ...what, backend: backends[index] });
      return why ? element("td", { class: "number" }, element("span", { class: "na", title: why, tabindex: "0" }, "n/a"))
        : element("td", { class: "number none" }, "–");
    };
    const [bestError, bestTime] = [least(errors), least(times)];
    const name = element("a", { href: `op-${what.op}.html` }, what.op);
    return element("tr", {},
      element("th", { scope: "row" }, name, ...(edge ? [` ${edge} × ${edge}`] : [])),
      ...errors.map((row, index) => cell(row, index, bestError)),
      ...times.map((row, index) => cell(row, index, bestTime)),
      element("td", { class: "number" }, apart ? "–" : ratio(times)),
      element("td", {}, apart ? "" : take(machine, errors, tried, times)));
  }

  function ratio(times) {
    const [ours, theirs] = ofQuestion(times);
    if (ours?.value == null || theirs?.value == null) return "–";
    const of = (a, b) => Number((a / b).toPrecision(3));
    const spread = ours.low != null && theirs.low != null
      ? ` (${of(theirs.low, ours.high)}–${of(theirs.high, ours.low)})` : "";
    return element("span", {}, `× ${of(theirs.value, ours.value)}`,
      element("span", { class: "spread" }, spread));
  }

  // What is of the question's two backends, in their order.
  function ofQuestion(found) {
    const backends = Object.keys(site.backends);
    return site.question.map((name) => found[backends.indexOf(name)]);
  }

  // The one against the other. Only exact maxima say for certain which is more accurate; else
  // the same inputs were tried with both.
  function take(machine, errors, tried, times) {
    const exact = ofQuestion(errors).every((row) => row?.bound === "exact");
    const error = winner(ofQuestion(exact ? errors : tried), (a, b) => Math.abs(a.value - b.value) > 0.01);
    const time = winner(ofQuestion(times),
      (a, b) => ["worse", "better"].includes(ulpwatch.verdict(site, machine, a, b)));
    if (error === undefined && time === undefined) return "";
    const accurate = `more accurate${exact ? "" : " on the inputs tried"}`;
    if (error && error === time) return `${error}: faster, ${accurate}`;
    const parts = [];
    if (error) parts.push(`${error}: ${accurate}`);
    if (time) parts.push(`${time}: faster`);
    return parts.length ? parts.join("; ") : "either";
  }

  // undefined: cannot be said; null: no difference.
  function winner([ours, theirs], differs) {
    if (ours?.value == null || theirs?.value == null) return undefined;
    if (!differs(ours, theirs)) return null;
    return site.backends[site.question[ours.value < theirs.value ? 0 : 1]];
  }
})();
