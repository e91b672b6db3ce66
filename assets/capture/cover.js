// The dark cover over the page while filming: a dim clock, a dim Stop, and a touch anywhere else brightens.

import { $, put } from './elements.js';

export class Cover {
  #trouble = '';

  constructor(say, onStop) {
    put('film-dim', say('button.dim'));
    put('film-cover-stop', say('button.stop'));
    put('film-cover-hint', say('label.brighten'));
    $('film-brighten').setAttribute('aria-label', say('button.brighten'));
    $('film-dim').addEventListener('click', () => this.#set(true));
    $('film-brighten').addEventListener('click', () => this.#set(false));
    $('film-cover').addEventListener('keydown', ({ key }) => key === 'Escape' && this.#set(false));
    $('film-cover-stop').addEventListener('click', onStop);
  }

  /** Follows the film; whatever a person has to know of takes the cover away. */
  show(filming, time, trouble) {
    $('film-dim').hidden = !filming;
    put('film-cover-time', time);
    if (!filming || trouble !== this.#trouble) this.#set(false);
    this.#trouble = trouble;
  }

  #set(dark) {
    if ($('film-cover').hidden === !dark) return;
    $('film-cover').hidden = !dark;
    $('film').inert = dark;
    (dark ? $('film-brighten') : $('film-dim')).focus();
  }
}
