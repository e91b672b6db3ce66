// The panel in which camera and microphone are chosen: large lines, one of each kind ticked.

import { shortName } from './devices.js';
import { $, put } from './elements.js';

const FACING_WORDS = { user: 'label.frontCamera', environment: 'label.backCamera' };

export class Choices {
  #say;
  #devices = { cameras: [], microphones: [] };

  /** Calls `on.camera(device)` and `on.microphone(device)`; the device is null for the tablet's own choice. */
  constructor(say, on) {
    this.#say = say;
    put('film-choose', say('button.choose'));
    put('film-choices-done', say('button.done'));
    put('film-cameras-label', say('label.camera'));
    put('film-microphones-label', say('label.microphone'));
    $('film-choose').addEventListener('click', () => this.open(true));
    $('film-choices-done').addEventListener('click', () => this.open(false));
    $('film-choices').addEventListener('keydown', ({ key }) => key === 'Escape' && this.open(false));
    $('film-cameras').addEventListener('change', ({ target }) => on.camera(this.#devices.cameras[target.value]));
    $('film-microphones').addEventListener('change', ({ target }) => on.microphone(this.#devices.microphones[target.value] ?? null));
  }

  /** Opens or closes the panel; only ever open before a film. */
  open(open) {
    if (document.body.dataset.choosing === String(open)) return;
    document.body.dataset.choosing = String(open);
    $('film-choices').hidden = !open;
    if (open) $('film-choices').querySelector('input:checked')?.focus();
    else $('film-choose').focus();
  }

  /** Shows what there is; `used` says the ids of what is in use, {camera, microphone}. */
  show(devices, used) {
    this.#devices = devices;
    const { cameras, microphones } = devices;
    $('film-choose').hidden = !cameras.length;
    list('film-cameras', cameras.map((camera, place) => [place, this.#cameraName(camera), camera.id === used.camera]));
    const own = ['own', this.#say('label.tabletsMicrophone'), !microphones.some(({ id }) => id === used.microphone)];
    list('film-microphones', [own, ...microphones.map(({ id, label }, place) => [place, shortName(label), id === used.microphone])]);
  }

  #cameraName({ facing, label }) {
    const alike = this.#devices.cameras.filter((camera) => camera.facing === facing);
    return facing && alike.length === 1 ? this.#say(FACING_WORDS[facing]) : shortName(label);
  }
}

function list(id, rows) {
  const held = $(id).contains(document.activeElement);
  $(id).replaceChildren(...rows.map(([value, text, checked]) => line(id, value, text, checked)));
  if (held) $(id).querySelector('input:checked')?.focus();
}

function line(name, value, text, checked) {
  const label = document.createElement('label');
  const input = Object.assign(document.createElement('input'), { type: 'radio', name, value, checked });
  const words = Object.assign(document.createElement('bdi'), { textContent: text });
  label.append(input, words);
  return label;
}
