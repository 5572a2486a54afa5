// Hold to talk: the microphone of this browser to one place, for as long as the button is held and never longer.
"use strict";
(() => {
  const KEEP_MICROPHONE_MS = 30_000;
  // Words before the line stands are kept, but not more than the center would take.
  const MOST_WAITING = 200;
  const root = document.documentElement;

  let context = null;
  let stream = null;
  let microphone = null; // the promise of an open one
  let closeTimer = 0;
  let talk = null;

  const words = () => JSON.parse(document.querySelector("#eg-words")?.dataset.words || "{}");

  async function openMicrophone() {
    if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) throw new Error("insecure");
    stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
    context = new AudioContext({ latencyHint: "interactive" });
    await context.audioWorklet.addModule("/assets/microphone.js");
    const node = new AudioWorkletNode(context, "microphone", { numberOfInputs: 1, numberOfOutputs: 0 });
    node.port.onmessage = (message) => talk?.piece(message.data);
    context.createMediaStreamSource(stream).connect(node);
    if (context.state !== "running") await context.resume();
  }

  function closeMicrophone() {
    stream?.getTracks().forEach((track) => track.stop());
    context?.close();
    stream = context = microphone = null;
  }

  function readyMicrophone() {
    clearTimeout(closeTimer);
    if (stream !== null && stream.getTracks().some((track) => track.readyState !== "live")) closeMicrophone();
    microphone = microphone ?? openMicrophone();
    return microphone;
  }

  class Talk {
    constructor(button) {
      this.button = button;
      this.event = button.closest("article").dataset.event;
      this.waiting = [];
      this.held = true;
      this.startedAt_ms = 0;
      this.say("asking");
      root.classList.add("eg-talking");
    }

    async begin() {
      try {
        await readyMicrophone();
      } catch (error) {
        closeMicrophone();
        const kind = error.message === "insecure" ? "insecure"
          : error.name === "NotAllowedError" ? "denied" : "no_microphone";
        this.over(kind);
        return;
      }
      if (!this.held) { this.over("idle"); return; }
      this.say("connecting");
      const scheme = location.protocol === "https:" ? "wss" : "ws";
      this.socket = new WebSocket(`${scheme}://${location.host}/api/talk/${this.event}`);
      this.socket.onopen = () => { this.waiting.forEach((piece) => this.socket.send(piece)); this.waiting = []; if (!this.held) this.socket.send("end"); };
      this.socket.onmessage = (message) => this.heard(JSON.parse(message.data));
      this.socket.onclose = () => this.over("lost");
    }

    piece({ pcm, level }) {
      this.button.style.setProperty("--level", level.toFixed(3));
      if (!this.held) return;
      if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(pcm);
      else if (this.waiting.length < MOST_WAITING) this.waiting.push(pcm);
    }

    heard(told) {
      if (told.state === "ended") this.over(told.result, told);
      else {
        if (told.state === "speaking") this.startedAt_ms = performance.now();
        this.say(told.state);
      }
    }

    release() {
      if (!this.held) return;
      this.held = false;
      if (this.socket?.readyState === WebSocket.OPEN) this.socket.send("end");
    }

    say(state) {
      this.state = state;
      this.button.dataset.state = state;
      const table = words();
      this.button.querySelector(".eg-talkwords").textContent =
        table[`talk_${state}_${this.button.dataset.where}`] || table[`talk_${state}`] || state;
    }

    tick() {
      if (this.state !== "speaking") return;
      const s = Math.floor((performance.now() - this.startedAt_ms) / 1000);
      this.button.querySelector(".eg-talkwords").textContent = `${words().talk_speaking} ${s} s`;
    }

    over(result, told = {}) {
      if (talk !== this) return;
      talk = null;
      this.held = false;
      if (this.socket) { this.socket.onclose = null; this.socket.close(); }
      root.classList.remove("eg-talking");
      this.say("idle");
      this.button.style.removeProperty("--level");
      const table = words(), line = this.button.parentElement.querySelector(".eg-talksaid");
      const main = (table[`talked_${result}`] || result).replace("{s}", (told.audio_s ?? 0).toFixed(1)).replace("{who}", told.detail || "");
      const detail = ["busy", "spoken"].includes(result) ? "" : told.detail;
      line.textContent = result === "idle" ? "" : [main, detail].filter(Boolean).join(": ");
      line.classList.toggle("bad", !["idle", "spoken"].includes(result));
      closeTimer = setTimeout(closeMicrophone, KEEP_MICROPHONE_MS);
    }
  }

  // ---- the button --------------------------------------------------------------------------------------------------
  const buttonOf = (event) => event.target.closest?.(".eg-talk") ?? null;

  function press(button) {
    if (talk !== null || root.classList.contains("eg-offline")) return;
    talk = new Talk(button);
    talk.begin();
  }

  const release = () => talk?.release();

  document.addEventListener("pointerdown", (event) => {
    const button = buttonOf(event);
    if (button === null || event.button > 0) return;
    event.preventDefault();
    button.focus();
    button.setPointerCapture(event.pointerId);
    press(button);
  });
  for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) document.addEventListener(kind, release);
  document.addEventListener("keydown", (event) => {
    const button = buttonOf(event);
    if (button === null || ![" ", "Enter"].includes(event.key)) return;
    event.preventDefault();
    if (!event.repeat) press(button);
  });
  document.addEventListener("keyup", (event) => [" ", "Enter"].includes(event.key) && release());
  document.addEventListener("contextmenu", (event) => buttonOf(event) && event.preventDefault());
  document.addEventListener("visibilitychange", () => document.hidden && release());
  window.addEventListener("blur", release);
  window.addEventListener("pagehide", release);
  setInterval(() => {
    // The card may have left the board under the finger.
    if (talk !== null && !talk.button.isConnected) release();
    talk?.tick();
  }, 250);
})();
