// Messages in the corner: those that came with the page, those that come with an answer, and our own.
(() => {
  const SHORT = 6000,
    UNDO = 10000;
  tt.toast = ({ message, tone = "success", undo = "", href = "", action = "" }) => {
    const list = document.getElementById("toast-list");
    const box = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
    box.dataset.tone = tone;
    box.querySelector(".tt-toast-text").textContent = message;
    const link = box.querySelector(".tt-toast-link");
    if (href) {
      link.href = href;
      link.textContent = action || "Open";
      link.hidden = false;
    }
    const button = box.querySelector(".tt-toast-undo");
    if (undo) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        button.disabled = true;
        const answer = await fetch(undo, {
          method: "POST",
          headers: { "X-CSRFToken": tt.csrf(), "HX-Request": "true" },
        }).catch(() => null);
        box.remove();
        if (!answer?.ok) {
          tt.toast({ message: "This could not be undone. Reload the page and try again.", tone: "danger" });
          return;
        }
        tt.fromHeaders(answer.headers);
        if (answer.headers.get("HX-Redirect")) location.assign(answer.headers.get("HX-Redirect"));
        else if (!answer.headers.get("HX-Trigger")?.includes("refresh")) location.reload();
      });
    }
    box.querySelector(".tt-toast-close").addEventListener("click", () => box.remove());
    list.append(box);
    while (list.children.length > 3) list.firstElementChild.remove();
    // A refusal stays until it is closed; everything else goes, but not while somebody reads or reaches for it.
    let left = tone === "danger" ? 0 : undo || href ? UNDO : SHORT;
    if (!left) return;
    const tick = setInterval(() => {
      if (!box.isConnected) clearInterval(tick);
      else if (!box.matches(":hover, :focus-within") && !document.hidden && (left -= 250) <= 0) box.remove();
    }, 250);
  };
  tt.fromHeaders = (headers) => {
    const raw = headers.get("HX-Trigger");
    if (!raw?.startsWith("{")) return;
    for (const [name, detail] of Object.entries(JSON.parse(raw)))
      document.body.dispatchEvent(
        new CustomEvent(name, { bubbles: true, detail: Array.isArray(detail) ? { value: detail } : detail }),
      );
  };
  document.addEventListener("toasts", (event) => (event.detail.value || event.detail).forEach?.(tt.toast));
  document.addEventListener("DOMContentLoaded", () => {
    const waiting = document.getElementById("waiting-toasts");
    if (waiting) JSON.parse(waiting.textContent).forEach(tt.toast);
  });
})();
