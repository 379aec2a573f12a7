// Runs before the page is drawn, so that nothing flashes: the theme, and the sign that scripts run.
(() => {
  const root = document.documentElement;
  root.classList.replace("no-js", "js");
  let choice = "system";
  try {
    const kept = localStorage.getItem("tt_theme");
    if (kept === "light" || kept === "dark") choice = kept;
  } catch {
    /* storage may be forbidden */
  }
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    root.dataset.bsTheme = choice === "system" ? (system.matches ? "dark" : "light") : choice;
    // The server draws the next page in this theme at once.
    document.cookie = `tt_theme=${root.dataset.bsTheme};path=/;max-age=31536000;samesite=lax`;
    document.dispatchEvent(new CustomEvent("tt:theme"));
  };
  window.ttTheme = {
    get choice() {
      return choice;
    },
    set(next) {
      choice = next;
      try {
        localStorage.setItem("tt_theme", next);
      } catch {
        /* the cookie remembers it for this session */
      }
      apply();
    },
  };
  system.addEventListener("change", apply);
  apply();
})();
