// Camera and microphone: what could be had, or why not, as one outcome.

import { idsOf } from './devices.js';

const AGAIN_MS = 1000;
const DEAF_TIMES = 3;
const SOUND = { echoCancellation: false, noiseSuppression: false, autoGainControl: true, channelCount: { ideal: 1 } };
const KEPT = ['width', 'height', 'frameRate', 'facingMode', 'resizeMode', 'sampleRate', 'sampleSize', 'channelCount',
  'echoCancellation', 'noiseSuppression', 'autoGainControl'];

/**
 * Opens the camera that was chosen, or another. Outcomes: {stream}, {problem} (nothing to film with), or
 * {problem, picture} when only the sound is missing: `picture` is the stream without it, to be filmed only when a
 * person chooses so. `ids` are the devices chosen since the page was opened.
 */
export async function openCamera(setup, withSound, ids) {
  if (!navigator.mediaDevices?.getUserMedia || typeof VideoEncoder === 'undefined'
      || typeof MediaStreamTrackProcessor === 'undefined') return { problem: 'problem.browser' };
  const before = await idsOf(setup.choice, ids);
  const opened = await open(setup, withSound, before);
  const now = await idsOf(setup.choice, ids);
  // Devices have no names before they may be used: only now can the chosen ones be found.
  if (now.camera === before.camera && now.microphone === before.microphone) return opened;
  closeCamera(opened.stream ?? opened.picture);
  return open(setup, withSound, now);
}

async function open(setup, withSound, ids) {
  const video = { ...pictureOf(setup), ...cameraOf(setup.choice, ids) };
  const both = withSound ? await ask({ video, audio: { ...SOUND, deviceId: exactly(ids.microphone) } }) : {};
  if (both.stream) return { stream: await upright(both.stream, setup) };
  const picture = await ask({ video });
  if (!picture.stream) return { problem: pictureProblem(picture.error.name) };
  await upright(picture.stream, setup);
  return withSound ? { problem: soundProblem(both.error.name), picture: picture.stream } : picture;
}

function pictureOf({ width, height, fps }) {
  return { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: fps } };
}

function cameraOf(choice, ids) {
  return ids.camera ? { deviceId: exactly(ids.camera) } : { facingMode: { ideal: choice.facing || 'environment' } };
}

function exactly(id) {
  return id ? { exact: id } : undefined;
}

/** A camera that stands upright is asked for an upright picture: it would be cut to fit a wide one. */
async function upright(stream, { width, height, fps }) {
  const [track] = stream.getVideoTracks();
  const { width: wide, height: tall } = track.getCapabilities?.() ?? {};
  if (wide?.max < tall?.max) {
    const asked = { width: { ideal: height }, height: { ideal: width }, frameRate: { ideal: fps } };
    await track.applyConstraints(asked).catch(() => {});
  }
  return stream;
}

/** Zoom is offered only to those who ask to move the camera too; who may not may still film. */
async function ask(constraints) {
  const moving = await get({ ...constraints, video: { ...constraints.video, zoom: true } });
  return moving.error?.name === 'NotAllowedError' ? get(constraints) : moving;
}

async function get(constraints) {
  try {
    return { stream: await navigator.mediaDevices.getUserMedia(constraints) };
  } catch (error) {
    return { error };
  }
}

function pictureProblem(name) {
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'problem.permission';
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'problem.noCamera' : 'problem.cameraBusy';
}

function soundProblem(name) {
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'problem.soundPermission';
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'problem.noMicrophone' : 'problem.microphoneBusy';
}

/** The same camera again, with its microphone if that is there too: asked for again and again until the signal; or null. */
export async function findAgain(setup, ids, signal) {
  const over = new Promise((resolve) => { signal.addEventListener('abort', () => resolve({}), { once: true }); });
  let deaf = 0;
  while (!signal.aborted) {
    const asked = open(setup, Boolean(ids.microphone), ids);
    const { stream, picture } = await Promise.race([asked, over]);
    if (signal.aborted) {
      asked.then((late) => closeCamera(late.stream ?? late.picture));
    } else {
      // A camera that is a little late is found alone: its sound is worth asking for again.
      if (stream ?? (picture && ++deaf === DEAF_TIMES)) return stream ?? picture;
      closeCamera(picture);
      await Promise.race([devicesChanged(), over]);
    }
  }
  return null;
}

/** Until a device comes or goes, or it is time to try again. */
function devicesChanged() {
  return new Promise((resolve) => {
    navigator.mediaDevices.addEventListener('devicechange', resolve, { once: true });
    setTimeout(resolve, AGAIN_MS);
  });
}

/** The ids of a stream's devices, {camera, microphone}; null where there is none. */
export function idsOfStream(stream) {
  const [[camera], [microphone]] = [stream.getVideoTracks(), stream.getAudioTracks()];
  return { camera: camera.getSettings().deviceId, microphone: microphone?.getSettings().deviceId ?? null };
}

/** Gives the camera and the microphone back. */
export function closeCamera(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}

/** The settings really in force, without names or ids of devices. */
export function settingsOf(stream) {
  const settings = {};
  for (const track of stream.getTracks()) {
    const found = track.getSettings();
    settings[track.kind] = Object.fromEntries(KEPT.filter((name) => name in found).map((name) => [name, found[name]]));
  }
  return settings;
}
