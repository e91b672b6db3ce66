// Cameras and microphones by name: what there is, what was chosen, and what is used instead.

const FACINGS = ['user', 'environment'];
const HARDWARE_NUMBER = / \([0-9a-f]{4}:[0-9a-f]{4}\)$/i;
const LONGEST_NAME = 200;

/** What there is to choose from: {cameras, microphones}, each {id, label, facing}. Nameless before permission. */
export async function listDevices() {
  const found = await navigator.mediaDevices.enumerateDevices();
  const real = found.filter(({ label, deviceId }) => label && deviceId !== 'default' && deviceId !== 'communications');
  return {
    cameras: real.filter(({ kind }) => kind === 'videoinput').map(known),
    microphones: real.filter(({ kind }) => kind === 'audioinput').map(known),
  };
}

function known(device) {
  const capabilities = device.kind === 'videoinput' ? device.getCapabilities?.() : {};
  const facing = capabilities?.facingMode?.[0];
  return { id: device.deviceId, label: nameOf(device), facing: FACINGS.includes(facing) ? facing : '' };
}

/** A device's name as the server takes it: short, and of visible characters. */
export function nameOf({ label }) {
  return label.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, ' ').slice(0, LONGEST_NAME);
}

/** The name without the number that means something to a computer only. */
export function shortName(label) {
  return label.replace(HARDWARE_NUMBER, '');
}

/** The ids, for this start of the browser, of the devices that were chosen; absent where one is not here. */
export async function idsOf(choice, ids) {
  const { cameras, microphones } = await listDevices();
  return { camera: idOf(cameras, choice.camera, ids.camera), microphone: idOf(microphones, choice.microphone, ids.microphone) };
}

// Two devices may have one name: the id is better as long as it is known.
function idOf(devices, label, id) {
  const same = devices.filter((device) => label && device.label === label);
  return (same.find((device) => device.id === id) ?? same[0])?.id;
}

/** Notices for each device of the choice that another one stands in for. */
export function standIns(choice, stream) {
  const [camera] = stream.getVideoTracks();
  const [microphone] = stream.getAudioTracks();
  const notices = [];
  if (choice.camera && nameOf(camera) !== choice.camera) {
    notices.push({ key: 'notice.otherCamera', places: { name: shortName(camera.label) } });
  }
  if (choice.microphone && microphone && nameOf(microphone) !== choice.microphone) {
    notices.push({ key: 'notice.otherMicrophone', places: { name: shortName(microphone.label) } });
  }
  return notices;
}
