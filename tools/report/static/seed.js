// How many of the square roots of 0…99 are wrong, by release.
"use strict";

(() => {
  const data = JSON.parse(document.getElementById("seed-data").textContent);
  const names = JSON.parse(document.getElementById("seed-names").textContent);
  const values = data.flatMap((row) => Object.entries(row.wrong).map(([backend, wrong]) => (
    { release: row.release, machine: row.machine, date: row.date, backend: names[backend], wrong,
      ulp: row.max_ulp[backend]?.toFixed(3) ?? "not measured" })));
  const place = document.getElementById("seed-picture");
  if (!values.length) { place.textContent = "Not measured yet."; return; }
  ulpwatch.draw(place, {
    data: { values },
    mark: { type: "point", filled: true, size: 70 },
    encoding: {
      x: { field: "date", type: "temporal", title: null, axis: { format: "%Y", tickCount: "year" } },
      y: { field: "wrong", type: "quantitative", title: "wrong roots of 100" },
      ...ulpwatch.scale(Object.values(names), values),
      tooltip: [{ field: "release" }, { field: "machine" }, { field: "backend" }, { field: "date", type: "temporal" },
        { field: "wrong", title: "wrong of 100" }, { field: "ulp", title: "largest error, ULP" }],
    },
  });
})();
