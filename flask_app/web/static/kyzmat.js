/* Shortens the way, never makes it: every page works without this file. Nothing is kept in the browser. */
(() => {
  "use strict";

  htmx.config.allowEval = false;
  htmx.config.allowScriptTags = false;
  htmx.config.includeIndicatorStyles = false;
  htmx.config.historyCacheSize = 0; // pages hold people's data: none of it goes into the browser's storage
  htmx.config.refreshOnHistoryMiss = true;
  htmx.config.selfRequestsOnly = true;
  htmx.config.timeout = 15000;

  // On a narrow screen the row of areas scrolls: the one we are in must not lie beyond its edge.
  const bringHere = () => {
    for (const here of document.querySelectorAll(".kz-nav [aria-current], .kz-views [aria-current]")) {
      const row = here.closest("ul");
      row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
    }
  };
  bringHere();
  addEventListener("resize", bringHere);

  const isPolled = (element) => element.hasAttribute("data-kz-live");
  const isBeingUsed = (element) => element.contains(document.activeElement) && document.activeElement !== element;

  // A region that renews itself waits while nobody looks at it, and while somebody works in it.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const region = event.detail.elt;
    if (isPolled(region) && (document.hidden || isBeingUsed(region))) event.preventDefault();
  });

  // The answer is another page (the session ended, the object was closed to the reader): show that page whole.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, pathInfo } = event.detail;
    const asked = new URL(pathInfo.finalRequestPath, location.href);
    const got = xhr.responseURL ? new URL(xhr.responseURL) : asked;
    if (got.pathname !== asked.pathname || xhr.status >= 400) {
      event.preventDefault();
      location.assign(got.href);
    }
  });

  // After the list was replaced the focus must not be lost at the top of the document.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt.id === "main" && document.activeElement === document.body) {
      document.getElementById("main").focus({ preventScroll: true });
    }
    count(document);
  });

  // On a phone the sections scroll sideways: the one that is open is in sight from the start.
  document.addEventListener("DOMContentLoaded", () => {
    const open = document.querySelector(".kz-nav a[aria-current]");
    if (open) open.closest("ul").scrollLeft = open.parentElement.offsetLeft - open.closest("ul").offsetLeft;
  });

  // How many people of the list are ticked.
  const count = (root) => {
    for (const status of root.querySelectorAll("[data-kz-count]")) {
      const form = status.closest("form");
      const ticked = form.querySelectorAll(`input[name="${status.dataset.kzCount}"]:checked`).length;
      const text = ticked ? `${status.dataset.kzLabel} ${ticked}` : "";
      if (status.textContent !== text) status.textContent = text;
    }
  };
  document.addEventListener("change", () => count(document));
  document.addEventListener("DOMContentLoaded", () => count(document));

  // A long text is not lost by a stray press, nor figures in one row of a table by saving another: the browser asks before
  // a page is left on which something typed was not sent.
  const unsent = new Set();
  document.addEventListener("input", (event) => {
    if (event.target.matches("form[method=post] :is(textarea, [data-kz-typed])")) unsent.add(event.target.form);
  });
  document.addEventListener("submit", (event) => unsent.delete(event.target));
  addEventListener("beforeunload", (event) => {
    if ([...unsent].some((form) => form.isConnected)) event.preventDefault();
  });

  // A form goes out once: a second press of its button while the first is on the way does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.kzSent) event.preventDefault();
    form.dataset.kzSent = "1";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.kzSent; // come back to by the browser's own button
  });
})();
