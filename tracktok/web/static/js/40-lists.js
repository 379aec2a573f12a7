// Lists: selecting rows, the bulk bar, opening and previewing rows, moving by J and K.
(() => {
  const boxes = (table) => [...table.querySelectorAll('tbody input[name="ids"]')];
  const bar = (table) => document.getElementById(table.dataset.selectable);
  let last = null;

  const show = (table) => {
    const all = boxes(table),
      chosen = all.filter((box) => box.checked),
      form = bar(table);
    const head = table.querySelector("[data-select-all]");
    if (head) {
      head.checked = all.length > 0 && chosen.length === all.length;
      head.indeterminate = chosen.length > 0 && !head.checked;
    }
    if (!form) return;
    form.classList.toggle("is-on", chosen.length > 0);
    const everything = form.querySelector(".tt-bulk-all");
    if (everything) {
      everything.hidden = !head?.checked;
      if (everything.hidden) everything.querySelector("input").checked = false;
    }
    form.querySelector(".tt-bulk-count").textContent = chosen.length
      ? `${tt.plural(chosen.length, form.dataset.noun, form.dataset.nouns)} selected`
      : "";
  };
  tt.enhance("table[data-selectable]", show);
  document.addEventListener("change", (event) => {
    const table = event.target.closest("table[data-selectable]");
    if (!table) return;
    if (event.target.matches("[data-select-all]"))
      boxes(table).forEach((box) => {
        box.checked = event.target.checked;
      });
    show(table);
  });
  document.addEventListener("click", (event) => {
    const box = event.target.closest('tbody input[name="ids"]');
    if (!box) return;
    const all = boxes(box.closest("table"));
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((one) => {
        one.checked = box.checked;
      });
    }
    last = box;
  });
  tt.on("click", "[data-select-none]", (event, button) => {
    const table = document.querySelector(`table[data-selectable="${button.form?.id || button.closest("form").id}"]`);
    boxes(table).forEach((box) => {
      box.checked = false;
    });
    show(table);
  });
  document.addEventListener("htmx:afterSettle", () =>
    document.querySelectorAll("table[data-selectable]").forEach(show),
  );

  // The search has been sent while it was typed: leaving it must not send it again, over what was clicked.
  document.addEventListener(
    "change",
    (event) => {
      if (event.target.matches("[data-list-search]")) event.stopPropagation();
    },
    true,
  );
  // The address is the truth: when a chip or a column's head has changed it, the filter's fields follow.
  document.addEventListener("htmx:pushedIntoHistory", () => {
    const asked = new URLSearchParams(location.search);
    for (const field of document.querySelectorAll("[data-filter-form] [name]")) {
      if (field === document.activeElement || field.ttInput === document.activeElement) continue;
      const values = asked.getAll(field.name);
      if (field.multiple)
        [...field.options].forEach((option) => {
          option.selected = values.includes(option.value);
        });
      else if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else field.value = values[0] ?? (field.type === "hidden" ? field.defaultValue : "");
      field.ttRefresh?.();
    }
  });
  document.addEventListener("htmx:afterSettle", () => {
    const form = document.querySelector("[data-filter-form]"),
      count = form?.querySelector(".tt-filter-count");
    if (!count) return;
    const set = document.querySelectorAll(".tt-chips .tt-chip").length;
    count.hidden = !set;
    count.firstChild.textContent = set;
  });

  // Rows
  tt.on("click", "tr[data-href]", (event, row) => {
    if (event.target.closest("a, button, input, label, select, details, summary") || String(getSelection())) return;
    if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
    else location.assign(row.dataset.href);
  });
  const rows = () =>
    [...document.querySelectorAll("table[data-rows] tbody tr[data-href]")].filter((row) => row.offsetParent);
  tt.currentRow = () => document.querySelector("tr.is-current");
  const setCurrent = (row) => {
    document.querySelectorAll("tr.is-current").forEach((other) => other.classList.remove("is-current"));
    if (!row) return;
    row.classList.add("is-current");
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    if (!peek()?.hidden) openPeek(row);
  };
  tt.moveRow = (step) => {
    const all = rows();
    if (!all.length) return false;
    const at = all.indexOf(tt.currentRow());
    setCurrent(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))]);
    return true;
  };

  // Preview
  const peek = () => document.getElementById("peek");
  const openPeek = (row) => {
    if (!row?.dataset.peek || !peek()) return;
    peek().hidden = false;
    document.getElementById("peek-open").href = row.dataset.href;
    htmx.ajax("GET", row.dataset.peek, { target: "#peek-body", swap: "innerHTML", source: "#peek" });
  };
  tt.closePeek = () => {
    if (!peek() || peek().hidden) return false;
    peek().hidden = true;
    tt.currentRow()?.focus({ preventScroll: true });
    return true;
  };
  tt.togglePeek = () => {
    const row = tt.currentRow();
    if (!row) return false;
    if (peek().hidden) openPeek(row);
    else tt.closePeek();
    return true;
  };
  tt.on("click", "[data-peek-close]", () => tt.closePeek());
  tt.on("click", "[data-peek-open]", (event, button) => {
    const row = button.closest("tr");
    setCurrent(row);
    openPeek(row);
  });

  // A table wider than its frame can be scrolled by keyboard, and only then is it a stop on the way.
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const wide = target.scrollWidth > target.clientWidth + 1;
      if (wide === target.hasAttribute("tabindex")) continue;
      const caption = target.querySelector("caption")?.textContent.trim() || "Table";
      const attributes = { tabindex: "0", role: "region", "aria-label": caption };
      for (const [name, value] of Object.entries(attributes))
        if (wide) target.setAttribute(name, value);
        else target.removeAttribute(name);
    }
  });
  tt.enhance(".tt-table-wrap, .tt-chart-table", (frame) => watch.observe(frame));
})();
