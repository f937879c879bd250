// Music while one waits: an original piece of 24 seconds, computed once by the browser and played in a loop.
//
// Four soft chords, a bell melody on the five notes that go with all of them, a low note under each. There is no
// recording, therefore nothing to download and nobody to pay.

const SAMPLE_RATE = 22050;
const BEAT = 0.75;
const BEATS = 32;
const LOUDNESS = 0.5;
const FADE_S = 0.4;

// Semitones from A3 (220 Hz): D, B minor, G, A.
const CHORDS = [[5, 9, 12], [2, 5, 9], [-2, 2, 5], [0, 4, 7]];
const BASSES = [-7, -10, -14, -12];
// Beat, semitone, loudness: question and answer over the four chords, twice, with a turn at the end.
const MELODY = [
  [0, 21, 0.8], [1.5, 19, 0.5], [3, 17, 0.6], [5, 14, 0.5],
  [8, 17, 0.7], [9.5, 14, 0.5], [11, 12, 0.6],
  [16, 14, 0.7], [17.5, 17, 0.6], [19, 19, 0.7], [21, 21, 0.5],
  [24, 19, 0.7], [25.5, 16, 0.5], [27, 12, 0.6], [29, 16, 0.4], [30.5, 19, 0.4],
];

const hertz = (semitone) => 220 * 2 ** (semitone / 12);

function note(context, { at, semitone, lasts, loud, type, attack }) {
  const tone = new OscillatorNode(context, { type, frequency: hertz(semitone) });
  const level = new GainNode(context, { gain: 0 });
  level.gain.setValueAtTime(0, at);
  level.gain.linearRampToValueAtTime(loud, at + attack);
  level.gain.exponentialRampToValueAtTime(0.0001, at + lasts);
  tone.connect(level).connect(context.destination);
  tone.start(at);
  tone.stop(at + lasts);
}

// Twice in a row, of which the second time is kept: its beginning carries the fading notes of the first one's end.
async function compose() {
  const length = BEATS * BEAT;
  const context = new OfflineAudioContext(1, 2 * length * SAMPLE_RATE, SAMPLE_RATE);
  for (const start of [0, length]) {
    CHORDS.forEach((chord, index) => {
      const at = start + index * 8 * BEAT;
      for (const semitone of chord) note(context, { at, semitone, lasts: 9 * BEAT, loud: 0.055, type: "triangle", attack: 1.2 });
      for (const beat of [0, 4]) {
        note(context, { at: at + beat * BEAT, semitone: BASSES[index], lasts: 4.5 * BEAT, loud: 0.12, type: "sine", attack: 0.08 });
      }
    });
    for (const [beat, semitone, loud] of MELODY) {
      const at = start + beat * BEAT;
      note(context, { at, semitone, lasts: 2.6, loud: 0.16 * loud, type: "sine", attack: 0.012 });
      note(context, { at, semitone: semitone + 12, lasts: 1.1, loud: 0.05 * loud, type: "sine", attack: 0.006 });
    }
  }
  const twice = await context.startRendering();
  const once = new AudioBuffer({ length: length * SAMPLE_RATE, sampleRate: SAMPLE_RATE });
  once.copyToChannel(twice.getChannelData(0).subarray(length * SAMPLE_RATE), 0);
  return once;
}

export class Music {
  #context = null;
  #piece = null;
  #playing = null;
  #wanted = false;

  get isPlaying() {
    return this.#playing !== null;
  }

  /** Get ready inside a click: browsers let a page sound only after one. */
  prime() {
    this.#context ??= new AudioContext();
    this.#piece ??= compose();
    this.#context.resume().catch(() => {});
  }

  async start() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.prime();
    const piece = await this.#piece;
    if (!this.#wanted || this.#playing) return;
    const source = new AudioBufferSourceNode(this.#context, { buffer: piece, loop: true });
    const level = new GainNode(this.#context, { gain: 0 });
    level.gain.linearRampToValueAtTime(LOUDNESS, this.#context.currentTime + FADE_S);
    source.connect(level).connect(this.#context.destination);
    source.start();
    this.#playing = { source, level };
    document.addEventListener("click", () => this.#context?.resume(), { once: true });
  }

  stop() {
    this.#wanted = false;
    if (!this.#playing) return;
    const { source, level } = this.#playing;
    this.#playing = null;
    const now = this.#context.currentTime;
    level.gain.cancelScheduledValues(now);
    level.gain.setTargetAtTime(0, now, FADE_S / 4);
    source.stop(now + FADE_S);
  }

  /** Silence for good; the piece is kept for a next call. */
  close() {
    this.stop();
    this.#context?.close();
    this.#context = null;
  }
}
