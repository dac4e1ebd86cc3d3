// Says whether the page is live: one that is silently stale is worse than none.
// Without this file the pages work all the same.
"use strict";
(() => {
  const say = (state, words) => {
    const place = document.getElementById("live");
    if (!place) return;
    place.dataset.state = state;
    place.textContent = words;
  };
  document.addEventListener("htmx:sseOpen", () => say("on", "Live"));
  document.addEventListener("htmx:sseError", () => say("off", "Reconnecting"));
  document.addEventListener("htmx:sseClose", () => say("off", "Not live"));
})();
