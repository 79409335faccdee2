// One function: its errors and times over all releases, by size, and where it is wrong.
"use strict";

const TOP = 16; // ULP, the upper edge of errors
const THREADS = { cpu: "all", "cpu-1": "one", gpu: "GPU" };
// Not "format": of a whole axis that takes one prefix, and 400 ns beside 2 s would be 0 s.
const SECONDS = { scale: { type: "log" }, axis: { labelExpr: "format(datum.value, '~s')" } };

(async () => {
  const { rows } = ulpwatch;
  const form = document.getElementById("pickers");
  const site = await ulpwatch.load("site");
  if (!site.machines.length) return;
  const dates = new Map(site.releases.map((release) => [release.name, release.date]));
  const names = Object.values(site.backends);
  const distributions = await ulpwatch.load(`within-${form.dataset.slug}`);
  const counts = await ulpwatch.load(`instructions-${form.dataset.slug}`);
  const profiles = await ulpwatch.load(`profile-${form.dataset.slug}`);
  const all = rows(await ulpwatch.load(`op-${form.dataset.slug}`));
  const isTime = (row) => row.metric === "time";
  const errors = all.filter((row) => !isTime(row));
  fillPickers();
  form.addEventListener("change", () => { ulpwatch.remember(form); show(); });
  show();

  function fillPickers() {
    const values = (some, name) => [...new Set(some.map((row) => row[name]).filter((value) => value))];
    const { dtype, level, threads, size, region, machine } = form.elements;
    ulpwatch.fill(dtype, site.dtypes.filter((one) => values(all, "dtype").includes(one)));
    ulpwatch.chooseLevel(site, level, values(errors, "device"));
    ulpwatch.fill(region, values(errors.filter((row) => row.metric === "max_ulp"), "place").sort());
    const times = all.filter(isTime);
    ulpwatch.fill(threads, values(times, "device").sort(), (device) => THREADS[device] ?? device);
    threads.closest("label").hidden = threads.options.length < 2;
    ulpwatch.fill(size, values(times, "place").sort((a, b) => a - b), (one) => Number(one).toLocaleString("en"));
    // Who has the times of most releases comes first.
    const releases = (name) => values(times.filter((row) => row.machine === name), "release").length;
    ulpwatch.chooseMachine(site, machine, values(times, "machine").sort((a, b) => releases(b) - releases(a)));
    size.value = String(ulpwatch.machine(site, machine.value)?.size);
    if (size.selectedIndex < 0) size.selectedIndex = 0;
    ulpwatch.recall(form);
  }

  function show() {
    const [dtype, level, threads, size, region, machine] = ["dtype", "level", "threads", "size", "region", "machine"].map(
      (name) => form.elements[name].value);
    const known = errors.filter((row) => row.dtype === dtype && row.device === level && row.place === region && row.value !== null);
    history("errors", known, "largest error in ULP", (row) => ulpwatch.error(site, row.value, row.dtype, row.bound), 0.5);
    const times = all.filter((row) => isTime(row) && row.dtype === dtype && row.device === threads && row.machine === machine && row.value !== null);
    history("times", times.filter((row) => row.place === size), "seconds per call", (row) => ulpwatch.time(row.value));
    document.getElementById("times-on").textContent = times.length ? `Measured on ${timedOn(machine)}.` : "";
    sizes(times);
    instructions(dtype);
    within(dtype, level);
    profile(dtype);
    for (const row of document.querySelectorAll("#witnesses tbody tr")) row.hidden = row.dataset.dtype !== dtype;
  }

  // "zen3 (AMD EPYC 7763)": a machine and the processors that it had, release by release.
  function timedOn(machine) {
    const processors = new Set(Object.values(ulpwatch.machine(site, machine).processors).filter(Boolean).map((name) => name.replace(/ \(.*/, "")));
    return processors.size ? `${machine} (${[...processors].join("; ")})` : machine;
  }

  // The bands of the start page's picture. Errors beyond are at the upper edge with their number:
  // they would press those of half an ULP flat.
  function ulps(errors) {
    const largest = Math.max(...errors);
    return { title: largest > TOP ? `ULP (top: ${TOP} and more)` : "largest error in ULP",
      scale: { type: "symlog", constant: 0.5, domainMin: 0, domainMax: Math.max(Math.min(largest, TOP), 1), clamp: true },
      axis: { values: [0, 0.5, 1, 2, 4, 8, TOP] } };
  }

  // Of each line, the first of several that are alike and beyond the upper edge.
  function beyond(values) {
    const last = new Map();
    return values.filter((one) => {
      const key = `${one.backend}|${one.kind}`;
      const before = last.get(key);
      last.set(key, one.value);
      return one.value > TOP && !(before > TOP && before / one.value < 2 && one.value / before < 2);
    }).map((one) => ({ ...one, label: ulpwatch.ulp(Number(one.value.toPrecision(2))) }));
  }

  // Exact maxima and lower bounds are lines of their own.
  function history(id, found, title, text, least) {
    const place = document.getElementById(id);
    const releases = [...dates.keys()].filter((name) => found.some((row) => row.release === name));
    const kind = (row) => row.bound === "exact" ? "exact" : row.metric === "max_ulp_search" ? "lower bound (search)" : "lower bound";
    const exact = new Set(found.filter((row) => row.bound === "exact").map((row) => `${row.release}|${row.backend}`));
    const all = found.map((row) => ({ release: row.release, date: dates.get(row.release), value: row.value,
      backend: site.backends[row.backend] ?? row.backend, low: row.low, high: row.high, text: text(row),
      kind: id === "errors" ? kind(row) : "time", whose: `${row.release}|${row.backend}` }));
    // Where all inputs were tried, a bound of some says no more; the table has it.
    const values = all.filter((one) => one.kind === "exact" || !exact.has(one.whose));
    if (!values.length) { place.textContent = "Not measured, or not available: see the other choices above."; }
    else {
      const dash = { field: "kind", type: "nominal", title: null, legend: id === "errors" ? undefined : null,
        scale: id === "times" ? { domain: ["time"], range: [[1, 0]] }
          : { domain: ["exact", "lower bound", "lower bound (search)"], range: [[1, 0], [6, 4], [2, 3]] } };
      const x = { field: "date", type: "temporal", title: null, axis: { format: "%Y", tickCount: "year" } };
      const y = { field: "value", type: "quantitative", title, ...(id === "errors" ? ulps(values.map((one) => one.value)) : SECONDS) };
      const color = ulpwatch.scale(names, values);
      const tooltip = [{ field: "release" }, { field: "backend" }, { field: "text", title }, { field: "kind" }];
      ulpwatch.draw(place, { data: { values }, layer: [
        ...(least ? [{ mark: { type: "rule", strokeDash: [2, 4], opacity: 0.6 }, encoding: { y: { datum: least } } }] : []),
        { mark: { type: "line", interpolate: "step-after" }, encoding: { x, y, color: color.color, strokeDash: dash } },
        ...(id === "times" ? [{ mark: { type: "rule" }, encoding: { x, y: { field: "low", type: "quantitative" }, y2: { field: "high" }, color: color.color } }] : []),
        { mark: { type: "point", filled: true, size: 60 }, encoding: { x, y, ...color, tooltip } },
        ...(id === "errors" && beyond(values).length ? [{ data: { values: beyond(values) }, mark: { type: "text", align: "left", dx: 6, dy: 10, fontSize: 11 },
          encoding: { x, y, text: { field: "label" }, color: color.color } }] : []),
      ] });
    }
    const kinds = [...new Set(all.map((one) => one.kind))];
    const columns = kinds.flatMap((one) => names.filter((name) => all.some(
      (value) => value.kind === one && value.backend === name)).map((name) => [name, one]));
    ulpwatch.table(document.getElementById(`${id}-table`), ["release", "day", ...columns.map(
      ([name, one]) => one === "time" ? name : `${name}, ${one}`)],
    releases.map((name) => [name, dates.get(name), ...columns.map(([backend, one]) => all.find(
      (value) => value.release === name && value.backend === backend && value.kind === one)?.text ?? "–")]));
  }

  function instructions(dtype) {
    const place = document.getElementById("instructions");
    const mine = counts.filter((one) => one.dtype === dtype);
    const name = (one) => site.backends[one.backend] ?? one.backend;
    const text = (value) => (value < 1000 ? String(Number(value.toPrecision(3))) : Math.round(value).toLocaleString("en"));
    const values = mine.map((one) => ({ release: one.release, date: dates.get(one.release), value: one.element,
      backend: name(one), text: `${text(one.element)} per element, ${text(one.call)} per call`, by: one.by }));
    if (!values.length) place.textContent = "Not counted: instructions are counted in float32 and float64.";
    else {
      const x = { field: "date", type: "temporal", title: null, axis: { format: "%Y", tickCount: "year" } };
      const y = { field: "value", type: "quantitative", title: "instructions per element", scale: { type: "log" }, axis: { format: "~g" } };
      const color = ulpwatch.scale(names, values);
      const tooltip = [{ field: "release" }, { field: "backend" }, { field: "text", title: "instructions" }, { field: "by", title: "most in" }];
      ulpwatch.draw(place, { data: { values }, layer: [
        { mark: { type: "line", interpolate: "step-after" }, encoding: { x, y, color: color.color } },
        { mark: { type: "point", filled: true, size: 60 }, encoding: { x, y, ...color, tooltip } },
      ] });
    }
    ulpwatch.table(document.getElementById("instructions-table"), ["release", "backend", "per element", "per call", "most of them in"],
      mine.map((one) => [one.release, name(one), text(one.element), text(one.call), one.by]));
  }

  // The shares between 0.5, 1, 2 and 4 ULP, stacked: a bar for each release.
  function within(dtype, level) {
    const place = document.getElementById("within");
    const bands = ["correctly rounded", "up to 1 ULP", "up to 2", "up to 4", "above 4"];
    const order = [...dates.keys()];
    const mine = distributions.filter((one) => one.dtype === dtype && one.level === level)
      .sort((a, b) => order.indexOf(a.release) - order.indexOf(b.release));
    const shares = (one) => [...one.within, 1].map((share, index) => share - (one.within[index - 1] ?? 0));
    const name = (one) => site.backends[one.backend] ?? one.backend;
    const values = mine.flatMap((one) => shares(one).map((share, index) => ({
      release: one.release.replace(/^.*-/, ""), backend: name(one), band: bands[index], index, share })));
    if (!values.length) place.textContent = "Not counted on such a processor yet.";
    else {
      ulpwatch.draw(place, { data: { values },
        mark: { type: "bar" },
        encoding: {
          row: { field: "backend", type: "nominal", title: null, header: { labelAngle: 0, labelAlign: "left", labelOrient: "top" } },
          x: { field: "release", type: "nominal", title: null, sort: [...new Set(values.map((one) => one.release))] },
          y: { field: "share", type: "quantitative", stack: true, title: "share of results", axis: { format: "%" } },
          order: { field: "index" },
          color: { field: "band", type: "nominal", title: null, scale: { domain: bands, range: ["#2b7a78", "#8fc1b5", "#f2c14e", "#e07a3f", "#a4243b"] } },
          tooltip: [{ field: "release" }, { field: "backend" }, { field: "band" }, { field: "share", format: ".4%" }],
        },
        width: Math.max(240, place.clientWidth - 60), height: 90, autosize: { type: "pad" },
        resolve: { scale: { x: "independent" } } });
    }
    ulpwatch.table(document.getElementById("within-table"), ["release", "backend", ...bands],
      mine.map((one) => [one.release, name(one), ...shares(one).map((share) => `${(100 * share).toPrecision(4)} %`)]));
  }

  function sizes(times) {
    const place = document.getElementById("sizes");
    const newest = new Map();
    for (const row of times) newest.set(`${row.backend}|${row.place}`, row); // releases come oldest first
    const last = {};
    for (const row of newest.values()) last[row.backend] = latest(last[row.backend], row.release);
    const values = [...newest.values()].filter((row) => row.release === last[row.backend]).map((row) => ({
      size: Number(row.place), seconds: row.value, backend: site.backends[row.backend] ?? row.backend, release: row.release,
      text: ulpwatch.time(row.value) }));
    const crossover = document.getElementById("crossover");
    if (!values.length) { place.textContent = "Not measured, or not available."; crossover.textContent = ""; }
    else {
      crossover.textContent = sentence(values);
      ulpwatch.draw(place, { data: { values }, mark: { type: "line", point: { filled: true, size: 60 } }, encoding: {
        x: { field: "size", type: "quantitative", scale: { type: "log" }, title: "elements (of matmul: edge)" },
        y: { field: "seconds", type: "quantitative", title: "seconds per call", ...SECONDS },
        ...ulpwatch.scale(names, values),
        tooltip: [{ field: "release" }, { field: "backend" }, { field: "size", format: "," }, { field: "text", title: "time" }],
      } });
    }
    const all = [...new Set(values.map((one) => one.size))].sort((a, b) => a - b);
    const columns = names.filter((name) => values.some((one) => one.backend === name));
    ulpwatch.table(document.getElementById("sizes-table"), ["size", ...columns], all.map((size) => [
      size.toLocaleString("en"), ...columns.map((name) => values.find(
        (one) => one.size === size && one.backend === name)?.text ?? "–")]));
  }

  function latest(a, b) {
    const order = [...dates.keys()];
    return a === undefined || order.indexOf(b) > order.indexOf(a) ? b : a;
  }

  // Where the others overtake the first, from the sizes that were measured.
  function sentence(values) {
    const of = (backend) => new Map(values.filter((one) => one.backend === site.backends[backend])
      .map((one) => [one.size, one.seconds]));
    const [first, ...others] = Object.keys(site.backends);
    const [ours, title] = [of(first), site.backends[first]];
    const parts = others.flatMap((backend) => {
      const theirs = of(backend);
      const both = [...ours.keys()].filter((size) => theirs.has(size)).sort((a, b) => a - b);
      if (!both.length) return [];
      const faster = both.map((size) => theirs.get(size) < ours.get(size));
      const from = faster.findIndex((yes, index) => yes && faster.slice(index).every(Boolean));
      const name = site.backends[backend];
      if (from < 0) return [`${name} never overtakes ${title} for good up to ${both.at(-1).toLocaleString("en")}`];
      if (from === 0) return [`${name} is faster than ${title} at every size`];
      return [`${name} overtakes ${title} between ${both[from - 1].toLocaleString("en")} and ${both[from].toLocaleString("en")}`];
    });
    return parts.length ? `${parts.join("; ")}.` : "";
  }

  function profile(dtype) {
    const place = document.getElementById("profile");
    const bits = { float32: [8, 127], float16: [5, 15], bfloat16: [8, 127], float64: [11, 1023] }[dtype];
    const mine = profiles.filter((one) => one.dtype === dtype);
    const values = mine.flatMap((one) => one.profile.map(([binade, error]) => {
      const negative = binade >= 2 ** bits[0];
      const exponent = (negative ? binade - 2 ** bits[0] : binade) - bits[1];
      return { exponent, sign: negative ? "negative" : "positive", error, release: one.release,
        backend: site.backends[one.backend] ?? one.backend };
    }));
    if (!values.length) {
      place.textContent = "No release has been measured over all inputs of this dtype yet (python -m tools.sweep).";
    } else {
      ulpwatch.draw(place, { data: { values }, facet: { column: { field: "sign", title: null, sort: ["negative", "positive"] } },
        spec: { width: Math.max(220, place.clientWidth / 2 - 70), height: 240, mark: { type: "point", filled: true, size: 30 }, encoding: {
          x: { field: "exponent", type: "quantitative", title: "binade: exponent of 2 of the argument" },
          y: { field: "error", type: "quantitative", ...ulps(values.map((one) => one.error)) },
          ...ulpwatch.scale(names, values),
          tooltip: [{ field: "release" }, { field: "backend" }, { field: "exponent" }, { field: "error" }],
        } }, width: undefined, height: undefined, autosize: undefined });
    }
    ulpwatch.table(document.getElementById("profile-table"), ["argument", ...mine.map(
      (one) => `${site.backends[one.backend] ?? one.backend} ${one.release}`)],
    [...new Set(values.map((one) => `${one.sign}|${one.exponent}`))].map((key) => {
      const [sign, exponent] = key.split("|");
      return [`${sign === "negative" ? "−" : ""}2^${exponent}`, ...mine.map((one) => String(values.find((value) => value.release === one.release
        && value.backend === (site.backends[one.backend] ?? one.backend) && value.sign === sign && String(value.exponent) === exponent)?.error ?? "–"))];
    }));
  }
})();
