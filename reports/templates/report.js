
const tables = new Map();

// Opens the table of runs at those of a protocol, and of a sweep point if it has any there.
function showRuns(protocol, point) {
  const runs = tables.get("runs");
  const [points, protocols] = [runs.column("sweep point"), runs.column("protocol")];
  const same = (row) => row.texts[protocols] === protocol && row.texts[points] === point;
  const only = [[protocols, protocol]];
  if (point && runs.rows.some(same)) {
    only.unshift([points, point]);
  }
  runs.narrow(only);
  const details = document.getElementById("all-runs");
  details.open = true;
  details.scrollIntoView();
  details.querySelector("summary").focus({ preventScroll: true });
}

// The last cell of a compared row, how many runs were correct, leads to them.
function linkToRuns(row) {
  const cell = row.tr.lastElementChild;
  if (row.series === null || !cell || row.tr.querySelector("button.runs")) {
    return;
  }
  const text = cell.textContent;
  const link = button(text, () => showRuns(row.series, row.block));
  link.className = "runs";
  link.setAttribute("aria-label", `${text}: show the runs of ${row.series} ${row.block}`.trim());
  cell.replaceChildren(link);
}

for (const table of document.querySelectorAll("table[data-table]")) {
  const decorate = table.dataset.table === "comparison" ? linkToRuns : () => {};
  tables.set(table.dataset.table, new Table(table, decorate));
}
for (const link of document.querySelectorAll("button[data-runs]")) {
  link.hidden = !tables.has("runs");
  link.addEventListener("click", () => showRuns(link.dataset.runs, ""));
}

// One protocol stands out in all plots and tables: the one under the pointer, else the one picked.
const picker = document.querySelector(".picker");
if (picker) {
  const style = document.head.appendChild(make("style"));
  let picked = null;
  const highlight = (series) => {
    const of = series === null ? "" : `[data-series=${CSS.escape(series)}]`;
    style.textContent = series === null ? "" : `
      .figures g[data-series]:not(${of}), .path:not(${of}) { opacity: 0.15; }
      tr${of} > * { background: color-mix(in srgb, var(--link) 14%, var(--paper)); }`;
  };
  const pick = (series) => {
    picked = picked === series ? null : series;
    for (const choice of picker.querySelectorAll("button")) {
      choice.setAttribute("aria-pressed", String(choice.dataset.pick === picked));
    }
    highlight(picked);
  };
  const known = new Set([...picker.querySelectorAll("button")].map((b) => b.dataset.pick));
  const seriesOf = (event) => {
    const group = event.target.closest(".figures g[data-series]");
    return group && known.has(group.dataset.series) ? group.dataset.series : null;
  };
  picker.addEventListener("click", (event) => {
    if ("pick" in event.target.dataset) {
      pick(event.target.dataset.pick);
    }
  });
  const figures = document.querySelector("#plots .figures");
  figures.addEventListener("click", (event) => {
    const series = seriesOf(event);
    if (series !== null) {
      pick(series);
    }
  });
  figures.addEventListener("mouseover", (event) => highlight(seriesOf(event) ?? picked));
  figures.addEventListener("mouseleave", () => highlight(picked));
  picker.hidden = false;
}
document.documentElement.dataset.ready = "yes";
