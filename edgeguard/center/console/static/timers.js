// Counts the timers of alarms down by the server's clock; what is over turns red at once, without waiting for the server.
"use strict";
(() => {
  const pad = (n) => String(n).padStart(2, "0");
  const span = (s) => (s >= 3600 ? `${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)}` : pad(Math.floor(s / 60))) + `:${pad(s % 60)}`;
  let ahead_ms = 0;

  function tell() {
    const now = Date.now() + ahead_ms;
    for (const timer of document.querySelectorAll(".eg-timer[data-due]")) {
      const left_s = (new Date(timer.dataset.due) - now) / 1000;
      const over = left_s < 0;
      const words = `${over ? timer.dataset.over : timer.dataset.left} ${span(Math.floor(Math.abs(left_s)))}`;
      const element = timer.querySelector("time");
      if (element.textContent !== words) element.textContent = words;
      timer.classList.toggle("bad", over);
      timer.classList.toggle("runs", !over);
    }
  }

  function start() {
    const stamp = document.querySelector("meta[name=eg-server-time]");
    if (stamp) ahead_ms = Number(stamp.content) - (performance.timeOrigin + performance.now());
    // As in console.js: so small a difference is the way of the page through the network.
    if (Math.abs(ahead_ms) < 2000) ahead_ms = 0;
    setInterval(tell, 250);
    tell();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
