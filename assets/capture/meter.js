// How loud it is: a level from 0 to 1, read from the microphone's track without touching it.

const FLOOR_DB = -60;

export class Meter {
  #context = null;
  #analyser;
  #samples;

  constructor(stream) {
    if (!stream.getAudioTracks().length) return;
    this.#context = new AudioContext();
    this.#analyser = new AnalyserNode(this.#context, { fftSize: 2048 });
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaStreamSource(new MediaStream(stream.getAudioTracks())).connect(this.#analyser);
  }

  /** The level now, or null when it cannot be measured. */
  get level() {
    if (this.#context?.state !== 'running') {
      this.wake();
      return null;
    }
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const square = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    const decibels = 10 * Math.log10(square + 1e-12);
    return Math.min(1, Math.max(0, 1 - decibels / FLOOR_DB));
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
