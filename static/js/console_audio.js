// Whose audio a call has, and the console's signs of life. The board's facts decide: which call, which generation.
//
// How sound travels is the carrier's: a leg, one for each call this window speaks in, which says by
// `onState("connected" | "disconnected" | "failed")` how its sound fares and has
//
//   ready()                      resolves once this window can hear and speak; rejects with a `reason` for the agent
//   join(generation)             bring this generation's sound instead of any older; asked again until it has come
//   packetsReceived(generation)  how much sound of this generation has come so far; 0 while it has not
//   setMuted(isMuted)            whether the caller is on hold
//   hurry()                      the other side may have done its part
//   close()                      drop everything; the microphone goes off
//
// Sound between two sides outlives a dead server.

import { Away, Refusal, callUrl, consoleId, farewell, post } from "./console_link.js";
import { Voice, startTicker } from "./voice.js";

const TICK_MS = 250;
const HEARTBEAT_MS = 5_000;
const MEASURE_MS = 1_000;
const BROKEN_LIMIT_MS = 3_000;
const RENEWAL_PAUSE_MS = 6_000;
const SECOND_TRY_MS = 1_000;
const LIVE = new Set(["connecting", "talking", "held", "transferring"]);
const NOTHING = { call: "", carrier: "", account: "", state: "", generation: 0 };

const now = () => performance.now();

export class CallAudio {
  #legs;
  #heartbeatUrl;
  #onBehind;
  #onProblem;
  #onTick;
  #leg = null;
  #facts = NOTHING;
  #claimed = ""; // the call whose audio is this window's
  #claiming = "";
  #heard = { generation: 0, packets: 0 };
  #reported = 0;
  #at = { beat: 0, measured: 0, broken: 0, renewed: -RENEWAL_PAUSE_MS };
  #busy = new Set();
  #stopTicker = null;

  /**
   * `legs`: by the carrier's name, how to make its leg of `{call, account, onState}`. `onBehind()`: the server knows
   * more than the board shows. `onProblem(error)`: for the agent to hear of. `onTick()`: four times a second, also in
   * a hidden window.
   */
  constructor({ legs, heartbeatUrl, onBehind, onProblem, onTick }) {
    this.#legs = legs;
    this.#heartbeatUrl = heartbeatUrl;
    this.#onBehind = onBehind;
    this.#onProblem = onProblem;
    this.#onTick = onTick;
  }

  start() {
    this.#stopTicker ??= startTicker(TICK_MS, () => this.#tick());
  }

  /** Everything ends here: another window took over. */
  stop() {
    this.#stopTicker?.();
    this.#stopTicker = null;
    this.#drop();
  }

  get #isLive() {
    return LIVE.has(this.#facts.state);
  }

