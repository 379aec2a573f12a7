// Keys: single letters work only outside fields; a sequence (G then E) waits a second for its second letter.
(() => {
  let first = "",
    timer = 0;
  const wait = (key) => {
    first = key;
    clearTimeout(timer);
    timer = setTimeout(() => {
      first = "";
    }, 1200);
  };
  const follow = (element) => {
    if (!element) return false;
    if (element.matches("a")) location.assign(element.href);
    else element.click();
    return true;
  };
  const newMenu = (open) => {
    const menu = document.getElementById("new-menu");
    if (!menu) return false;
    menu.open = open;
    if (open) menu.querySelector(".tt-menu-item")?.focus();
    return true;
  };
  const visible = (element) => element && element.offsetParent !== null;

  const single = {
    "?": () => {
      document.getElementById("keys")?.showModal();
      return true;
    },
    "/": () => {
      const search = document.querySelector("[data-list-search]");
      if (search) (search.focus(), search.select());
      else tt.openPalette();
      return true;
    },
    g: () => {
      wait("g");
      return true;
    },
    n: () => {
      wait("n");
      return newMenu(true);
    },
    j: () => tt.moveRow(1),
    k: () => tt.moveRow(-1),
    x: () => {
      const box = tt.currentRow()?.querySelector('input[name="ids"]');
      if (!box) return false;
      box.click();
      return true;
    },
    e: () => {
      const row = tt.currentRow();
      if (row?.dataset.edit) {
        location.assign(row.dataset.edit);
        return true;
      }
      return follow([...document.querySelectorAll('[data-key="e"]')].find(visible));
    },
    " ": () => tt.togglePeek(),
    Enter: () => {
      const row = tt.currentRow();
      if (!row || document.activeElement !== row) return false;
      location.assign(row.dataset.href);
      return true;
    },
  };
  document.addEventListener("keydown", (event) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if ((event.ctrlKey || event.metaKey) && key === "k") {
      event.preventDefault();
      tt.openPalette();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && key === "Enter") {
      const form =
        event.target.closest?.("form[data-form]") ||
        document.querySelector("dialog[open] form[data-form], main form[data-form]");
      const save = form?.querySelector("[data-save], [type=submit]");
      if (save && !save.disabled) {
        event.preventDefault();
        form.requestSubmit(save);
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (key === "Escape") {
      if (tt.typing(event.target) && !tt.dialogOpen()) event.target.blur();
      else if (!tt.dialogOpen()) tt.closePeek();
      return;
    }
    if (tt.typing(event.target) || tt.dialogOpen()) return;
    // The browser's own keys on what has the focus come first.
    if ((key === " " || key === "Enter") && event.target.closest("a, button, summary, input, label")) return;
    if (first) {
      const letter = CSS.escape(key);
      const target = document.querySelector(first === "g" ? `[data-go="${letter}"]` : `[data-new="${letter}"]`);
      first = "";
      if (target) {
        event.preventDefault();
        newMenu(false);
        location.assign(target.href);
        return;
      }
    }
    if (single[key]?.()) event.preventDefault();
  });
  tt.on("click", "[data-keys-open]", () => document.getElementById("keys")?.showModal());
  tt.on("click", "tr[data-href]", (event, row) => {
    document.querySelectorAll("tr.is-current").forEach((other) => other.classList.remove("is-current"));
    row.classList.add("is-current");
  });
})();
