// Ctrl-K: pages to open, then records that the server finds.
(() => {
  const dialog = () => document.getElementById("palette");
  const input = () => document.getElementById("palette-input");
  const list = () => document.getElementById("palette-list");
  let pages = null,
    shown = [],
    active = 0,
    turn = 0,
    timer = 0;

  const fetchEntries = async (query) => {
    const answer = await fetch(`${document.body.dataset.palette}${query ? `?q=${encodeURIComponent(query)}` : ""}`, {
      headers: { Accept: "application/json" },
    });
    if (answer.status === 401) location.reload();
    return answer.ok ? (await answer.json()).entries : [];
  };
  const score = (entry, words) => {
    const label = entry.label.toLowerCase(),
      all = `${label} ${entry.words || ""}`;
    if (!words.every((word) => all.includes(word))) return -1;
    return label.startsWith(words[0]) ? 2 : label.includes(words[0]) ? 1 : 0;
  };
  const mark = (at) => {
    active = at;
    list()
      .querySelectorAll(".tt-palette-item")
      .forEach((item, other) => {
        item.setAttribute("aria-selected", String(other === at));
        if (other === at) {
          input().setAttribute("aria-activedescendant", item.id);
          item.scrollIntoView({ block: "nearest" });
        }
      });
  };
  const draw = (entries, query) => {
    shown = entries;
    const children = [];
    let group = "";
    entries.forEach((entry, at) => {
      if (entry.group !== group) {
        group = entry.group;
        children.push(
          Object.assign(document.createElement("div"), {
            className: "tt-palette-group",
            textContent: group,
            role: "presentation",
          }),
        );
      }
      const item = Object.assign(document.createElement("a"), {
        className: "tt-palette-item",
        href: entry.href,
        id: `palette-${at}`,
        tabIndex: -1,
      });
      item.setAttribute("role", "option");
      item.innerHTML = entry.icon; // from our own icon set, made by the server
      item.append(Object.assign(document.createElement("span"), { textContent: entry.label }));
      if (entry.note) item.append(Object.assign(document.createElement("small"), { textContent: entry.note }));
      children.push(item);
    });
    if (!entries.length)
      children.push(
        Object.assign(document.createElement("div"), {
          className: "tt-palette-none",
          textContent: query ? `Nothing is called “${query}”.` : "Nothing to show.",
        }),
      );
    list().replaceChildren(...children);
    mark(0);
  };
  const find = async () => {
    const query = input().value.trim(),
      mine = ++turn,
      words = query.toLowerCase().split(/\s+/);
    pages ||= await fetchEntries("");
    const local = query
      ? pages
          .map((entry) => [score(entry, words), entry])
          .filter(([points]) => points >= 0)
          .sort((a, b) => b[0] - a[0])
          .map(([, entry]) => entry)
      : pages;
    // Each group once: the one with the best match first.
    const names = query ? [...new Set(local.map((entry) => entry.group))] : ["Make", "Go to", "How to use TrackTok"];
    const grouped = names.flatMap((name) => local.filter((entry) => entry.group === name));
    if (mine !== turn) return;
    draw(grouped, query);
    if (query.length < 2) return;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const found = await fetchEntries(query);
      if (mine === turn && found.length) draw([...grouped, ...found], query);
    }, 150);
  };
  tt.openPalette = () => {
    if (!dialog() || !document.body.dataset.palette) return;
    if (!dialog().open) dialog().showModal();
    input().value = "";
    input().focus();
    find();
  };
  tt.on("click", "[data-palette-open]", () => tt.openPalette());
  document.addEventListener("input", (event) => {
    if (event.target.id === "palette-input") find();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "palette-input") return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (shown.length) mark((active + (event.key === "ArrowDown" ? 1 : shown.length - 1)) % shown.length);
    }
    if (event.key === "Enter" && shown[active]) {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) window.open(shown[active].href, "_blank", "noopener");
      else location.assign(shown[active].href);
    }
  });
  document.addEventListener("mousemove", (event) => {
    const item = event.target.closest?.(".tt-palette-item");
    if (item && item.getAttribute("aria-selected") !== "true")
      mark([...list().querySelectorAll(".tt-palette-item")].indexOf(item));
  });
})();
