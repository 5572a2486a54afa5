// The plain pages: times in the browser's zone, the middle fetched anew when something changes, gates, plates, rights.
"use strict";
(() => {
  const AT_MOST_EVERY_MS = 1000, AT_LEAST_EVERY_MS = 30_000;
  const two = (n) => String(n).padStart(2, "0");
  let timer = 0, latest = 0;

  function writeTimes(root) {
    const today = new Date().toDateString();
    for (const time of root.querySelectorAll("time[data-at]")) {
      const at = new Date(time.dataset.at), clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
      time.textContent = at.toDateString() === today ? clock : `${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock}`;
    }
  }

  async function refresh() {
    timer = 0;
    const mine = ++latest, live = document.getElementById("live");
    if (!live) return;
    const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
    if (mine !== latest || !answer?.ok) return;
    if (answer.redirected) { location.assign("/login"); return; }
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
    if (mine !== latest || !next) return;
    const open = [...live.querySelectorAll("details[open][id]")].map((one) => one.id);
    live.innerHTML = next.innerHTML;
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    writeTimes(live);
  }

  const soon = () => { if (!timer) timer = setTimeout(refresh, AT_MOST_EVERY_MS); };

  async function post(address, body) {
    const answer = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    return [answer.ok, await answer.json().catch(() => ({}))];
  }

  function copy(element) {
    // Without HTTPS a page may not write to the clipboard: then the text is at least selected.
    if (navigator.clipboard) navigator.clipboard.writeText(element.textContent);
    else getSelection().selectAllChildren(element);
  }

  // ---- opening a gate ----------------------------------------------------------------------------------------------
  const dialog = document.getElementById("open");

  function ask(button) {
    const form = dialog.querySelector("form");
    form.reset();
    form.dataset.address = button.dataset.open;
    form.querySelector("b").textContent = button.dataset.gate;
    say("", "");
    dialog.showModal();
  }

  function say(words, tone) {
    const said = dialog.querySelector(".said");
    said.textContent = words;
    said.className = `said ${tone}`;
  }

  async function openGate(form) {
    const go = form.querySelector("button.go");
    go.disabled = true;
    say(dialog.dataset.sending, "");
    try {
      const [ok, told] = await post(form.dataset.address, { reason: form.elements.reason.value });
      const done = ok && told.status === "done", why = ok ? told.reason : told.detail;
      say([done ? dialog.dataset.done : dialog.dataset.failed, typeof why === "string" ? why : ""].filter(Boolean).join(": "), done ? "ok" : "no");
    } catch { say(dialog.dataset.failed, "no"); }
    go.disabled = false;
    soon();
  }

  dialog?.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); openGate(event.target); });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.open) ask(button);
    else if ("close" in button.dataset) dialog.close();
    else if ("reason" in button.dataset) dialog.querySelector("input").value = button.textContent;
    else if (button.dataset.pick) { await post(button.dataset.pick, { plate: button.dataset.plate }).catch(() => null); refresh(); }
    else if ("visitor" in button.dataset) invite();
    else if ("link" in button.dataset) await copyLink(button);
    else if (button.dataset.withdraw) { button.disabled = true; await post(button.dataset.withdraw, {}).catch(() => null); refresh(); }
    else if ("print" in button.dataset) print();
    else if (button.dataset.copy) copy(document.getElementById(button.dataset.copy));
  });

  // ---- visitors' passes ------------------------------------------------------------------------------------------------
  const visitor = document.getElementById("visitor"), HOUR_MS = 3_600_000, LASTS_H = 4;

  function invite() {
    const form = visitor.querySelector("form"), end = new Date(Date.now() + LASTS_H * HOUR_MS);
    form.reset();
    form.elements.until.value = new Date(end - end.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
    chooseBox();
    tell("", "");
    visitor.showModal();
  }

  function chooseBox() {
    for (const set of visitor.querySelectorAll("fieldset")) {
      set.hidden = set.disabled = set.dataset.box !== visitor.querySelector("select").value;
      const gates = set.querySelectorAll("input");
      if (gates.length === 1) gates[0].checked = true;
    }
  }

  function tell(words, tone, path) {
    const said = visitor.querySelector(".said"), copying = visitor.querySelector("[data-link]");
    said.textContent = words;
    said.className = `said ${tone}`;
    copying.hidden = !path;
    copying.dataset.link = path ?? "";
  }

  async function copyLink(button) {
    const address = new URL(button.dataset.link, location.origin).href;
    // Without HTTPS a page may not write to the clipboard: then the link is there to be copied by hand.
    if (navigator.clipboard) { await navigator.clipboard.writeText(address); button.textContent = visitor.dataset.copied; }
    else prompt("", address);
  }

  async function makePass(form) {
    const gates = [...form.querySelectorAll("fieldset:not([disabled]) input:checked")].map((one) => one.value);
    if (!gates.length) { tell(visitor.dataset.none, "no"); return; }
    tell(visitor.dataset.sending, "");
    const go = form.querySelector("button.go"), { until, uses, box } = form.elements;
    go.disabled = true;
    const asked = { gates, until: new Date(until.value).toISOString(), uses: Number(uses.value) };
    const [ok, told] = await post(box.selectedOptions[0].dataset.address, asked).catch(() => [false, {}]);
    const why = ok ? told.reason : told.detail;
    if (told.pass) tell(`${visitor.dataset.made}: ${new URL(told.pass.path, location.origin).href}`, "ok", told.pass.path);
    else tell([visitor.dataset.failed, typeof why === "string" ? why : ""].filter(Boolean).join(": "), "no");
    go.disabled = false;
    soon();
  }

  visitor?.addEventListener("change", (event) => { if (event.target.name === "box") chooseBox(); });
  visitor?.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); makePass(event.target); });
  visitor?.querySelector("[data-shut]").addEventListener("click", () => visitor.close());

  // ---- a copy of what is held of somebody, or its deletion -----------------------------------------------------------
  const rights = document.getElementById("rights"), sure = document.getElementById("erase");

  async function askRight(kind) {
    const box = rights.elements.box.selectedOptions[0].dataset, said = rights.querySelector(".said");
    said.textContent = "";
    const [ok, told] = await post("/api/rights", { site: box.site, box: box.box, ref: rights.elements.ref.value.trim(), kind }).catch(() => [false, {}]);
    const why = typeof told.detail === "string" ? told.detail : "";
    said.textContent = ok ? rights.dataset.asked : [rights.dataset.failed, why].filter(Boolean).join(": ");
    said.className = `said ${ok ? "ok" : "no"}`;
    if (ok) rights.elements.ref.value = "";
    refresh();
  }

  rights?.elements.box.addEventListener("change", (event) => rights.elements.ref.setAttribute("list", `people-${event.target.value}`));
  rights?.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.value !== "erase") { askRight("export"); return; }
    sure.querySelector("form").reset();
    sure.querySelector("code").textContent = rights.elements.ref.value.trim();
    sure.querySelector("button.danger").disabled = true;
    sure.showModal();
  });
  sure?.addEventListener("input", (event) => {
    sure.querySelector("button.danger").disabled = event.target.value.trim() !== rights.elements.ref.value.trim();
  });
  sure?.querySelector("form").addEventListener("submit", () => askRight("erase"));
  sure?.querySelector("[data-shut]").addEventListener("click", () => sure.close());

  // ---- news --------------------------------------------------------------------------------------------------------
  writeTimes(document);
  if (document.getElementById("live")) {
    const stream = new EventSource("/api/stream"), lost = document.querySelector(".lost");
    for (const kind of ["card", "health"]) stream.addEventListener(kind, soon);
    stream.onopen = () => { lost.hidden = true; soon(); };
    stream.onerror = () => { lost.hidden = false; };
    setInterval(soon, AT_LEAST_EVERY_MS);
  }
})();
