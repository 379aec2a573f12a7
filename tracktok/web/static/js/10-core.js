// Helpers, theme switches, menus, drawer, dialogs. All listeners are delegated, so swapped-in parts need no set-up;
// what must be prepared (`tt.enhance`) is called for the page and for each fragment.
"use strict";
window.tt = (() => {
  const enhancers = [];
  const cookie = (name, value) => {
    document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`;
  };
  return {
    cookie,
    // Run `prepare(element)` once for each element that matches, now and after each swap.
    enhance(selector, prepare) {
      enhancers.push([selector, prepare]);
    },
    scan(root) {
      for (const [selector, prepare] of enhancers) {
        const found = [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)];
        for (const element of found) {
          const done = (element.ttDone ??= new Set());
          if (!done.has(prepare)) {
            done.add(prepare);
            prepare(element);
          }
        }
      }
    },
    csrf: () => document.querySelector('meta[name="csrf-token"]')?.content || "",
    // An icon that the page carries for us: "x" or "chevron".
    icon: (name) => document.getElementById("icons").content.querySelector(`[data-icon="${name}"] svg`).cloneNode(true),
    announce(text) {
      const at = document.getElementById("announcer");
      at.textContent = "";
      setTimeout(() => {
        at.textContent = text;
      }, 50);
    },
    plural: (count, one, many) => `${count.toLocaleString(document.documentElement.lang)} ${count === 1 ? one : many}`,
    typing(target) {
      return target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
    },
    dialogOpen: () => document.querySelector("dialog[open]"),
    on(type, selector, run) {
      document.addEventListener(type, (event) => {
        const element = event.target.closest?.(selector);
        if (element) run(event, element);
      });
    },
  };
})();

(() => {
  const root = document.documentElement;

  // Theme
  const showTheme = () => {
    const dark = root.dataset.bsTheme === "dark";
    document
      .querySelectorAll("[data-theme-toggle]")
      .forEach((button) => button.setAttribute("aria-pressed", String(dark)));
    document.querySelectorAll("[data-theme-choice]").forEach((input) => {
      input.checked = input.value === window.ttTheme.choice;
    });
  };
  document.addEventListener("tt:theme", showTheme);
  tt.on("click", "[data-theme-toggle]", () => window.ttTheme.set(root.dataset.bsTheme === "dark" ? "light" : "dark"));
  tt.on("change", "[data-theme-choice]", (event, input) => window.ttTheme.set(input.value));

  // Side bar: narrow or wide on a desktop, a drawer on a phone
  const narrow = () => root.dataset.sidebar === "narrow";
  const showSidebar = () =>
    document.querySelectorAll("[data-sidebar-toggle]").forEach((button) => {
      button.setAttribute("aria-expanded", String(!narrow()));
      button.title = narrow() ? "Expand the menu" : "Collapse the menu";
      button.setAttribute("aria-label", button.title);
    });
  tt.on("click", "[data-print]", () => window.print());
  tt.on("click", "[data-sidebar-toggle]", () => {
    root.dataset.sidebar = narrow() ? "wide" : "narrow";
    tt.cookie("tt_sidebar", root.dataset.sidebar);
    showSidebar();
    window.dispatchEvent(new Event("resize"));
  });
  const drawer = (open) => {
    const bar = document.getElementById("sidebar");
    if (!bar || bar.classList.contains("is-open") === open) return;
    bar.classList.toggle("is-open", open);
    document.getElementById("page").inert = open;
    const next = open ? bar.querySelector("[data-drawer-close]") : document.querySelector("[data-drawer-open]");
    // The bar becomes visible with a transition: it can take the focus only in the next frame.
    requestAnimationFrame(() => next?.focus());
  };
  tt.on("click", "[data-drawer-open]", (event) => {
    event.preventDefault();
    drawer(true);
  });
  tt.on("click", "[data-drawer-close]", (event) => {
    event.preventDefault();
    drawer(false);
  });
  matchMedia("(min-width: 992px)").addEventListener("change", () => drawer(false));

  // On a phone, rows of tabs scroll: begin where we are.
  tt.enhance(".tt-tabs, .tt-settings-nav, .tt-range-presets", (row) => {
    const now = row.querySelector("[aria-current]");
    if (now && row.scrollWidth > row.clientWidth) row.scrollLeft = now.offsetLeft - row.offsetLeft - 24;
  });

  // Menus are <details>: they open without scripts; here they close, and move by arrow keys
  const close = (menu, focus) => {
    menu.open = false;
    if (focus) menu.querySelector("summary").focus();
  };
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      const inside = menu.contains(event.target);
      const chosen =
        inside && event.target.closest(".tt-menu-item, [data-menu-done]") && !event.target.closest("label");
      if (!inside || chosen) close(menu, false);
    });
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details[data-menu]");
    if (event.key === "Escape") {
      const open = menu?.open ? menu : document.querySelector("details[data-menu][open]");
      if (open) {
        close(open, true);
        event.stopPropagation();
        event.preventDefault();
      } else drawer(false);
      return;
    }
    if (!menu || menu.hasAttribute("data-menu-keep") || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key))
      return;
    if (event.target.matches("input")) return;
    event.preventDefault();
    menu.open = true;
    const items = [...menu.querySelectorAll(".tt-menu-item")];
    const at = items.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 }[
      event.key
    ];
    items[(next + items.length) % items.length]?.focus();
  });
  document.addEventListener("focusin", (event) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) close(menu, false);
    });
  });

  // Dialogs
  tt.on("click", "[data-dialog-open]", (event, button) =>
    document.getElementById(button.dataset.dialogOpen)?.showModal(),
  );
  tt.on("click", "[data-dialog-close]", (event, button) => button.closest("dialog").close());
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof HTMLDialogElement) || event.target.id === "confirm") return;
    const box = event.target.getBoundingClientRect();
    const outside =
      event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
    if (outside) event.target.close();
  });

  // Asking first: resolves to true for yes
  tt.confirm = (title, detail = "", verb = "Go on", danger = false) =>
    new Promise((resolve) => {
      const dialog = document.getElementById("confirm");
      dialog.querySelector("#confirm-title").textContent = title;
      dialog.querySelector("#confirm-detail").textContent = detail;
      dialog.querySelector("#confirm-detail").hidden = !detail;
      const yes = dialog.querySelector("#confirm-yes");
      yes.firstElementChild.textContent = verb;
      yes.className = `btn ${danger ? "btn-danger" : "btn-primary"}`;
      dialog.returnValue = "no";
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
      dialog.showModal();
      (danger ? dialog.querySelector('[value="no"]') : yes).focus();
    });
  const ask = (element) =>
    tt.confirm(
      element.dataset.confirm,
      element.dataset.confirmDetail,
      element.dataset.confirmVerb,
      "confirmDanger" in element.dataset,
    );
  // In the capture phase, so that neither the browser nor htmx has sent anything yet.
  document.addEventListener(
    "submit",
    (event) => {
      const asker = event.submitter?.dataset.confirm ? event.submitter : event.target;
      if (!asker.dataset?.confirm || asker.ttConfirmed) {
        asker.ttConfirmed = false;
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      const { target, submitter } = event;
      ask(asker).then((yes) => {
        if (yes) {
          asker.ttConfirmed = true;
          target.requestSubmit(submitter);
        }
      });
    },
    true,
  );
  document.addEventListener("htmx:confirm", (event) => {
    const element = event.detail.elt;
    if (!element.dataset.confirm || element.matches("form")) return;
    event.preventDefault();
    ask(element).then((yes) => {
      if (yes) event.detail.issueRequest(true);
    });
  });

  document.addEventListener("DOMContentLoaded", () => {
    showTheme();
    showSidebar();
    tt.scan(document.body);
  });
})();
