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

  /** Sound for this call: kept until its generation is wanted, rejected once that is past or there already. */
  ring(generation, audio) {
    const isPast = !(generation >= Math.max(this.#generation, 1));
    if (isPast || this.#ringing.has(generation) || this.#has(generation)) {
      audio.reject();
      return;
    }
    this.#ringing.set(generation, { audio, at: now() });
    audio.on("cancel", () => this.#ringing.get(generation)?.audio === audio && this.#ringing.delete(generation));
    if (generation === this.#generation) this.#accept(generation);
  }

  async join(generation) {
    this.#generation = generation;
    for (const [each, { audio, at }] of this.#ringing) {
      if (each < generation) this.#ringing.delete(each), audio.reject();
      else if (each > generation && now() - at > KEEP_MS) this.#ringing.delete(each), audio.ignore();
    }
    if (this.#ringing.has(generation)) this.#accept(generation);
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

  #accept(generation) {
    const { audio } = this.#ringing.get(generation);
    this.#ringing.delete(generation);
    const [older, joined] = [this.#joined, { generation, audio, packets: 0 }];
    this.#joined = joined;
    audio.on("sample", ({ totals }) => { joined.packets = totals.packetsReceived; });
    audio.on("accept", () => this.#tell(joined, "connected"));
    audio.on("reconnected", () => this.#tell(joined, "connected"));
    audio.on("reconnecting", (error) => error?.code !== ONLY_SIGNALLING_LOST && this.#tell(joined, "disconnected"));
    audio.on("error", (error) => console.warn("telephone", error.code));
    older?.audio.disconnect();
    audio.mute(this.#isMuted);
    audio.accept({ rtcConstraints: { audio: TALK } });
  }

  // A sound that ends says only "disconnected": the call itself may be over, which the server learns in a moment.
  #tell(joined, state) {
    if (joined === this.#joined && joined.generation === this.#generation) this.#onState(state);
  }
}
