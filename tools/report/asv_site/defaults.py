"""What asv's pages open on: of each benchmark one function, dtype, size and machine with numbers.

Left alone, asv's graphs open on the first values of the parameters (abs, float16, of every machine
and backend at once), and the grid draws the mean over all, of numbers from 0 to 10^51.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from asv.graph import Graph

from benchmarks.libraries import LIBRARIES, TITLES

# The first that there is; any other comes after these.
_PREFERRED = {
    "backend": tuple(TITLES),
    "op": ("exp", "sqrt", "sum"),
    "dtype": ("float32",),
    "region": ("normal",),
    "data": ("well-conditioned",),
    "size": ("1000", "100"),
    "device": ("cpu",),
}
SCRIPT = "asv-defaults.js"
NOTE = (
    "A picture is of one function: exp in float32 of "
    f"{LIBRARIES[0].title}, or what comes next to it with numbers."
)
_HEAD, _GRID = (
    "</head>",
    '<div id="summarygrid-display" style="position: absolute; left: 0; top: 55px;',
)
_JS = """\
// Before asv looks at the address: a benchmark without parameters gets those that have numbers.
(() => {
  const defaults = %s;
  function complete() {
    const name = decodeURIComponent(location.hash.replace(/^#\\/?/, ""));
    if (Object.hasOwn(defaults, name)) history.replaceState(null, "", `#${name}?${defaults[name]}`);
  }
  addEventListener("hashchange", complete);
  complete();
})();
"""


@dataclass(frozen=True)
class Default:
    """One series of a benchmark: asv's choice of machine and branch, and a value per parameter."""

    state: dict[str, str]
    params: dict[str, str]
    points: list[list]
    """Revisions and numbers."""

    @property
    def query(self) -> str:
        """As asv writes it behind the name of the benchmark."""
        chosen = {name: self.state[name] for name in ("machine", "branch") if name in self.state}
        return urlencode(chosen | {f"p-{name}": value for name, value in self.params.items()})


def write(html: Path) -> None:
    """The script with the defaults, the pictures of asv's grid, and a file for each graph that
    asv's page may ask for."""
    index = json.loads((html / "index.json").read_text(encoding="utf-8"))
    states, found = index["graph_param_list"], {}
    for name, benchmark in index["benchmarks"].items():
        graphs = [(state, _graph(html, state, name)) for state in states]
        default = _default(benchmark, graphs)
        if default is None:
            continue
        found[name] = default.query
        summary = html / f"{Graph.get_file_path({'summary': ''}, name)}.json"
        summary.write_text(json.dumps(default.points), encoding="utf-8")
    text = json.dumps(found, separators=(",", ":")).replace("</", "<\\/")
    (html / SCRIPT).write_text(_JS % text, encoding="utf-8")


def link(page: str) -> str:
    """asv's page with the script, and a line over the grid."""
    style = "<style>#grid-note { position: absolute; left: 15px; top: 60px } "
    style += '#summarygrid-display[style*="display: none"] + #grid-note { display: none }</style>'
    page = page.replace(_HEAD, f'  <script src="{SCRIPT}"></script>\n    {style}\n  {_HEAD}')
    before, grid, after = page.partition(_GRID)
    end = "</div>\n"
    opened, _, rest = after.partition(end)
    lower = grid.replace("top: 55px", "top: 90px")
    return f'{before}{lower}{opened}{end}    <p id="grid-note">{NOTE}</p>\n{rest}'


def _graph(html: Path, state: dict, name: str) -> list:
    """The graph of a benchmark; where asv wrote none it gets one without points, for who asks."""
    file = html / f"{Graph.get_file_path(state, name)}.json"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("[]")
    return json.loads(file.read_text(encoding="utf-8"))


def _default(benchmark: dict, graphs: list[tuple[dict, list]]) -> Default | None:
    """The series nearest to what is preferred, of the machine with most of its points."""
    names = benchmark["param_names"]
    every = list(enumerate(itertools.product(*benchmark["params"])))
    every.sort(key=lambda one: [_rank(*pair) for pair in zip(names, one[1], strict=True)])
    for place, values in every:
        series = [(state, _points(graph, place if names else None)) for state, graph in graphs]
        state, points = max(series, key=lambda one: len(one[1]), default=({}, []))
        if points:
            return Default(state, dict(zip(names, values, strict=True)), points)
    return None


def _rank(name: str, value: str) -> int:
    preferred = _PREFERRED.get(name, ())
    plain = value.strip("'")
    return preferred.index(plain) if plain in preferred else len(preferred)


def _points(graph: list, place: int | None) -> list[list]:
    numbers = (
        (revision, value[place] if place is not None and isinstance(value, list) else value)
        for revision, value in graph
    )
    return [[revision, number] for revision, number in numbers if number is not None]
