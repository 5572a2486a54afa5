// In the audio thread: whatever rate the microphone has, out come pieces of 40 ms, 16 kHz, 16 bit, mono.
"use strict";

const OUT_HZ = 16_000, PIECE = 640, ZEROS = 8;

// Windowed sinc, cut off below half the lower rate: what the ear would hear folded back is taken out first.
class Resampler {
  constructor(from_hz) {
    this.step = from_hz / OUT_HZ;
    const widen = Math.max(1, this.step);
    this.cut = 0.92 / widen;
    this.half = Math.ceil(ZEROS * widen);
    this.kept = new Float32Array(2 * this.half);
    this.at = this.half; // of the next output, in samples of `kept` and what follows
  }

  feed(input) {
    const all = new Float32Array(this.kept.length + input.length);
    all.set(this.kept);
    all.set(input, this.kept.length);
    const out = [];
    for (; this.at + this.half < all.length; this.at += this.step) out.push(this.value(all, this.at));
    const from = Math.max(0, Math.floor(this.at) - this.half);
    this.kept = all.slice(from);
    this.at -= from;
    return out;
  }

  value(samples, at) {
    const first = Math.ceil(at - this.half), last = Math.floor(at + this.half);
    let sum = 0;
    for (let i = Math.max(first, 0); i <= last && i < samples.length; i++) {
      const x = i - at, t = Math.PI * x * this.cut;
      const sinc = Math.abs(t) < 1e-6 ? 1 : Math.sin(t) / t;
      sum += samples[i] * this.cut * sinc * (0.5 + 0.5 * Math.cos(Math.PI * x / this.half));
    }
    return sum;
  }
}

class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = sampleRate === OUT_HZ ? null : new Resampler(sampleRate);
    this.piece = new Int16Array(PIECE);
    this.filled = 0;
    this.loudest = 0;
  }

  process([channels]) {
    if (channels.length === 0) return true;
    const samples = this.resampler === null ? channels[0] : this.resampler.feed(channels[0]);
    for (const sample of samples) {
      this.loudest = Math.max(this.loudest, Math.abs(sample));
      this.piece[this.filled++] = Math.round(32767 * Math.max(-1, Math.min(1, sample)));
      if (this.filled === PIECE) this.send();
    }
    return true;
  }

  send() {
    const pcm = this.piece.buffer.slice(0);
    this.port.postMessage({ pcm, level: Math.min(1, this.loudest) }, [pcm]);
    this.filled = 0;
    this.loudest = 0;
  }
}

registerProcessor("microphone", Microphone);
