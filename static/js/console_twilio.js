// The agent's leg of a call from a telephone number: sound that Twilio sends to this window's telephone.
//
// The server asks Twilio to call this agent for a call and a generation, and both come with the sound.

import { TALK, Voice } from "./voice.js";

const KEEP_MS = 10_000;
const ONLY_SIGNALLING_LOST = 53001; // the sound goes on, and the SDK connects again

const now = () => performance.now();

export class TwilioLeg {
  call;
  #account;
  #telephone;
  #onState;
  #microphone = new Voice(); // open from before the claim, so that the SDK finds it open
  #generation = 0; // wanted; 0 until this window's claim is answered
  #ringing = new Map(); // by generation: {audio, at}
  #joined = null; // {generation, audio, packets}
  #isMuted = false;

  constructor({ call, account, telephone, onState }) {
    this.call = call;
    this.#account = account;
    this.#telephone = telephone;
    this.#onState = onState;
    telephone.attach(this);
  }

  async ready() {
    await this.#microphone.openMicrophone();
    await this.#telephone.ready(this.#account);
  }

  /** Sound for this call. Of two of the same generation the second is only let be: rejected it would count for both. */
  ring(generation, audio) {
    if (this.#ringing.has(generation) || this.#has(generation)) {
      audio.ignore();
      return;
    }
    this.#ringing.set(generation, { audio, at: now() });
    audio.on("cancel", () => this.#ringing.delete(generation));
    this.#sort();
  }

  async join(generation) {
    this.#generation = generation;
    this.#sort();
    if (this.#joined?.audio.status() === "closed") this.#tell(this.#joined, "disconnected");
  }

  async packetsReceived(generation) {
    return this.#joined?.generation === generation ? this.#joined.packets : 0;
  }

  setMuted(isMuted) {
    this.#isMuted = isMuted;
    this.#joined?.audio.mute(isMuted);
  }

  hurry() {}

  close() {
    this.#telephone.detach(this);
    for (const { audio } of this.#ringing.values()) audio.ignore();
    this.#ringing.clear();
    this.#joined?.audio.disconnect();
    this.#joined = null;
    this.#microphone.close();
  }

  #has(generation) {
    return this.#joined?.generation === generation && this.#joined.audio.status() !== "closed";
  }

  // What is early waits for the claim's or the board's answer, some seconds; what is past is rejected.
  #sort() {
    if (!this.#generation) return;
    for (const [generation, { audio, at }] of this.#ringing) {
      const isEarly = generation > this.#generation;
      if (isEarly && now() - at < KEEP_MS) continue;
      this.#ringing.delete(generation);
      if (generation === this.#generation) this.#accept(generation, audio);
      else if (isEarly) audio.ignore();
      else audio.reject();
    }
  }

  #accept(generation, audio) {
    const joined = (this.#joined = { generation, audio, packets: 0 });
    audio.on("sample", ({ totals }) => { joined.packets = totals.packetsReceived; });
    audio.on("accept", () => this.#tell(joined, "connected"));
    audio.on("reconnected", () => this.#tell(joined, "connected"));
    audio.on("reconnecting", (error) => error?.code !== ONLY_SIGNALLING_LOST && this.#tell(joined, "disconnected"));
    audio.on("error", (error) => console.warn("telephone", error.code));
    audio.mute(this.#isMuted);
    audio.accept({ rtcConstraints: { audio: TALK } }); // the SDK ends the older one
  }

  // A sound that ends says only "disconnected": the call itself may be over, which the server learns in a moment.
  #tell(joined, state) {
    if (joined === this.#joined && joined.generation === this.#generation) this.#onState(state);
  }
}
