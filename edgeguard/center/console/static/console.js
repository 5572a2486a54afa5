// What a browser must do by itself: tell the time, beep while an alarm is unacknowledged, say when the server is gone.
"use strict";
(() => {
  const root = document.documentElement;
  const pad = (n) => String(n).padStart(2, "0");
  const clock = (date) => `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  const day = (date) => `${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  const sameDay = (a, b) => a.toDateString() === b.toDateString();

  const age = (seconds) => {
    const s = Math.max(0, Math.floor(seconds));
    const hours = Math.floor(s / 3600);
    const rest = `${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}`;
    return hours ? `${hours}:${rest}` : rest;
  };

  const put = (element, words) => {
    if (element.textContent !== words) element.textContent = words;
  };

  // The server's clock counts ages: a wall monitor's own clock may be wrong.
  let serverAhead_ms = 0;

  function tellTimes() {
    const now = new Date(Date.now() + serverAhead_ms);
    for (const element of document.querySelectorAll("time[data-at]")) {
      const at = new Date(element.dataset.at);
      put(element, sameDay(at, now) ? clock(at) : `${day(at)} ${clock(at)}`);
    }
    for (const element of document.querySelectorAll("time[data-since]")) {
      const until = element.dataset.until ? new Date(element.dataset.until) : now;
      put(element, age((until - new Date(element.dataset.since)) / 1000));
    }
    for (const element of document.querySelectorAll("time.eg-clock")) put(element, clock(now));
  }

  // ---- sound -------------------------------------------------------------------------------------------------------
  const AudioContextKind = window.AudioContext || window.webkitAudioContext;
  let audio = null;
  let playing = null;

  // One loop holds tones and pause: no timer is involved, which a browser would slow down in a hidden tab.
  function beepLoop(context) {
    const rate = context.sampleRate;
    const buffer = context.createBuffer(1, Math.round(1.6 * rate), rate);
    const samples = buffer.getChannelData(0);
    const tones = [[0.0, 880], [0.2, 1175], [0.4, 880]];
    const length_s = 0.16, edge_s = 0.01, level = 0.5;
    for (const [start_s, pitch_hz] of tones) {
      const first = Math.round(start_s * rate), count = Math.round(length_s * rate);
      for (let i = 0; i < count; i++) {
        const t = i / rate;
        const envelope = Math.min(1, t / edge_s, (length_s - t) / edge_s);
        samples[first + i] = level * envelope * Math.sin(2 * Math.PI * pitch_hz * t);
      }
    }
    return buffer;
  }

  const audible = () => audio !== null && audio.state === "running";

  function startBeep() {
    playing = audio.createBufferSource();
    playing.buffer = beepLoop(audio);
    playing.loop = true;
    playing.connect(audio.destination);
    playing.start();
  }

  function stopBeep() {
    playing.stop();
    playing.disconnect();
    playing = null;
  }

  function updateSound() {
    const alarming = document.querySelectorAll(".eg-card.alarming").length;
    // The microphone would carry the beep into the lift.
    const wanted = alarming > 0 && !root.classList.contains("eg-talking");
    if (wanted && audible() && playing === null) startBeep();
    if (!wanted && playing !== null) stopBeep();
    root.classList.toggle("eg-muted", !audible());
    root.dataset.beep = !wanted ? "silent" : playing !== null && audible() ? "beeping" : "muted";
    const title = alarming > 0 ? `(${alarming}) EdgeGuard` : "EdgeGuard";
    if (document.title !== title) document.title = title;
  }

  function openSound() {
    if (AudioContextKind === undefined) return;
    if (audio === null) {
      audio = new AudioContextKind();
      audio.onstatechange = updateSound;
    }
    if (audio.state !== "running") audio.resume().then(updateSound, updateSound);
  }

  // ---- connection --------------------------------------------------------------------------------------------------
  let lostAt = null;
  let wasConnected = false;

  function updateConnection() {
    const connected = Boolean(window.socket && window.socket.connected && window.did_handshake);
    wasConnected = wasConnected || connected;
    // Before the first connection a page is young, not lost; but not for long.
    const lost = !connected && (wasConnected || performance.now() > 5000);
    if (lost && lostAt === null) lostAt = new Date();
    if (!lost) lostAt = null;
    root.classList.toggle("eg-offline", lost);
    for (const element of document.querySelectorAll(".eg-lost time")) put(element, lostAt === null ? "" : clock(lostAt));
  }

  // ---- one's own cases ---------------------------------------------------------------------------------------------
  const HERE_MS = 2500;

  function goTo(button) {
    const card = document.querySelector(`.eg-card[data-event="${button.dataset.goto}"]`);
    if (!card) return;
    card.scrollIntoView({ block: "center" });
    card.classList.add("here");
    setTimeout(() => card.classList.remove("here"), HERE_MS);
  }

  function start() {
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-goto]");
      if (button) goTo(button);
    });
    const stamp = document.querySelector("meta[name=eg-server-time]");
    if (stamp) serverAhead_ms = Number(stamp.content) - (performance.timeOrigin + performance.now());
    // A difference this small is the way of the page through the network, not a wrong clock.
    if (Math.abs(serverAhead_ms) < 2000) serverAhead_ms = 0;
    openSound();
    // Not with pointerdown: the banner would go, the page move up, and the click miss its button.
    for (const kind of ["click", "keydown", "touchend"]) document.addEventListener(kind, openSound, { capture: true });
    new MutationObserver(() => { tellTimes(); updateSound(); })
      .observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["class", "data-at", "data-since", "data-until"] });
    setInterval(() => { tellTimes(); updateConnection(); updateSound(); }, 250);
    tellTimes();
    updateSound();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
