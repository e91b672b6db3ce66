// The camera page: prepares the camera, and turns one button into a film.

import { closeCamera, openCamera } from './camera.js';
import { chooseCodecs } from './encoder.js';
import { Film } from './film.js';
import { Meter } from './meter.js';
import { fetchSetup, token } from './setup.js';
import { View } from './view.js';
import { speak, wordsFrom } from './words.js';

const LEVEL_MS = 100;

class Page {
  #setup;
  #view;
  #state = { phase: 'starting' };
  #stream = null;
  #codecs = null;
  #meter = null;
  #film = null;

  constructor(setup) {
    this.#setup = setup;
    this.#view = new View(wordsFrom(setup.words), setup);
    this.#view.onRecord(() => this.#recordOrStop());
    this.#view.onRetry(() => this.prepare(true));
    this.#view.onWithoutSound(() => this.prepare(false));
    addEventListener('beforeunload', (event) => this.#film?.unsaved && event.preventDefault());
    setInterval(() => this.#view.level(this.#meter?.level ?? null), LEVEL_MS);
  }

  /** Opens the camera and comes to rest in "ready", or in a problem with a way on. */
  async prepare(withSound) {
    this.#show({ phase: 'starting' });
    this.#use(null);
    if (!await theOnlyPage()) return this.#problem('problem.otherTab');
    const opened = await openCamera(this.#setup, withSound);
    this.#use(opened.stream ?? opened.picture ?? null);
    if (opened.problem) return this.#problem(opened.problem, Boolean(opened.picture));
    this.#codecs = await chooseCodecs(this.#setup);
    if (!this.#codecs.video) return this.#problem('problem.noEncoder');
    if (withSound && !this.#codecs.audio) return this.#problem('problem.noSoundEncoder', true);
    this.#show({ phase: 'ready', notices: withSound ? [] : [{ key: 'notice.noSound', places: {} }] });
  }

  #use(stream) {
    if (this.#stream !== stream) closeCamera(this.#stream);
    this.#meter?.close();
    this.#meter = stream && new Meter(stream);
    this.#stream = stream;
    this.#view.preview(stream);
    stream?.getTracks().forEach((track) => track.addEventListener('ended', () => this.#endedEarly(stream)));
  }

  #endedEarly(stream) {
    if (stream === this.#stream && this.#state.phase === 'ready') this.#problem('problem.cameraBusy');
  }

  #problem(key, canGoWithoutSound = false) {
    this.#show({ phase: 'problem', failure: { keys: [key], places: {}, retry: true }, canGoWithoutSound });
  }

  #show(state) {
    this.#state = state;
    this.#view.show(state);
  }

  #recordOrStop() {
    this.#meter?.wake();
    if (this.#state.phase === 'filming') this.#film.stop();
    if (this.#state.phase !== 'ready') return;
    this.#film = new Film(this.#setup, token, this.#stream, this.#codecs, (film) => this.#show(film));
    this.#show(this.#film);
    this.#film.start();
  }
}

const LOCK_PATIENCE = 2000; // ms; the browser lets a page that was closed go only after a while
let lockHeld = null;

/** Whether this is the only page that films; the lock is kept until the page goes. */
function theOnlyPage() {
  lockHeld ??= new Promise((resolve) => {
    const holdForEver = () => {
      resolve(true);
      return new Promise(() => {});
    };
    const options = { signal: AbortSignal.timeout(LOCK_PATIENCE) };
    navigator.locks.request('vigfield-camera', options, holdForEver).catch(() => {
      lockHeld = null;
      resolve(false);
    });
  });
  return lockHeld;
}

const setup = await fetchSetup();
if (setup) {
  speak(setup.locale);
  await new Page(setup).prepare(true);
} else {
  View.withoutWords();
}
