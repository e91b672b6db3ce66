// Camera and microphone: what could be had, or why not, as one outcome.

const SOUND = { echoCancellation: false, noiseSuppression: false, autoGainControl: true, channelCount: { ideal: 1 } };
const KEPT = ['width', 'height', 'frameRate', 'facingMode', 'resizeMode', 'sampleRate', 'sampleSize', 'channelCount',
  'echoCancellation', 'noiseSuppression', 'autoGainControl'];

/**
 * Opens the camera. Outcomes: {stream}, {problem} (nothing to film with), or {problem, picture} when only the
 * sound is missing: `picture` is the stream without it, to be filmed only when a person chooses so.
 */
export async function openCamera(setup, withSound) {
  if (!navigator.mediaDevices?.getUserMedia || typeof VideoEncoder === 'undefined'
      || typeof MediaStreamTrackProcessor === 'undefined') return { problem: 'problem.browser' };
  const video = {
    width: { ideal: setup.width },
    height: { ideal: setup.height },
    frameRate: { ideal: setup.fps },
    facingMode: { ideal: 'environment' },
  };
  const both = withSound ? await ask({ video, audio: SOUND }) : {};
  if (both.stream) return both;
  const picture = await ask({ video });
  if (!picture.stream) return { problem: pictureProblem(picture.error.name) };
  return withSound ? { problem: soundProblem(both.error.name), picture: picture.stream } : picture;
}

async function ask(constraints) {
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
