// Live pictures: one connection per page brings the frames of every card that shows one, newest first, never old as new.
"use strict";
(() => {
  const HEAD_BYTES = 16, VERSION = 1;
  const SIGN_OF_LIFE_MS = 5000, RETRY_MS = 2000;
  // Frames come twice a second: after this long without one the picture is not live any more.
  const STALE_MS = 2500;

  let socket = null;
  let retryAt_ms = 0;
  let saidAt_ms = 0;
  let said = "";
  const eventsOfView = new Map();
  const told = new Map(); // event -> {state, detail}
  const frameAt = new Map(); // event -> performance.now() of its capture
  const asked = new Set(); // events somebody clicked on

  const words = () => JSON.parse(document.querySelector("#eg-words")?.dataset.words || "{}");
  const cards = () => [...document.querySelectorAll("article.eg-card[data-live]")];
  const most = () => Number(document.querySelector("meta[name=eg-live-cards]")?.content || 4);

  function wanted() {
    const all = cards();
    const here = new Set(all.map((card) => card.dataset.event));
    for (const event of [...asked]) if (!here.has(event)) asked.delete(event);
    const byHand = all.filter((card) => asked.has(card.dataset.event));
    const byItself = all.filter((card) => card.dataset.live === "auto" && !asked.has(card.dataset.event));
    return document.hidden ? [] : [...byHand, ...byItself].slice(0, most()).map((card) => card.dataset.event);
  }

  function connect(now) {
    if (socket !== null || now < retryAt_ms) return;
    retryAt_ms = now + RETRY_MS;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/api/live`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => { said = ""; tell(); };
    socket.onmessage = (message) => (typeof message.data === "string" ? views(message.data) : frame(message.data));
    socket.onclose = () => { socket = null; told.clear(); eventsOfView.clear(); };
  }

  function tell() {
    if (socket === null || socket.readyState !== WebSocket.OPEN) return;
    const now = performance.now(), wish = JSON.stringify({ show: wanted() });
    if (wish === said && now - saidAt_ms < SIGN_OF_LIFE_MS) return;
    said = wish;
    saidAt_ms = now;
    socket.send(wish);
  }

  function views(text) {
    eventsOfView.clear();
    told.clear();
    for (const view of JSON.parse(text).views) {
      eventsOfView.set(view.view, view.events);
      for (const event of view.events) told.set(event, view);
    }
    show();
  }

  async function frame(buffer) {
    const head = new DataView(buffer);
    const shown = () => socket?.readyState === WebSocket.OPEN && socket.send('{"shown": 1}');
    if (head.getUint8(0) !== VERSION) { shown(); return; }
    const events = eventsOfView.get(head.getUint16(2, true)) || [];
    const captured_ms = performance.now() - head.getUint32(4, true);
    try {
      const picture = await createImageBitmap(new Blob([buffer.slice(HEAD_BYTES)], { type: "image/jpeg" }));
      for (const event of events) draw(event, picture, captured_ms);
      picture.close();
    } catch { /* A damaged frame: the next one is half a second away. */ }
    shown();
    show();
  }

  function draw(event, picture, captured_ms) {
    const canvas = document.querySelector(`article[data-event="${event}"] .eg-live canvas`);
    if (canvas === null || captured_ms < (frameAt.get(event) ?? -Infinity)) return;
    if (canvas.width !== picture.width) canvas.width = picture.width;
    if (canvas.height !== picture.height) canvas.height = picture.height;
    canvas.getContext("2d").drawImage(picture, 0, 0);
    frameAt.set(event, captured_ms);
  }

  // ---- what a card says about its picture --------------------------------------------------------------------------
  function show() {
    const now = performance.now(), chosen = new Set(wanted()), table = words();
    for (const card of cards()) {
      const area = card.querySelector(".eg-live");
      if (area === null) continue;
      const event = card.dataset.event, age_ms = now - (frameAt.get(event) ?? -Infinity);
      const state = !chosen.has(event) ? "off" : age_ms < STALE_MS ? "live" : frameAt.has(event) ? "stale" : "asking";
      put(area, "state", state);
      const mark = area.querySelector(".eg-livemark");
      const text = state === "live" ? table.live
        : state === "stale" ? table.live_stale.replace("{s}", Math.floor(age_ms / 1000))
        : state === "asking" ? reason(table, told.get(event)) : "";
      if (mark.textContent !== text) mark.textContent = text;
    }
  }

  function reason(table, view) {
    if (view === undefined || view.state === "asking" || view.state === "running") return table.live_asking;
    return [table[`live_${view.state}`] || view.state, view.detail].filter(Boolean).join(": ");
  }

  function put(element, name, value) {
    if (element.dataset[name] !== value) element.dataset[name] = value;
  }

  function tick() {
    const now = performance.now(), some = wanted().length > 0;
    if (some) connect(now);
    if (socket !== null && socket.readyState === WebSocket.OPEN) {
      tell();
      if (!some && said === '{"show":[]}') socket.close();
    }
    for (const event of [...frameAt.keys()]) {
      if (!document.querySelector(`article[data-event="${event}"]`)) frameAt.delete(event);
    }
    show();
  }

  // ---- evidence ----------------------------------------------------------------------------------------------------
  function openEvidence(link) {
    const box = document.createElement("dialog");
    box.className = "eg-evidence";
    const shown = document.createElement(link.dataset.kind === "clip" ? "video" : "img");
    if (shown.tagName === "VIDEO") Object.assign(shown, { controls: true, autoplay: true, loop: true, muted: true });
    shown.src = link.href;
    box.append(shown);
    box.addEventListener("click", (event) => event.target === box && box.close());
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".eg-livebtn");
    if (button !== null && button !== undefined) {
      asked.add(button.closest("article").dataset.event);
      tick();
      return;
    }
    const link = event.target.closest?.("a.eg-thumb");
    if (link !== null && link !== undefined && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      openEvidence(link);
    }
  });
  document.addEventListener("visibilitychange", tick);
  setInterval(tick, 250);
})();
