// Draws the tables that are marked `data-chart` with Chart.js, and puts each behind a button.
// Colours are those of the style sheet, so that light and dark follow the page.
"use strict";
(() => {
  const drawn = [];
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const percent = (value) => `${Math.round(100 * value)} %`;
  const seconds = (value) => value < 60 ? `${Number(value.toPrecision(2))} s` : value < 3600 ? `${(value / 60).toFixed(1)} min` : `${(value / 3600).toFixed(1)} h`;
  const numbers = (row, ...names) => names.map((name) => name in row.dataset ? Number(row.dataset[name]) : null);
  const rowsOf = (table) => [...table.tBodies[0].rows];

  const axis = (ticks, more = {}) => ({
    border: { display: false },
    grid: { color: colour("line") },
    ticks: { color: colour("muted"), maxRotation: 0, autoSkipPadding: 18, ...ticks },
    ...more,
  });
  const share = () => axis({ stepSize: 0.25, callback: percent }, { min: 0, max: 1 });
  const weeks = (more) => axis({}, { grid: { display: false }, ...more });
  const whisker = (data, name) => ({ type: "bar", data, barThickness: 2, grouped: false, backgroundColor: `${colour(name)}77`, order: 2 });
  const curve = (data, name) => ({
    type: "line", data, order: 1, spanGaps: true, borderWidth: 2, borderColor: colour(name),
    pointBackgroundColor: colour(name), pointBorderColor: colour("surface"), pointBorderWidth: 1.5, pointHitRadius: 14, clip: 12,
  });

  const reliability = (tables) => {
    const largest = Math.max(1, ...tables.flatMap(rowsOf).map((row) => Number(row.dataset.n)));
    const diagonal = { type: "line", data: [{ x: 0, y: 0 }, { x: 1, y: 1 }], borderDash: [5, 5], borderWidth: 1, borderColor: colour("strong-line"), pointRadius: 0, pointHitRadius: 0, order: 3 };
    const sets = tables.flatMap((table, at) => {
      const name = ["part-a", "part-b"][at % 2];
      const found = rowsOf(table).map((row) => numbers(row, "x", "y", "low", "high", "n"));
      const said = ([x, y, low, high, n]) => `stated ${x.toFixed(2)}, observed ${percent(y)}, 95 % ${percent(low)} to ${percent(high)}, n = ${n}`;
      const points = found.map((one) => ({ x: one[0], y: one[1], said: said(one) }));
      const whiskers = found.map((one) => ({ x: one[0], y: [one[2], one[3]], said: said(one) }));
      return [
        { ...curve(points, name), pointRadius: found.map((one) => 3 + 6 * Math.sqrt(one[4] / largest)) },
        whisker(whiskers, name),
      ];
    });
    const title = { display: true, text: "stated P(correct)", color: colour("muted") };
    const x = axis({ stepSize: 0.25, callback: String }, { type: "linear", min: 0, max: 1, offset: false, grid: { display: false }, title });
    return { type: "line", data: { datasets: [...sets, diagonal] }, scales: { x, y: share() }, mode: "nearest", said: (item) => item.raw.said };
  };

  const precision = ([table]) => {
    const found = rowsOf(table).map((row) => numbers(row, "y", "low", "high", "n"));
    const sets = [
      { ...curve(found.map((one) => one[0]), "part-a"), pointRadius: 4.5 },
      whisker(found.map(([, low, high]) => low === null ? null : [low, high]), "part-a"),
    ];
    const told = ([y, low, high, n]) => `${percent(y)} confirmed, 95 % ${percent(low)} to ${percent(high)}, n = ${n}`;
    const labels = rowsOf(table).map((row) => row.dataset.name);
    return { type: "bar", data: { labels, datasets: sets }, scales: { x: weeks(), y: share() }, mode: "index", said: (item) => told(found[item.dataIndex]) };
  };

  const stacked = ([table]) => {
    const unit = table.dataset.unit === "s" ? seconds : (value) => value.toLocaleString("en");
    const parts = rowsOf(table).map((row) => row.dataset.parts.split(",").map(Number));
    const heads = [...table.tHead.querySelectorAll("[data-part]")];
    const sets = heads.map((head, at) => ({ label: head.textContent, data: parts.map((one) => one[at]), backgroundColor: colour(`part-${head.dataset.part}`) }));
    const labels = rowsOf(table).map((row) => row.dataset.name);
    const y = axis({ callback: unit, maxTicksLimit: 6, precision: unit === seconds ? undefined : 0 }, { stacked: true, beginAtZero: true });
    return { type: "bar", data: { labels, datasets: sets }, scales: { x: weeks({ stacked: true }), y }, mode: "index", said: (item) => `${item.dataset.label}: ${unit(item.raw)}` };
  };
  const KINDS = { reliability, precision, stacked };

  const draw = (canvas) => {
    const tables = [...document.getElementById(canvas.dataset.of).querySelectorAll("table")];
    const { type, data, scales, mode, said } = KINDS[tables[0].dataset.chart](tables);
    const isNear = mode === "nearest";
    const tooltip = {
      displayColors: type === "bar" && data.datasets.every((one) => one.label),
      filter: (item, at) => item.raw !== null && !Array.isArray(item.raw) && (!isNear || at === 0),
      callbacks: isNear ? { label: said, title: () => "" } : { label: said },
    };
    drawn.push(new Chart(canvas, {
      type,
      data,
      options: { animation: false, maintainAspectRatio: false, scales, interaction: { mode, intersect: isNear }, plugins: { legend: { display: false }, tooltip } },
    }));
  };

  const drawAll = () => {
    drawn.splice(0).forEach((one) => one.destroy());
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    document.querySelectorAll("canvas[data-of]").forEach(draw);
  };

  document.querySelectorAll("button[aria-controls]").forEach((button) => {
    const table = document.getElementById(button.getAttribute("aria-controls"));
    button.addEventListener("click", () => {
      button.setAttribute("aria-expanded", String(!table.toggleAttribute("data-closed")));
    });
  });
  document.addEventListener("theme", drawAll);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  drawAll();
})();
