// The lines of a sales document: added, copied, moved and taken away here, as the server would do it without scripts;
// filled by their service type. What the document comes to is asked for by the form itself ("lines" is its event).
(() => {
  const list = (element) => element.closest("form")?.querySelector("[data-lines]");
  const rows = (lines) => [...lines.querySelectorAll(":scope > [data-line]")];
  const field = (row, name) => row.querySelector(`[data-line-field="${name}"]`);
  const told = (lines) => lines.closest("form").dispatchEvent(new Event("lines", { bubbles: true }));
  const focus = (element) => (element?.ttInput || element)?.focus();

  const fresh = (lines) => {
    const keys = rows(lines).map((row) => Number(row.dataset.line));
    const key = String(Math.max(Number(lines.dataset.next || 0), ...keys.map((one) => one + 1), 0));
    lines.dataset.next = String(Number(key) + 1);
    const made = document.createElement("template");
    made.innerHTML = lines.parentElement
      .querySelector("[data-line-template]")
      .innerHTML.replaceAll("lines-KEY-", `lines-${key}-`)
      .replaceAll('"KEY"', `"${key}"`)
      .replaceAll(":KEY", `:${key}`);
    return made.content.firstElementChild;
  };
  const put = (lines, row, after) => {
    if (after) after.after(row);
    else lines.append(row);
    tt.scan(row);
    window.htmx?.process(row);
    return row;
  };
  const add = (lines, after = null) => {
    const row = put(lines, fresh(lines), after);
    focus(field(row, "service_type_id") || field(row, "description"));
    told(lines);
    return row;
  };
  const copy = (lines, from) => {
    const row = fresh(lines);
    for (const own of row.querySelectorAll("[data-line-field]")) {
      const other = field(from, own.dataset.lineField);
      if (!other || own.dataset.lineField === "id") continue;
      if (own.matches("select") && ![...own.options].some((option) => option.value === other.value))
        own.add(other.selectedOptions[0].cloneNode(true));
      own.value = other.value;
    }
    put(lines, row, from);
    focus(field(row, "description"));
    told(lines);
    tt.announce("Line copied");
  };
  const remove = (lines, row) => {
    const at = rows(lines).indexOf(row);
    row.remove();
    if (!rows(lines).length) add(lines);
    else focus(field(rows(lines)[Math.min(at, rows(lines).length - 1)], "description"));
    told(lines);
    tt.announce("Line removed");
  };
  const move = (lines, row, by) => {
    const all = rows(lines),
      to = all.indexOf(row) + by;
    if (to < 0 || to >= all.length) return;
    const had = document.activeElement;
    if (by < 0) all[to].before(row);
    else all[to].after(row);
    if (row.contains(had)) had.focus();
    tt.announce(`Line moved to place ${to + 1} of ${all.length}`);
    told(lines);
  };

  tt.on("click", "[data-line-do]", (event, button) => {
    const lines = list(button);
    if (!lines) return;
    event.preventDefault();
    const row = button.closest("[data-line]");
    if (button.dataset.lineDo === "add") add(lines);
    else if (button.dataset.lineDo === "copy") copy(lines, row);
    else if (button.dataset.lineDo === "remove") remove(lines, row);
    else {
      move(lines, row, button.dataset.lineDo === "up" ? -1 : 1);
      row.querySelector("[data-line-handle]").focus();
    }
  });

  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("[data-line]");
    if (!row || event.isComposing) return;
    const lines = list(row);
    const arrow = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (arrow && (event.altKey || event.target.matches("[data-line-handle]"))) {
      event.preventDefault();
      event.stopPropagation();
      move(lines, row, arrow);
      return;
    }
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    if (!event.target.matches("input, textarea")) return;
    // Down the column; from the last line into a new one.
    event.preventDefault();
    const all = rows(lines),
      next = all[all.indexOf(row) + 1];
    const name = event.target.dataset.lineField;
    if (!next) add(lines);
    else focus((name && field(next, name)) || field(next, "description"));
  });

  // Drag by the handle.
  let dragged = null;
  const over = (row) => {
    for (const other of document.querySelectorAll(".tt-line.is-over")) other.classList.remove("is-over");
    row?.classList.add("is-over");
  };
  document.addEventListener("dragstart", (event) => {
    const handle = event.target.closest?.("[data-line-handle]");
    if (!handle) return;
    dragged = handle.closest("[data-line]");
    dragged.classList.add("is-dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    event.dataTransfer.setDragImage(dragged, 12, 12);
  });
  document.addEventListener("dragover", (event) => {
    const row = dragged && event.target.closest?.("[data-line]");
    if (!row || list(row) !== list(dragged)) return;
    event.preventDefault();
    over(row === dragged ? null : row);
  });
  document.addEventListener("drop", (event) => {
    const row = dragged && event.target.closest?.("[data-line]");
    if (!row || row === dragged) return;
    event.preventDefault();
    const lines = list(row),
      all = rows(lines);
    if (all.indexOf(dragged) < all.indexOf(row)) row.after(dragged);
    else row.before(dragged);
    told(lines);
  });
  document.addEventListener("dragend", () => {
    dragged?.classList.remove("is-dragged");
    dragged = null;
    over(null);
  });

  // A service type fills what nobody has typed over.
  const fill = async (row) => {
    const lines = list(row),
      form = row.closest("form"),
      service = field(row, "service_type_id");
    if (!service?.value) return;
    const asked = new URLSearchParams({
      service_type_id: service.value,
      customer_id: form.elements.customer_id?.value || "",
      company_id: form.elements.company_id?.value || "",
      currency: form.elements.currency?.value || "",
      day: form.elements[lines.dataset.dayField]?.value || "",
    });
    const answer = await fetch(`${lines.dataset.fill}?${asked}`, { headers: { Accept: "application/json" } }).catch(
      () => null,
    );
    if (!answer?.ok) return;
    for (const [name, value] of Object.entries(await answer.json())) {
      const input = field(row, name);
      if (!input || (input.value && input.value !== (input.dataset.filled ?? ""))) continue;
      if (input.matches("select") && ![...input.options].some((option) => option.value === value)) continue;
      input.value = value;
      input.dataset.filled = value;
    }
    told(lines);
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches('[data-line-field="service_type_id"]')) fill(event.target.closest("[data-line]"));
    if (event.target.matches('[name="customer_id"], [name="currency"], [name="company_id"]')) {
      const lines = list(event.target);
      if (lines) for (const row of rows(lines)) if (field(row, "unit_price").dataset.filled) fill(row);
    }
  });
})();
