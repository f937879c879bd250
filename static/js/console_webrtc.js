// The agent's leg of a browser call: WebRTC between the two pages. The console offers, the caller's page answers.

import { callUrl, getJson, post } from "./console_link.js";
import { Voice } from "./voice.js";

const ASK_ANSWER_MS = 1_000;

const now = () => performance.now();

export class BrowserLeg {
  #call;
  #voice;
  #offer = null; // {generation, sdp, isSent, isAnswered}
  #askedAt = 0;

  constructor({ call, iceServers, onState }) {
    this.#call = call;
    this.#voice = new Voice({ iceServers, onState });
  }

  async ready() {
    await this.#voice.openMicrophone();
  }

  // One description per generation, sent until it arrived; then the caller's answer is asked for.
  async join(generation) {
    if (this.#offer?.generation !== generation) {
      const sdp = await this.#voice.makeOffer(generation);
      this.#offer = { generation, sdp, isSent: false, isAnswered: false };
    }
    const offer = this.#offer;
    const media = `${callUrl(this.#call, "media")}/${generation}`;
    if (!offer.isSent) {
      await post(`${media}/offer`, { sdp: offer.sdp });
      offer.isSent = true;
    }
    if (offer.isAnswered || now() - this.#askedAt < ASK_ANSWER_MS) return;
    this.#askedAt = now();
    const answer = await getJson(`${media}/answer`);
    if (!answer || offer !== this.#offer) return;
    await this.#voice.acceptAnswer(generation, answer.sdp);
    offer.isAnswered = true;
  }

  async packetsReceived(generation) {
    const offer = this.#offer;
    return offer?.isAnswered && offer.generation === generation ? this.#voice.packetsReceived() : 0;
  }

  setMuted(isMuted) {
    this.#voice.setMicrophoneMuted(isMuted);
    this.#voice.setRemoteMuted(isMuted);
  }

  hurry() {
    this.#askedAt = 0;
  }

  close() {
    this.#offer = null;
    this.#voice.close();
  }
}
