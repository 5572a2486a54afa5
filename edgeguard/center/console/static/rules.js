// The rows of rules on the page of conduct: the dialog that sets one, and what the box says to it.
"use strict";
(() => {
  const dialog = document.getElementById("setting"), form = dialog.querySelector("form"), fields = form.elements;
  const windows = dialog.querySelector(".windows"), list = windows.querySelector("div"), lasts = fields.lasts;
  let rule = null, asNow = null;

  const say = (words, tone) => {
    const said = dialog.querySelector(".said");
    said.textContent = words;
    said.className = `said ${tone}`;
  };
  const can = (name) => rule.settable.includes(name);
  const set = (name) => rule.fields.includes(name);
  const told = (words, values) => Object.entries(values).reduce((all, [name, value]) => all.replace(`{${name}}`, value), words);

  function addWindow(window) {
    const row = dialog.querySelector("template").content.firstElementChild.cloneNode(true);
    row.querySelector("[name=start]").value = window?.start ?? "";
    row.querySelector("[name=end]").value = window?.end ?? "";
    for (const day of row.querySelectorAll("[name=days]")) day.checked = !window?.days?.length || window.days.includes(day.value);
    list.append(row);
  }

  function showWindows() {
    windows.hidden = !can("armed") || fields.armed.value !== "windows";
    if (!windows.hidden && !list.children.length) addWindow();
    for (const input of list.querySelectorAll("[type=time]")) { input.required = !windows.hidden; input.disabled = windows.hidden; }
  }

  function fillNumber(name) {
    const label = dialog.querySelector(`[data-for=${name}]`), inFile = rule.file[name];
    label.hidden = !can(name);
    fields[name].disabled = label.hidden;
    fields[name].value = set(name) ? rule[name] : "";
    fields[name].placeholder = told(dialog.dataset.file, { value: inFile ?? dialog.dataset.model });
    fields[name].title = dialog.dataset.blank;
  }

  function fillLasts() {
    asNow?.remove();
    asNow = null;
    for (const option of lasts.options) {
      const seconds = Number(option.value);
      option.hidden = option.disabled = rule.at_most_s !== null && (!option.value || seconds > rule.at_most_s);
    }
    if (rule.until) {
      asNow = new Option(told(dialog.dataset.asNow, { until: new Date(rule.until).toLocaleString() }), rule.until);
      lasts.prepend(asNow);
    }
    lasts.value = rule.until ?? [...lasts.options].find((option) => !option.disabled).value;
    dialog.querySelector("[data-short]").hidden = rule.at_most_s === null;
  }

  function open(row, turned) {
    rule = JSON.parse(row.dataset.rule);
    form.reset();
    dialog.querySelector("h2").textContent = row.querySelector(".what").textContent;
    dialog.querySelector(".hint").textContent = `${rule.address.split("/").slice(3).join(" / ")} · ${rule.camera}`;
    fields.on.checked = turned ? !rule.on : rule.on;
    ["min_score", "dwell_s"].forEach(fillNumber);
    dialog.querySelector("[data-for=armed]").hidden = !can("armed");
    fields.armed.value = !set("armed") ? "file" : rule.windows.length ? "windows" : "always";
    list.replaceChildren();
    rule.windows.forEach(addWindow);
    rule.zone_shown = rule.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    windows.querySelector(".hint").textContent = told(dialog.dataset.zone, { zone: rule.zone_shown });
    dialog.querySelector("[data-back]").hidden = !rule.fields.length;
    fillLasts();
    showWindows();
    say("", "");
    dialog.showModal();
  }

  function armed() {
    if (!can("armed") || fields.armed.value === "file") return {};
    if (fields.armed.value === "always") return { armed: { windows: [] } };
    const rows = [...list.children].map((row) => ({
      start: row.querySelector("[name=start]").value,
      end: row.querySelector("[name=end]").value,
      days: [...row.querySelectorAll("[name=days]:checked")].map((day) => day.value),
    }));
    return { armed: { timezone: rule.zone_shown, windows: rows } };
  }

  function number(name) {
    return can(name) && fields[name].value !== "" ? { [name]: Number(fields[name].value) } : {};
  }

  function wanted() {
    const settings = { ...(fields.on.checked ? {} : { on: false }), ...number("min_score"), ...number("dwell_s"), ...armed() };
    // Back to the site file: there is nothing that could end.
    if (!Object.keys(settings).length || !lasts.value) return settings;
    return lasts.value === rule.until ? { ...settings, until: rule.until } : { ...settings, for_s: Number(lasts.value) };
  }

  const why = (told) => (Array.isArray(told) ? told.map((one) => `${one.loc?.slice(1).join(".")}: ${one.msg}`).join("; ") : told ?? "");

  async function send(settings) {
    const buttons = [...dialog.querySelectorAll(".buttons button:not([data-shut])")];
    buttons.forEach((button) => { button.disabled = true; });
    say(dialog.dataset.sending, "");
    const which = { camera: rule.camera, kind: rule.kind, zone: rule.zone };
    try {
      const answer = await fetch(rule.address, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ ...which, ...settings }) });
      const said = await answer.json().catch(() => ({})), done = answer.ok && said.status === "done";
      if (done) say(dialog.dataset.done, "ok");
      else say([dialog.dataset.not, why(answer.ok ? said.reason : said.detail)].filter(Boolean).join(": "), "no");
      if (done) setTimeout(() => dialog.close(), 900);
    } catch { say(dialog.dataset.not, "no"); }
    buttons.forEach((button) => { button.disabled = false; });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const row = button.closest("[data-rule]");
    if (row && "switch" in button.dataset) open(row, true);
    else if (row && "set" in button.dataset) open(row, false);
    else if ("add" in button.dataset) { addWindow(); showWindows(); }
    else if ("remove" in button.dataset) button.closest(".window").remove();
    else if ("back" in button.dataset) send({});
  });
  dialog.querySelector("[data-shut]").addEventListener("click", () => dialog.close());
  fields.armed.addEventListener("change", showWindows);
  form.addEventListener("submit", (event) => { event.preventDefault(); send(wanted()); });
})();
