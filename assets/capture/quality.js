// The quality record of a film: what was delivered, encoded and dropped in all its takes, and what happened when.

const MOST_EVENTS = 500;
const COUNTS = ['delivered', 'encoded', 'dropped'];

export class Quality {
  #takes = [];
  #began = performance.now();
  #events = [];

  /** Seconds since the film began. */
  get seconds() {
    return (performance.now() - this.#began) / 1000;
  }

  add(take) {
    this.#takes.push(take);
  }

  event(name) {
    if (this.#events.length < MOST_EVENTS) this.#events.push([Math.round(this.seconds * 100) / 100, name]);
  }

  /** The record so far. */
  get record() {
    const counts = this.#takes.map((take) => take.counts);
    const sums = COUNTS.map((name) => [name, counts.reduce((sum, count) => sum + count[name], 0)]);
    return { ...Object.fromEntries(sums), events: this.#events };
  }
}
