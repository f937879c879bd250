// Tones made on the spot (no sound files): the ring of an offered call, the nudge of a forgotten hold.

const RING_EVERY_MS = 3_000;
const title = document.title;

export class Ring {
  #context = null;
  #timer = 0;
  #onMuted;

  /** `onMuted(isMuted)`: browsers keep a page silent until its first key or click. */
  constructor({ onMuted }) {
    this.#onMuted = onMuted;
    for (const name of ["keydown", "pointerdown"]) document.addEventListener(name, () => this.#wake(), { capture: true });
  }

  /** Ring until `stop`, and say so in the window's title. */
  start(text) {
    if (this.#timer) return;
    document.title = `☎ ${text}`;
    this.#burst();
    this.#timer = setInterval(() => this.#burst(), RING_EVERY_MS);
  }

  stop() {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = 0;
    document.title = title;
  }

  /** Two soft tones: somebody is waiting on hold. */
  nudge() {
    this.#tone(660, 0, 0.12, 0.06);
    this.#tone(880, 0.16, 0.16, 0.06);
  }

  test() {
    this.#wake();
    this.#burst();
  }

  #burst() {
    for (const start of [0, 0.55]) {
      this.#tone(440, start, 0.4, 0.09);
      this.#tone(554, start, 0.4, 0.06);
    }
  }

  #wake() {
    this.#context ??= new AudioContext();
    if (this.#context.state === "suspended") this.#context.resume().then(() => this.#onMuted(false), () => {});
    else this.#onMuted(false);
  }

  #tone(frequency, delay, seconds, loudness) {
    this.#context ??= new AudioContext();
    if (this.#context.state !== "running") {
      this.#onMuted(true);
      return;
    }
    const start = this.#context.currentTime + delay;
    const [tone, gain] = [this.#context.createOscillator(), this.#context.createGain()];
    tone.frequency.value = frequency;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(loudness, start + 0.03);
    gain.gain.setValueAtTime(loudness, start + seconds - 0.08);
    gain.gain.linearRampToValueAtTime(0, start + seconds);
    tone.connect(gain).connect(this.#context.destination);
    tone.start(start);
    tone.stop(start + seconds);
  }
}
