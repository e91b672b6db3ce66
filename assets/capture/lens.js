// Zoom and light of a camera that has them: what it can do, and the controls for it.

import { $, put } from './elements.js';

const STEPS = 10;

export class Lens {
  #say;
  #track = null;
  #zoom = null;
  #light = false;
  #wishes = {};
  #wanted = null;
  #zooming = false;

  constructor(say) {
    this.#say = say;
    $('film-zoom').setAttribute('aria-label', say('label.zoom'));
    $('film-zoom-in').setAttribute('aria-label', say('button.zoomIn'));
    $('film-zoom-out').setAttribute('aria-label', say('button.zoomOut'));
    $('film-zoom').addEventListener('input', () => this.#zoomTo(Number($('film-zoom').value)));
    $('film-zoom-in').addEventListener('click', () => this.#zoomBy(1));
    $('film-zoom-out').addEventListener('click', () => this.#zoomBy(-1));
    $('film-light').addEventListener('click', () => this.#turn(!this.#light));
    // Some cameras tell what they can do only when the first picture is there.
    $('film-preview').addEventListener('loadeddata', () => this.use(this.#track));
  }

  /** Shows what this camera's track offers; null for no camera. */
  use(track) {
    if (track !== this.#track) this.#begin();
    this.#track = track;
    const can = track?.readyState === 'live' ? track.getCapabilities?.() ?? {} : {};
    this.#zoom = can.zoom?.max > can.zoom?.min ? can.zoom : null;
    $('film-zooming').hidden = this.#zoom === null;
    $('film-light').hidden = can.torch !== true;
    $('film-lens').hidden = $('film-zooming').hidden && $('film-light').hidden;
    this.#showZoom();
    this.#showLight();
  }

  #begin() {
    this.#light = false;
    this.#wishes = {};
    this.#wanted = null;
  }

  #zoomBy(steps) {
    const { min, max } = this.#zoom;
    this.#zoomTo((this.#wanted ?? this.#now) + (steps * (max - min)) / STEPS);
  }

  get #now() {
    return this.#track.getSettings().zoom ?? this.#zoom.min;
  }

  /** Only the newest wish counts while the camera is still moving. */
  async #zoomTo(value) {
    const { min, max } = this.#zoom;
    this.#wanted = Math.min(max, Math.max(min, value));
    if (this.#zooming) return;
    this.#zooming = true;
    while (this.#wanted !== null && this.#zoom) {
      const zoom = this.#wanted;
      await this.#set({ zoom });
      if (this.#wanted === zoom) this.#wanted = null;
    }
    this.#zooming = false;
    this.#showZoom();
  }

  #showZoom() {
    if (!this.#zoom || this.#zooming) return;
    const { min, max, step } = this.#zoom;
    const value = this.#now;
    Object.assign($('film-zoom'), { min, max, step: step || 'any', value });
    const times = min > 0 ? `${(value / min).toFixed(1)}×` : `${Math.round((100 * (value - min)) / (max - min))}%`;
    $('film-zoom').setAttribute('aria-valuetext', times);
    put('film-zoom-value', times);
    $('film-zoom-out').disabled = value <= min;
    $('film-zoom-in').disabled = value >= max;
  }

  async #turn(torch) {
    if (await this.#set({ torch })) this.#light = torch;
    this.#showLight();
  }

  #showLight() {
    put('film-light', this.#say(this.#light ? 'button.lightOff' : 'button.lightOn'));
    $('film-light').dataset.on = String(this.#light);
  }

  // What is not asked for again may be given up: light and zoom are asked for together.
  async #set(wish) {
    Object.assign(this.#wishes, wish);
    const advanced = Object.entries(this.#wishes).map(([name, value]) => ({ [name]: value }));
    try {
      await this.#track.applyConstraints({ advanced });
      return true;
    } catch {
      return false;
    }
  }
}
