// What every request by htmx has in common: the CSRF token, a progress line, focus and scroll, errors told in words.
(() => {
  const line = () => document.getElementById("loading");
  let under = 0;
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = tt.csrf();
    // Filters that are empty do not belong in the address.
    const element = event.detail.elt.closest("[data-filter-form]");
    if (element && event.detail.verb === "get") {
      for (const [name, value] of [...event.detail.formData.entries()])
        if (value === "") event.detail.formData.delete(name);
    }
  });
  const quiet = (element) => element.closest(".tt-progress, [data-quiet]");
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (quiet(event.detail.elt)) return;
    under += 1;
    line().classList.remove("is-done");
    line().classList.add("is-on");
    const submitter = event.detail.requestConfig?.triggeringEvent?.submitter;
    submitter?.classList.add("is-sending");
    event.detail.elt.ttSubmitter = submitter;
    if (event.detail.target?.classList.contains("tt-swap")) event.detail.target.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (quiet(event.detail.elt)) return;
    under = Math.max(0, under - 1);
    if (!under) {
      line().classList.remove("is-on");
      line().classList.add("is-done");
    }
    event.detail.elt.ttSubmitter?.classList.remove("is-sending");
    event.detail.target?.removeAttribute("aria-busy");
  });
  // Full-page sends: the button shows that it works, and cannot be pressed twice.
  document.addEventListener("submit", (event) => {
    if (
      event.defaultPrevented ||
      event.target.method === "dialog" ||
      event.target.matches("[hx-post], [hx-get], [data-hx-post]")
    )
      return;
    const button = event.submitter;
    if (!button || event.target.method === "get") return;
    setTimeout(() => {
      button.classList.add("is-sending");
      button.disabled = true;
    });
    setTimeout(() => {
      button.classList.remove("is-sending");
      button.disabled = false;
    }, 15000);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  // Focus: what had it keeps it (by id or name); a form that came back with errors gives it to the summary.
  let held = null;
  document.addEventListener("htmx:beforeSwap", () => {
    const at = document.activeElement;
    held = at && at !== document.body ? { id: at.id, name: at.name, start: at.selectionStart ?? null } : null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const summary = event.detail.elt.querySelector?.("[data-error-summary]");
    if (summary) {
      summary.focus();
      summary.scrollIntoView({ block: "nearest" });
      return;
    }
    if (!held || document.activeElement !== document.body) return;
    const again =
      (held.id && document.getElementById(held.id)) ||
      (held.name && event.detail.elt.querySelector?.(`[name="${CSS.escape(held.name)}"]`));
    if (!again) return;
    again.focus({ preventScroll: true });
    if (held.start !== null && again.setSelectionRange) {
      try {
        again.setSelectionRange(held.start, held.start);
      } catch {
        /* this kind of field has no caret */
      }
    }
  });
  document.addEventListener("htmx:load", (event) => tt.scan(event.detail.elt));
  document.addEventListener("htmx:afterSwap", (event) => {
    const list = event.detail.target.querySelector?.("[data-announce]");
    if (list) tt.announce(list.dataset.announce);
    if (event.detail.target.id === "modal-body") {
      const modal = document.getElementById("modal");
      if (event.detail.target.childElementCount) {
        if (!modal.open) modal.showModal();
      } else modal.close();
    }
  });
  document.addEventListener("closeModal", () => document.getElementById("modal")?.close());

  // The summary names the fields in their order on the page.
  tt.enhance("[data-error-summary]", (summary) => {
    const items = [...summary.querySelectorAll("li:has([data-field-link])")];
    const field = (item) => document.getElementById(item.querySelector("a").dataset.fieldLink);
    const follows = (one, other) => one && other && one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_PRECEDING;
    items.sort((one, other) => (follows(field(one), field(other)) ? 1 : -1));
    items.at(0)?.parentElement.append(...items);
  });
  // A page that came back with errors, without htmx, begins at them.
  addEventListener("DOMContentLoaded", () =>
    (document.querySelector("[data-error-summary]") || document.querySelector("[aria-invalid=true]"))?.focus(),
  );

  // The summary's links put the focus into the field, also where a combobox stands in its place.
  tt.on("click", "[data-field-link]", (event, link) => {
    const field = document.getElementById(link.dataset.fieldLink);
    const input = field?.ttInput || (field?.matches("fieldset") ? field.querySelector("input") : field);
    if (!input) return;
    event.preventDefault();
    input.focus();
    (input.closest(".tt-field") || input).scrollIntoView({ block: "center" });
  });

  document.addEventListener("htmx:responseError", (event) => {
    const { status, getResponseHeader } = event.detail.xhr;
    if (event.detail.xhr.getResponseHeader("HX-Trigger")?.includes("toasts")) return; // the server has said it
    const words = {
      403: "You may not do this.",
      404: "This is gone. Reload the page.",
      429: "Too many requests. Wait a little, then try again.",
    };
    tt.toast({ message: words[status] || "Something went wrong on our side. Try again in a minute.", tone: "danger" });
  });
  document.addEventListener("htmx:sendError", () =>
    tt.toast({ message: "There is no connection. Nothing was saved; try again when you are online.", tone: "danger" }),
  );
  document.addEventListener("htmx:timeout", () =>
    tt.toast({ message: "This takes too long. Try again in a minute.", tone: "danger" }),
  );
  window.addEventListener("offline", () =>
    tt.toast({ message: "You are offline. What you type stays here.", tone: "warning" }),
  );
  window.addEventListener("online", () => tt.toast({ message: "You are online again.", tone: "info" }));
  // `refresh` from the server: parts that listen fetch themselves anew; nothing listens: the page does.
  document.addEventListener("refresh", () => {
    if (!document.querySelector('[hx-trigger*="refresh"]')) location.reload();
  });
})();
