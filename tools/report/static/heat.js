// All functions over all releases, as a grid of colours.
"use strict";

(async () => {
  const { element } = ulpwatch;
  const site = await ulpwatch.load("site");
  const form = document.getElementById("heat-pickers");
  const grid = document.getElementById("heat");
  const status = document.getElementById("heat-status");
  if (!site.machines.length) return;
  let shown;
  const RATIOS = [1.1, 1.5, 2, 4]; // upper ends of the bands; those of errors: site.bands
  const WORDS = {
    errors: site.band_names,
    instructions: ["the fewest", "up to 1.5 times", "up to 2", "up to 4", "more"],
    seconds: ["the shortest", "up to 1.5 times", "up to 2", "up to 4", "longer"],
  };
  ulpwatch.fill(form.elements.heat_dtype, site.dtypes);
  const { also } = document.getElementById("pickers").elements; // of the table below, too
  if (also) also.value = new URLSearchParams(location.hash.slice(1)).get("also") ?? "";
  form.addEventListener("change", show);
  also?.addEventListener("change", show);
  grid.addEventListener("click", ({ target }) => follow(target.closest("td[data-op]")));
  grid.addEventListener("keydown", move);
  grid.addEventListener("pointerover", ({ target }) => tell(target.closest("td[data-op]")));
  grid.addEventListener("focusin", ({ target }) => tell(target.closest("td[data-op]")));
  await show();

  async function show() {
    const [what, dtype] = [form.elements.heat_what.value, form.elements.heat_dtype.value];
    const data = await ulpwatch.load(`heat-${dtype}`);
    ulpwatch.chooseLevel(site, form.elements.heat_level, Object.keys(data.errors));
    if (what !== "errors") form.elements.heat_level.closest("label").hidden = true;
    const values = what === "errors" ? data.errors[form.elements.heat_level.value] ?? [] : data[what];
    const ends = what === "errors" ? site.bands[dtype] : RATIOS;
    const band = (value) => ends.filter((end) => Math.abs(value) > end).length;
    // Columns and rows with a number.
    const columns = data.columns.map((_, index) => index).filter((index) => (
      ulpwatch.shows(site, data.columns[index][0], also?.value ?? "") && values.some((row) => row[index] !== null)));
    const rows = data.ops.map((op, index) => [op, values[index] ?? []]).filter(([, row]) => row.some((value) => value !== null));
    legend(what);
    // By way to call, the column of its newest release.
    shown = { columns: data.columns, rows, band, groups: new Map(columns.map((index) => [data.columns[index][0], index])) };
    status.textContent = rows.length ? "" : "Not measured in this dtype.";
    const groups = columns.reduce((found, index) => found.set(data.columns[index][0], (found.get(data.columns[index][0]) ?? 0) + 1), new Map());
    grid.replaceChildren(
      element("thead", {},
        element("tr", {}, element("td", {}), ...[...groups].map(([backend, count]) => (
          element("th", { scope: "colgroup", colspan: count }, site.backends[backend] ?? backend)))),
        element("tr", {}, element("th", { scope: "col" }, element("span", { class: "unseen" }, "function")),
          ...columns.map((index) => element("th", { scope: "col", class: first(data.columns, columns, index) ? "first" : "" },
            element("span", {}, data.columns[index][1].replace(/^.*-/, "")))))),
      element("tbody", {}, ...rows.map(([op, row]) => element("tr", {},
        element("th", { scope: "row" }, element("a", { href: `op-${op}.html` }, op)),
        ...columns.map((index) => cell(op, data.columns[index], row[index], what, dtype, band,
          first(data.columns, columns, index)))))));
    grid.querySelector("td[data-op]")?.setAttribute("tabindex", "0");
  }

  function first(all, columns, index) {
    const place = columns.indexOf(index);
    return place > 0 && all[columns[place - 1]][0] !== all[index][0];
  }

  function cell(op, [backend, release], value, what, dtype, band, first) {
    if (value === null) return element("td", { class: first ? "first" : "" });
    const said = what === "errors"
      ? `${value < 0 ? "at least " : "at most "}${ulpwatch.ulp(Math.abs(value))} ULP${Math.abs(value) > site.bands[dtype].at(-1) ? ", no correct digit" : ""}${value < 0 ? " (of the inputs tried)" : " (of all inputs)"}`
      : `${value} times the ${what === "seconds" ? "shortest time on the machine, 1,000 numbers" : "fewest instructions per element"}`;
    const label = `${op}, ${dtype}, ${site.backends[backend] ?? backend} ${release.replace(/^.*-/, "")}: ${said}`;
    return element("td", { class: `band${what === "errors" ? "" : "-of-5"}-${band(value)}${first ? " first" : ""}`, tabindex: "-1",
      "data-op": op, "data-dtype": dtype, "aria-label": label, role: "link" });
  }

  function legend(what) {
    document.getElementById("heat-legend").replaceChildren(...WORDS[what].map((words, index) => (
      element("li", {}, element("button", { type: "button", onclick: () => newest(words, index) },
        element("span", { class: `band${what === "errors" ? "" : "-of-5"}-${index}`, "aria-hidden": "true" }), words)))));
  }

  // A band is a button: the functions in it, of the newest release of each way to call.
  function newest(words, index) {
    const found = [...shown.groups].map(([backend, last]) => {
      const names = shown.rows.filter(([, row]) => row[last] !== null && shown.band(row[last]) === index).map(([op]) => op);
      return `${site.backends[backend] ?? backend} ${shown.columns[last][1].replace(/^.*-/, "")}: ${names.join(", ") || "none"}`;
    });
    status.textContent = `${words[0].toUpperCase()}${words.slice(1)}. ${found.join(". ")}.`;
  }

  function tell(cell) { if (cell) status.textContent = cell.getAttribute("aria-label"); }

  function follow(cell) {
    if (cell) location.href = `op-${cell.dataset.op}.html#dtype=${cell.dataset.dtype}&level=${form.elements.heat_level.value}`;
  }

  // One cell can be reached with Tab, the others from there with arrows, as in a spreadsheet.
  function move(event) {
    const at = event.target.closest("td[data-op]");
    if (!at) return;
    if (event.key === "Enter") { follow(at); return; }
    const [down, right] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key] ?? [0, 0];
    if (!down && !right) return;
    event.preventDefault();
    let [row, column] = [at.parentElement, at.cellIndex];
    let next = null;
    do {
      row = down > 0 ? row.nextElementSibling : down < 0 ? row.previousElementSibling : row;
      column += right;
      next = row?.cells[column];
    } while (next && !next.dataset.op && next.cellIndex > 0);
    if (!next?.dataset.op) return;
    at.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
})();
