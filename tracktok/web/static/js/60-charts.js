// Charts: the library is fetched only where there is one. Colours come from the theme; the exact figures from the page.
(() => {
  const WIDE = 420; // px from which lines are named at their ends
  let library = null;
  const charts = new Map();
  const load = () =>
    (library ||= new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: document.body.dataset.chartSrc });
      script.addEventListener("load", resolve);
      script.addEventListener("error", reject);
      document.head.append(script);
    }));
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const faded = (colour, share) => `color-mix(in srgb, ${colour} ${share}%, transparent)`;
  const short = (value) =>
    new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 }).format(
      value,
    );

  // The name of a line at its end, where there are two or more lines and room.
  const endLabels = {
    id: "endLabels",
    afterDatasetsDraw(chart) {
      if (!chart.options.plugins.endLabels?.on) return;
      const { ctx } = chart;
      ctx.save();
      ctx.font = `500 12px ${token("--tt-font")}`;
      ctx.textBaseline = "middle";
      const taken = [];
      chart.data.datasets.forEach((set, at) => {
        const points = chart.getDatasetMeta(at).data.filter((_, index) => set.data[index] !== null);
        const last = points.at(-1);
        if (!last) return;
        // Where another line goes on to the right, the name stands above the end of this one.
        const end = set.data.findLastIndex((value) => value !== null);
        const crossed = chart.data.datasets.some((other) => other !== set && !other.across && other.data[end + 1] != null);
        let y = crossed ? last.y - 14 : last.y;
        while (taken.some((other) => Math.abs(other.x - last.x) < 60 && Math.abs(other.y - y) < 14)) y -= 14;
        taken.push({ x: last.x, y });
        ctx.fillStyle = set.borderColor;
        ctx.textAlign = crossed ? "end" : "start";
        ctx.fillText(set.label, crossed ? last.x : last.x + 8, y);
      });
      ctx.restore();
    },
  };
  const barLabels = {
    id: "barLabels",
    afterDatasetsDraw(chart) {
      if (!chart.options.plugins.barLabels?.on) return;
      const { ctx } = chart;
      ctx.save();
      ctx.font = `500 12px ${token("--tt-font")}`;
      ctx.fillStyle = token("--tt-text-2");
      ctx.textBaseline = "middle";
      chart
        .getDatasetMeta(0)
        .data.forEach((bar, at) => ctx.fillText(chart.options.plugins.barLabels.texts[at], bar.x + 8, bar.y));
      ctx.restore();
    },
  };

  const configuration = (told, box) => {
    const colours = [1, 2, 3, 4, 5, 6].map((at) => token(`--tt-chart-${at}`));
    const line = token("--tt-line"),
      text = token("--tt-text-2"),
      surface = token("--tt-surface");
    const kind = { stacked: "bar", area: "line", horizontal: "bar" }[told.kind] || told.kind;
    const round = kind === "doughnut",
      across = told.kind === "horizontal",
      wide = box.clientWidth > WIDE;
    const ends = kind === "line" && told.series.length > 1 && wide;
    const datasets = told.series.map((one, at) => {
      const colour = colours[at];
      const shared = {
        label: one.name,
        data: one.values.map((value) => (value === null ? null : Number(value))),
        texts: one.texts,
      };
      if (round)
        return {
          ...shared,
          backgroundColor: told.labels.map((_, index) => colours[index % 6]),
          borderColor: surface,
          borderWidth: 2,
        };
      if (kind === "line")
        return {
          ...shared,
          borderColor: colour,
          backgroundColor: told.kind === "area" ? faded(colour, 12) : colour,
          fill: told.kind === "area" && !one.dashed ? "origin" : false,
          borderWidth: 2,
          borderDash: one.dashed ? [5, 4] : [],
          pointRadius: 0,
          pointHoverRadius: 4,
          pointHitRadius: 12,
          tension: 0.25,
          cubicInterpolationMode: "monotone",
          spanGaps: true,
        };
      return {
        ...shared,
        backgroundColor: one.dashed ? faded(colour, 35) : colour,
        borderRadius: told.kind === "stacked" ? 0 : 3,
        borderSkipped: "start",
        maxBarThickness: across ? 18 : 36,
        categoryPercentage: 0.72,
        barPercentage: 0.9,
      };
    });
    if (told.threshold)
      datasets.push({
        type: "line",
        label: "Limit",
        across: true,
        data: told.labels.map(() => Number(told.threshold.value)),
        texts: told.labels.map(() => told.threshold.text),
        borderColor: token("--tt-red-fill"),
        borderWidth: 1.5,
        borderDash: [4, 4],
        pointRadius: 0,
        fill: false,
      });
    const ticks = { color: text, font: { size: 12 } };
    const category = {
      grid: { display: false },
      border: { color: line },
      ticks: { ...ticks, maxRotation: 0, autoSkipPadding: 12 },
      stacked: told.kind === "stacked",
    };
    const value = {
      beginAtZero: true,
      grid: { color: line, drawTicks: false },
      border: { display: false },
      ticks: { ...ticks, padding: 8, maxTicksLimit: 6, callback: (number) => short(number) },
      stacked: told.kind === "stacked",
    };
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    return {
      type: kind,
      data: { labels: told.labels, datasets },
      options: {
        responsive: true,
        maintainAspectRatio: false,
        animation: calm ? false : { duration: 180 },
        indexAxis: across ? "y" : "x",
        font: { family: token("--tt-font") },
        cutout: round ? "68%" : undefined,
        layout: {
          padding: ends
            ? { right: 16 + 7 * Math.max(...told.series.map((one) => one.name.length)) }
            : across
              ? { right: 84 }
              : 0,
        },
        interaction: { mode: round ? "nearest" : "index", intersect: round, axis: across ? "y" : "x" },
        scales: round ? {} : across ? { x: { ...value, display: false }, y: category } : { x: category, y: value },
        onClick: (event, hits) => {
          const href = hits.length && told.hrefs[hits[0].index];
          if (href) location.assign(href);
        },
        onHover: (event, hits) => {
          event.native.target.style.cursor = hits.length && told.hrefs[hits[0].index] ? "pointer" : "";
        },
        plugins: {
          legend: { display: false },
          endLabels: { on: ends },
          barLabels: { on: across, texts: told.series[0]?.texts },
          tooltip: {
            backgroundColor: token("--tt-text"),
            titleColor: token("--tt-canvas"),
            bodyColor: token("--tt-canvas"),
            padding: 10,
            cornerRadius: 6,
            boxWidth: 8,
            boxHeight: 8,
            boxPadding: 4,
            callbacks: {
              label: (item) => ` ${round ? item.label : item.dataset.label}: ${item.dataset.texts[item.dataIndex]}`,
            },
          },
        },
      },
      plugins: [endLabels, barLabels],
    };
  };
  const legend = (figure, told) => {
    figure.querySelector(".tt-chart-legend")?.remove();
    const round = told.kind === "doughnut",
      wide = figure.clientWidth > WIDE;
    const direct = ["line", "area"].includes(told.kind) && wide;
    if ((!round && told.series.length < 2) || direct) return;
    const names = round
      ? told.labels.map((label, at) => `${label} ${told.series[0].texts[at]}`)
      : told.series.map((one) => one.name);
    const list = Object.assign(document.createElement("ul"), { className: "tt-chart-legend" });
    list.append(
      ...names.map((name, at) => {
        const item = document.createElement("li");
        item.append(
          Object.assign(document.createElement("span"), { className: `tt-swatch tt-swatch-${(at % 6) + 1}` }),
          name,
        );
        return item;
      }),
    );
    figure.querySelector(".tt-chart-frame").after(list);
  };
  const draw = async (figure) => {
    const told = JSON.parse(figure.dataset.chart);
    try {
      await load();
    } catch {
      return table(figure, true);
    }
    if (!figure.isConnected) return;
    charts.get(figure)?.destroy();
    Chart.defaults.font.family = token("--tt-font");
    charts.set(figure, new Chart(figure.querySelector("canvas"), configuration(told, figure)));
    legend(figure, told);
    figure.dataset.drawn = "true";
    figure.dataset.wide = String(figure.clientWidth > WIDE);
    widths.observe(figure);
  };
  const widths = new ResizeObserver((entries) => {
    for (const { target } of entries)
      if (target.clientWidth && target.dataset.wide !== String(target.clientWidth > WIDE)) draw(target);
  });
  const table = (figure, on) => {
    figure.classList.toggle("is-table", on);
    figure.querySelector("[data-chart-table]").setAttribute("aria-pressed", String(on));
    const list = figure.querySelector(".tt-chart-legend");
    if (list) list.hidden = on;
  };
  tt.on("click", "[data-chart-table]", (event, button) => {
    const figure = button.closest("[data-chart]");
    table(figure, !figure.classList.contains("is-table"));
  });
  tt.enhance("[data-chart]", draw);
  document.addEventListener("tt:theme", () =>
    charts.forEach((chart, figure) => {
      if (figure.isConnected) draw(figure);
    }),
  );
  document.addEventListener("htmx:beforeCleanupElement", (event) => {
    for (const [figure, chart] of charts)
      if (event.target.contains?.(figure)) {
        chart.destroy();
        charts.delete(figure);
        widths.unobserve(figure);
      }
  });
})();
