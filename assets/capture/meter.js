// How loud it is: a level from 0 to 1, read from the microphone's track without touching it.

const FLOOR_DB = -60;
const SILENT_MS = 3000;
// Two steps of 16 bits: a microphone that is on is never as quiet as this, in the quietest room.
const NOTHING = 2 / 32768;

export class Meter {
  #context = null;
  #track;
  #analyser;
  #samples;
  #heard = performance.now();

  constructor(stream) {
    [this.#track] = stream.getAudioTracks();
    if (!this.#track) return;
    this.#context = new AudioContext();
    this.#analyser = new AnalyserNode(this.#context, { fftSize: 2048 });
    this.#samples = new Float32Array(this.#analyser.fftSize);
    // Never connected to the speakers: what is filmed is not heard.
    this.#context.createMediaStreamSource(new MediaStream([this.#track])).connect(this.#analyser);
  }

  /** The level now, or null when it cannot be measured. */
  get level() {
    if (this.#context?.state !== 'running') {
      this.wake();
      this.#heard = performance.now();
      return null;
    }
    this.#analyser.getFloatTimeDomainData(this.#samples);
    if (this.#samples.some((sample) => Math.abs(sample) > NOTHING)) this.#heard = performance.now();
    const square = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    const decibels = 10 * Math.log10(square + 1e-12);
    return Math.min(1, Math.max(0, 1 - decibels / FLOOR_DB));
  }

  /** Whether a microphone is in use and nothing at all comes from it. Follows `level`, which has to be read. */
  get silent() {
    if (this.#track?.readyState !== 'live') return false;
    return this.#track.muted || performance.now() - this.#heard > SILENT_MS;
  }

  /** Browsers may hold sound back until something is tapped. */
  wake() {
    if (this.#context?.state === 'suspended') this.#context.resume().catch(() => {});
  }

  close() {
    this.#context?.close().catch(() => {});
    this.#context = null;
  }
}
