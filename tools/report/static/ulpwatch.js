// What the pages share: data that comes as scripts, numbers as text, verdicts, pictures.
"use strict";

const ulpwatch = (() => {
  const waiting = new Map();

  // Loads data/NAME.js once. fetch() would fail where a page is opened from the disk.
  function load(name) {
    if (!waiting.has(name)) {
      const entry = {};
      entry.promise = new Promise((resolve, reject) => {
        entry.resolve = resolve;
        const script = document.createElement("script");
        script.src = `data/${encodeURIComponent(name)}.js`;
        script.onerror = () => reject(new Error(`data/${name}.js cannot be loaded`));
        document.head.append(script);
      });
      waiting.set(name, entry);
    }
    return waiting.get(name).promise;
  }

  function got(name, value) { waiting.get(name).resolve(value); }

  // Columns with text as runs (tools/report/pages/data.py) to rows.
  function rows({ names, columns }) {
    const found = columns.value.map((value, index) => (
      { value, low: columns.low[index], high: columns.high[index] }));
    for (const [key, known] of Object.entries(names)) {
      const text = (code) => (code < 0 ? null : known[code]);
      const { runs } = columns[key];
      if (!runs) columns[key].forEach((code, index) => { found[index][key] = text(code); });
      for (let run = 0, index = 0; runs && run < runs.length; run += 2) {
        for (let left = runs[run + 1]; left; left -= 1) found[index++][key] = text(runs[run]);
      }
    }
    return found;
  }

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "class") made.className = value;
      else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value !== false && value !== null) made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  const significant = (value, digits) => Number(value.toPrecision(digits));

  // As words.py has it: 2.541, 1.7·10⁷.
  function ulp(value, bound) {
    let text = String(significant(value, 4));
    if (value >= 1e6 || (value && value < 1e-3)) {
      const [digits, power] = value.toExponential(1).split("e");
      text = `${digits}·10${[...String(Number(power))].map((one) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(one)]).join("")}`;
    }
    return (bound === "lower bound" ? "≥ " : "") + text;
  }

  // The same, where the result has a correct digit.
  function error(site, value, dtype, bound) {
    return value > (site.bands[dtype]?.at(-1) ?? Infinity) ? site.band_names.at(-1) : ulp(value, bound);
  }

  function time(seconds) {
    for (const [unit, size] of [["s", 1], ["ms", 1e-3], ["µs", 1e-6]]) {
      if (seconds >= size) return `${significant(seconds / size, 3)} ${unit}`;
    }
    return `${significant(seconds * 1e9, 3)} ns`;
  }

  function bytes(value) { return `${significant(value / 1e6, 3)} MB`; }

  function number(value, unit, bound) {
    if (value === null) return "–";
    if (unit === "seconds") return time(value);
    if (unit === "bytes") return bytes(value);
    if (unit === "instructions") return Math.round(value).toLocaleString("en");
    if (unit === "ulp") return ulp(value, bound);
    return (bound === "lower bound" ? "≥ " : "") + significant(value, 6).toLocaleString("en");
  }

  const measures = new Set(["seconds", "bytes", "instructions"]);

  // The relative difference that is noise: the most specific row of the machine's noise floors.
  function floor(site, machine, row, backend) {
    const keys = ["benchmark", "backend", "op", "dtype", "size", "device"];
    const mine = { ...row, backend, size: measures.has(row.unit) ? Number(row.place) : null };
    let best = null;
    for (const one of machine.floors) {
      const named = keys.filter((key) => one[key] !== null);
      if (named.every((key) => one[key] === mine[key])
          && (!best || named.length >= best.named)) best = { named: named.length, floor: one.floor };
    }
    return best ? best.floor : site.default_floors[row.unit];
  }

  // As tools/judging/verdict.py decides; a test holds the two against each other.
  function verdict(site, machine, before, after) {
    if (!before || before.value === null) return "new";
    if (!after || after.value === null) return "gone";
    const [low, high] = [Math.min(before.value, after.value), Math.max(before.value, after.value)];
    if (low === high) return "same";
    if (measures.has(before.unit)) {
      const noise = Math.max(floor(site, machine, before, before.backend),
        floor(site, machine, after, after.backend));
      if (high <= low * (1 + noise)) return "same";
      const end = (row, name) => row[name] ?? row.value;
      const nearest = Math.max(end(after, "low") / end(before, "high"), end(before, "low") / end(after, "high"));
      const disagree = (row) => row.low !== null && row.high > site.apart * row.low;
      if ((disagree(before) || disagree(after)) && nearest <= 1 + noise) return "noise";
    } else if (before.unit === "ulp" && high - low <= (site.resolution[before.dtype] ?? site.fine)) {
      return "same";
    } else if (before.metric === "max_ulp_search" && high <= low * (1 + site.search_luck)) {
      return "noise";
    }
    return after.value > before.value ? "worse" : "better";
  }

  // Why a release has no such number; null where it is only not measured yet.
  function reason(unavailable, what) {
    for (const row of unavailable) {
      const asked = [what.backend, what.device, what.op, what.dtype];
      if (asked.every((mine, index) => row[index] === null || row[index] === mine)) return row[4];
    }
    return null;
  }

  function fill(select, values, texts = (value) => value) {
    const kept = select.value;
    const all = [...select.querySelectorAll('option[value=""]')];
    select.replaceChildren(...all, ...values.map(
      (value) => element("option", { value }, String(texts(value)))));
    if (values.includes(kept) || kept === "") select.value = kept;
    if (select.selectedIndex < 0) select.selectedIndex = 0;
  }

  // The state of a form in the address, so that a view can be linked to.
  function remember(form) {
    const parameters = new URLSearchParams();
    for (const field of form.elements) {
      if (field.name && field.value) parameters.set(field.name, field.value);
    }
    history.replaceState(null, "", `#${parameters}`);
  }

  function recall(form) {
    for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
      const field = form.elements[name];
      if (!field) continue;
      field.value = value;
    }
  }

  // A level of x86-64, or the GPU: those of `levels`, in the order of site.levels.
  function chooseLevel(site, select, levels) {
    const known = Object.keys(site.levels).filter((level) => levels.includes(level));
    fill(select, known, (level) => site.levels[level]);
    select.closest("label").hidden = known.length < 2;
  }

  // Who measured: only times depend on that, and only where several did is there a choice.
  function chooseMachine(site, select, machines) {
    fill(select, machines);
    select.closest("label").hidden = machines.length < 2;
  }

  function machine(site, name) { return site.machines.find((one) => one.name === name); }

  let vega;
  // Draws a Vega-Lite specification; Vega itself is loaded when the first picture is.
  async function draw(place, specification) {
    vega ??= new Promise((resolve, reject) => {
      document.head.append(element("script", { src: "vega.js", onload: resolve, onerror: reject }));
    });
    await vega;
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const config = {
      background: "transparent", font: "system-ui, sans-serif",
      axis: { labelColor: dark ? "#e6edf3" : "#1b1f24", titleColor: dark ? "#e6edf3" : "#1b1f24",
        gridColor: dark ? "#30363d" : "#e3e8ee", labelFontSize: 12, titleFontSize: 12 },
      legend: { labelColor: dark ? "#e6edf3" : "#1b1f24", titleColor: dark ? "#e6edf3" : "#1b1f24",
        orient: "top", labelFontSize: 12, symbolSize: 90 },
      view: { stroke: null },
    };
    await vegaEmbed(place, {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json", width: "container", height: 260,
      autosize: { type: "fit", contains: "padding" }, config, ...specification,
    }, { renderer: "svg", actions: false });
    place.querySelector("svg")?.setAttribute("aria-hidden", "true"); // the place has the words
  }

  // Okabe and Ito's colours, apart for every kind of colour blindness, and shapes besides.
  // Of `every` backend those that `values` are of; each has its colour and its shape on any picture.
  const LIGHT = ["#0072b2", "#d55e00", "#007a5a", "#8b3fa8", "#c2407f", "#7a5c00", "#a0522d", "#4f6b00", "#b00020", "#51606e"];
  const DARK = ["#56b4e9", "#e69f00", "#009e73", "#c79be0", "#f08bb8", "#d9b84a", "#d8976b", "#a9c24a", "#ff7b7b", "#b3bfca"];
  const SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left", "stroke", "arrow"];
  const scale = (every, values, dark = matchMedia("(prefers-color-scheme: dark)").matches) => {
    const names = every.filter((name) => values.some((one) => one.backend === name));
    const of = (range) => ({ domain: names, range: names.map((name) => range[every.indexOf(name) % range.length]) });
    return {
      color: { field: "backend", type: "nominal", title: null, scale: of(dark ? DARK : LIGHT) },
      shape: { field: "backend", type: "nominal", title: null, scale: of(SHAPES) },
    };
  };

  // Whether a library is on a picture or in a table where `also` says which come to the question's.
  function shows(site, backend, also) {
    const library = site.library_of[backend];
    return also === "all" || library === also || site.question.some((one) => site.library_of[one] === library);
  }

  function table(place, headings, lines) {
    place.replaceChildren(
      element("thead", {}, element("tr", {}, ...headings.map(
        (text) => element("th", { scope: "col" }, text)))),
      element("tbody", {}, ...lines.map(([first, ...rest]) => element("tr", {},
        element("th", { scope: "row" }, first),
        ...rest.map((cell) => element("td", { class: "number" }, cell))))));
  }

  // A button with what it copies; without a clipboard, as where a page came unencrypted, the text
  // is shown and selected.
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest?.("button.copy");
    if (!button) return;
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      const shown = button.nextElementSibling;
      shown.open = true;
      getSelection().selectAllChildren(shown.querySelector("code"));
      button.textContent = "Selected";
    }
  });

  // The header's field leads to a function or a release as soon as one is named; / goes there.
  document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("jump");
    if (!form) return;
    const { place: field } = form.elements;
    const places = new Map([...form.querySelectorAll("option")].map((one) => [one.value, one.dataset.href]));
    const follow = (begun) => {
      const wanted = field.value.trim().toLowerCase();
      const found = places.get(wanted) ?? (begun && wanted && [...places].find(([name]) => name.startsWith(wanted))?.[1]);
      if (found) location.href = found;
    };
    form.addEventListener("submit", (event) => { event.preventDefault(); follow(true); });
    // Chosen in the list, not typed: "log" may go on as "log1p".
    field.addEventListener("input", (event) => { if (event.inputType === "insertReplacementText" || !event.inputType) follow(false); });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
      event.preventDefault();
      field.focus();
    });
  });

  return { load, got, rows, element, ulp, error, time, number, verdict, reason, fill, remember, recall,
    chooseLevel, chooseMachine, machine, draw, scale, shows, table, measures };
})();
