// Keeps what is on the page fresh. Everything works without it.
"use strict";

const PAUSE = 3000; // milliseconds

// The board: ask for its fragment; 304 while nothing has changed.
for (const part of document.querySelectorAll("[data-live]")) {
  let mark = "";
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(part.dataset.live, { headers: { "If-None-Match": mark }, cache: "no-store" });
      if (answer.status !== 200) return;
      const html = await answer.text();
      if (mark) part.innerHTML = html; // the server's own page, escaped there
      mark = answer.headers.get("ETag") || "";
    } catch {
      // the server is away for a moment; the next round asks again
    }
  }, PAUSE);
}

// One order: when it has moved on, load the page anew, unless somebody is writing in it.
for (const part of document.querySelectorAll("[data-watch]")) {
  let touched = false;
  document.addEventListener("input", () => { touched = true; });
  setInterval(async () => {
    if (document.hidden || touched) return;
    try {
      const answer = await fetch(part.dataset.watch, { cache: "no-store" });
      if (answer.ok && (await answer.json()).version > Number(part.dataset.version)) location.replace(location.pathname);
    } catch {
      // as above
    }
  }, PAUSE);
}
