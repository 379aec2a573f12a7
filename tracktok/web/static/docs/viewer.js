// Starts the viewer of the API's description. Nothing is asked of another host: the validator badge is off.
document.addEventListener("DOMContentLoaded", () => {
  const host = document.getElementById("api");
  const root = document.documentElement;
  const follow = () => root.classList.toggle("dark-mode", root.dataset.bsTheme === "dark");
  follow();
  new MutationObserver(follow).observe(root, { attributes: true, attributeFilter: ["data-bs-theme"] });
  window.SwaggerUIBundle({
    url: host.dataset.description,
    domNode: host,
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    filter: true,
    tryItOutEnabled: false,
    persistAuthorization: false,
    validatorUrl: null,
    syntaxHighlight: { activated: true, theme: "agate" },
  });
});
