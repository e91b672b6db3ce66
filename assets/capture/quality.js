// The quality record: what was delivered, encoded and dropped, and what happened when.

const MOST_EVENTS = 500;

export class Quality {
  #track;
  #counts;
  #base = null;
  #began = performance.now();
  #events = [];
  #frozen = null;

  constructor(track, counts) {
    this.#track = track;
    this.#counts = counts;
  }

  /** Seconds since the film began. */
  get seconds() {
    return (performance.now() - this.#began) / 1000;
  }

  event(name) {
    if (this.#events.length < MOST_EVENTS) this.#events.push([Math.round(this.seconds * 100) / 100, name]);
  }

  /** The film is over: frames that the camera delivers from now on are not part of it. */
  freeze() {
    this.#frozen ??= this.record;
  }

  /** The record so far. Frames before the first one that was sampled belong to the preview, not to the film. */
  get record() {
    if (this.#frozen) return { ...this.#frozen, encoded: this.#counts.encoded, events: this.#events };
    const { sampled, encoded } = this.#counts;
    const { deliveredFrames = sampled, totalFrames = sampled } = this.#track.stats ?? {};
    if (this.#base === null && sampled > 0) this.#base = { delivered: deliveredFrames - sampled, total: totalFrames - sampled };
    const delivered = this.#base ? deliveredFrames - this.#base.delivered : sampled;
    // One frame is on its way between the camera and the encoder.
    const dropped = this.#base ? Math.max(0, totalFrames - this.#base.total - sampled - 1) : 0;
    return { delivered: Math.max(delivered, sampled), encoded, dropped, events: this.#events };
  }
}
