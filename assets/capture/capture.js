// The camera page: prepares the camera, and turns one button into a film.

import { closeCamera, openCamera } from './camera.js';
import { Choices } from './choices.js';
import { Cover } from './cover.js';
import { listDevices, standIns } from './devices.js';
import { chooseCodecs } from './encoder.js';
import { Film } from './film.js';
import { Lens } from './lens.js';
import { lookAtEnd } from './look.js';
import { Meter } from './meter.js';
import { fetchSetup, remember, token } from './setup.js';
import { View } from './view.js';
import { speak, wordsFrom } from './words.js';

const LEVEL_MS = 100;
const TROUBLE = ['unsaved', 'searching', 'link-lost'];

class Page {
  #setup;
  #view;
  #choices;
  #cover;
  #lens;
  #state = { phase: 'starting' };
  #stream = null;
  #codecs = null;
  #meter = null;
  #film = null;
  #turn = 0;
  #ids = {};
  #remembered = true;
  #standIns = [];
  #silent = false;
  #looked = null;

  constructor(setup) {
    const say = wordsFrom(setup.words);
    this.#setup = setup;
    this.#view = new View(say, setup);
    this.#choices = new Choices(say, {
      camera: ({ id, label, facing }) => this.#choose({ camera: id }, { camera: label, facing }),
      microphone: (device) => this.#choose({ microphone: device?.id }, { microphone: device?.label ?? '' }),
    });
    this.#cover = new Cover(say, () => this.#recordOrStop());
    this.#lens = new Lens(say);
    this.#view.onRecord(() => this.#recordOrStop());
    this.#view.onRetry(() => this.prepare(true));
    this.#view.onWithoutSound(() => this.prepare(false));
    addEventListener('beforeunload', (event) => this.#film?.unsaved && event.preventDefault());
    navigator.mediaDevices?.addEventListener('devicechange', () => this.#list());
    setInterval(() => this.#listen(), LEVEL_MS);
  }

  /** Opens the camera and comes to rest in "ready", or in a problem with a way on. */
  async prepare(withSound) {
    const turn = ++this.#turn;
    this.#show({ phase: 'starting' });
    this.#use(null);
    if (!await theOnlyPage()) return this.#problem('problem.otherTab');
    const opened = await openCamera(this.#setup, withSound, this.#ids);
    const stream = opened.stream ?? opened.picture ?? null;
    if (turn !== this.#turn) return closeCamera(stream);
    this.#use(stream);
    await this.#list();
    if (opened.problem) return this.#problem(opened.problem, Boolean(opened.picture));
    this.#codecs = await chooseCodecs(this.#setup);
    if (turn !== this.#turn) return;
    if (!this.#codecs.video) return this.#problem('problem.noEncoder');
    if (withSound && !this.#codecs.audio) return this.#problem('problem.noSoundEncoder', true);
    this.#show({ phase: 'ready', notices: withSound ? [] : [{ key: 'notice.noSound', places: {} }] });
  }

  #use(stream) {
    if (this.#stream !== stream) closeCamera(this.#stream);
    this.#meter?.close();
    this.#meter = stream && new Meter(stream);
    this.#stream = stream;
    this.#standIns = stream ? standIns(this.#setup.choice, stream) : [];
    this.#view.preview(stream);
    this.#lens.use(stream?.getVideoTracks()[0] ?? null);
    stream?.getTracks().forEach((track) => track.addEventListener('ended', () => this.#endedEarly(stream)));
  }

  async #list() {
    if (!this.#stream) return;
    const [[camera], [microphone]] = [this.#stream.getVideoTracks(), this.#stream.getAudioTracks()];
    const own = this.#setup.choice.microphone === '';
    const used = { camera: camera.getSettings().deviceId, microphone: own ? null : microphone?.getSettings().deviceId };
    this.#choices.show(await listDevices(), used);
  }

  async #choose(ids, names) {
    Object.assign(this.#ids, ids);
    this.#setup.choice = { ...this.#setup.choice, ...names };
    const remembered = remember(this.#setup.choice);
    await this.prepare(true);
    this.#remembered = await remembered;
    this.#show(this.#state);
  }

  #endedEarly(stream) {
    if (stream === this.#stream && this.#state.phase === 'ready') this.#problem('problem.cameraBusy');
  }

  #problem(key, canGoWithoutSound = false) {
    this.#show({ phase: 'problem', failure: { keys: [key], places: {}, retry: true }, canGoWithoutSound });
  }

  #show(state) {
    this.#state = state;
    if (state.stream && state.stream !== this.#stream) this.#use(state.stream);
    const standing = this.#standing();
    this.#view.show(state, standing);
    if (state.phase !== 'starting' && state.phase !== 'ready' && state.phase !== 'problem') this.#choices.open(false);
    const known = [...(state.notices ?? []), ...standing].map(({ key }) => key);
    const trouble = [TROUBLE.includes(state.health) ? state.health : '', ...known].join(' ');
    this.#cover.show(state.phase === 'filming', this.#view.time(state.seconds ?? 0), trouble);
    if (state.phase === 'saved') this.#look();
  }

  /** What the page itself has to say, beside what the film says. */
  #standing() {
    const { phase } = this.#state;
    const notices = [];
    if (phase === 'ready') notices.push(...this.#standIns);
    if (phase === 'ready' && !this.#remembered) notices.push({ key: 'notice.choiceNotKept', places: {} });
    if ((phase === 'ready' || phase === 'filming') && this.#silent) notices.push({ key: 'notice.silence', places: {} });
    if (phase === 'saved' && this.#looked === false) notices.push({ key: 'notice.notShown', places: {} });
    return notices;
  }

  #listen() {
    this.#view.level(this.#meter?.level ?? null);
    const silent = Boolean(this.#meter?.silent);
    if (silent === this.#silent) return;
    this.#silent = silent;
    this.#show(this.#state);
  }

  async #look() {
    if (this.#looked !== null) return;
    this.#looked = true;
    this.#looked = await lookAtEnd(this.#film.next);
    this.#show(this.#state);
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