  get #isOurs() {
    return this.#isLive && this.#claimed === this.#facts.call;
  }

  /**
   * Make ready to speak, claim by `claim()`, then let the board `settle()`. Whoever cannot speak must not take a call.
   */
  async answer({ call, carrier, account }, claim, settle) {
    const leg = this.#newLeg({ call, carrier, account });
    try {
      await leg.ready();
      this.#claiming = this.#claimed = call;
      const { state, generation } = await claim();
      this.#drop();
      this.#leg = leg;
      this.#take({ call, carrier, account, state, generation });
      await settle();
    } catch (error) {
      if (this.#leg !== leg) {
        if (this.#claiming) this.#claimed = "";
        leg.close();
      }
      throw error;
    } finally {
      this.#claiming = "";
    }
  }

  /** Go by the board. A live call that this window did not claim was another page's: the next tick makes it ours. */
  follow({ kind, call, carrier, account, state, generation }) {
    if (this.#claiming && (kind !== "call" || call === this.#claiming)) return; // read before the claim was known
    if (kind !== "call") {
      if (this.#facts.call) this.#leave();
      return;
    }
    const isOlder = call === this.#facts.call && Number(generation) < this.#facts.generation;
    if (!isOlder) this.#take({ call, carrier, account, state, generation: Number(generation) });
  }

  /** The other side may have done its part. */
  hurry() {
    this.#leg?.hurry();
    this.#join();
  }

  /** The page is going away. */
  sayFarewell() {
    if (this.#isLive) farewell(callUrl(this.#facts.call, "leaving"));
  }

  #newLeg({ call, carrier, account }) {
    const leg = this.#legs[carrier]({ call, account, onState: (state) => leg === this.#leg && this.#noteState(state) });
    return leg;
  }

  #take(facts) {
    if (this.#facts.call && facts.call !== this.#facts.call) this.#drop();
    this.#facts = facts;
    this.#leg ??= this.#newLeg(facts);
    this.#leg.setMuted(facts.state === "held");
    this.#join();
  }

  #leave() {
    this.#facts = NOTHING;
    this.#claimed = "";
    this.#drop();
  }

  #drop() {
    this.#leg?.close();
    this.#leg = null;
    this.#at.broken = 0;
    this.#reported = 0;
    this.#note({ generation: 0, packets: 0 });
  }

  #note(heard) {
    this.#heard = heard;
    document.body.dataset.packets = String(heard.packets);
  }

  #noteState(state) {
    if (state === "connected") this.#at.broken = 0;
    else if (state === "failed") this.#at.broken = now() - BROKEN_LIMIT_MS;
    else if (state === "disconnected") this.#at.broken ||= now();
  }

  #tick() {
    this.#measure();
    const isNewlyHeard = this.#facts.state === "connecting" && this.#packets() > 0 && this.#reported !== this.#facts.generation;
    if (isNewlyHeard || now() - this.#at.beat >= HEARTBEAT_MS) this.#beat();
    this.#join();
    const isBroken = this.#at.broken && now() - this.#at.broken >= BROKEN_LIMIT_MS;
    if (this.#isLive && (isBroken || !this.#isOurs)) this.#renew();
    this.#onTick();
  }

  #packets() {
    return this.#heard.generation === this.#facts.generation ? this.#heard.packets : 0;
  }

  #measure() {
    const isDue = this.#facts.state === "connecting" || now() - this.#at.measured >= MEASURE_MS;
    if (!this.#isLive || !this.#leg || !isDue) return;
    this.#at.measured = now();
    this.#once("measure", async () => {
      const [leg, { generation }] = [this.#leg, this.#facts];
      const packets = await leg.packetsReceived(generation);
      if (leg === this.#leg) this.#note({ generation, packets });
    });
  }

  #beat() {
    this.#once("beat", async () => {
      this.#at.beat = now();
      const { call, state, generation } = this.#facts;
      const packets = this.#packets();
      const ofCall = this.#isLive ? { call, generation, packets } : {};
      const answer = await post(this.#heartbeatUrl, { console_id: consoleId, ...ofCall });
      if (packets) this.#reported = generation;
      if (ofCall.call && (answer.state !== state || answer.generation !== generation)) this.#onBehind();
    });
  }

  #join() {
    if (this.#isOurs) this.#once("join", () => this.#leg.join(this.#facts.generation));
  }

  #renew() {
    if (now() - this.#at.renewed < RENEWAL_PAUSE_MS) return;
    this.#once("renew", async () => {
      this.#at.renewed = now();
      const { call, carrier, account } = this.#facts;
      await this.#leg.ready();
      const { state, generation } = await post(callUrl(call, "rejoin"));
      if (this.#facts.call !== call) return;
      this.#claimed = call;
      this.#at.broken = 0;
      this.#take({ call, carrier, account, state, generation });
      this.#onBehind();
    });
  }

  async #once(name, act) {
    if (this.#busy.has(name)) return;
    this.#busy.add(name);
    try {
      await act();
    } catch (error) {
      this.#judge(name, error);
    } finally {
      this.#busy.delete(name);
    }
  }

  #judge(name, error) {
    if (name === "renew") this.#at.renewed = now() - RENEWAL_PAUSE_MS + SECOND_TRY_MS;
    if (error instanceof Away || error.name === "AbortError") return; // tried again by the next tick
    if (error instanceof Refusal && error.reason !== "ConsoleReplaced") this.#onBehind();
    else if (error.reason) this.#onProblem(error);
    else {
      console.error(name, error);
      this.#at.broken ||= now();
    }
  }
}

/** Ask for the microphone at a calm moment, so that no call waits for the browser's question. Throws MicrophoneError. */
export async function tryMicrophone() {
  const voice = new Voice({});
  try {
    await voice.openMicrophone();
  } finally {
    voice.close();
  }
}
