// When in the film an encoder began: written into its fragments, because every encoder begins to count at zero.

const HEADER = 8;
const FULL_HEADER = 12;

/** Ticks per second of each track of an init segment, by the track's number. */
export function timescalesOf(init) {
  const [moov] = boxes(viewOf(init), 'moov');
  return new Map([...boxes(moov, 'trak')].map((trak) => {
    const [header] = boxes(trak, 'tkhd');
    const [media] = boxes(trak, 'mdia');
    const [mediaHeader] = boxes(media, 'mdhd');
    return [afterDates(header), afterDates(mediaHeader)];
  }));
}

/** Moves all times of a fragment's moof by `seconds`, in place. */
export function delay(moof, seconds, timescales) {
  const [fragment] = boxes(viewOf(moof), 'moof');
  for (const track of boxes(fragment, 'traf')) {
    const [header] = boxes(track, 'tfhd');
    const [time] = boxes(track, 'tfdt');
    const ticks = BigInt(Math.round(seconds * timescales.get(header.getUint32(FULL_HEADER - HEADER))));
    time.setBigUint64(4, time.getBigUint64(4) + ticks);
  }
}

function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The bodies of the boxes of one kind. */
function* boxes(view, kind) {
  let at = 0;
  while (at + HEADER <= view.byteLength) {
    const size = view.getUint32(at);
    const name = String.fromCharCode(...[4, 5, 6, 7].map((place) => view.getUint8(at + place)));
    if (name === kind) yield new DataView(view.buffer, view.byteOffset + at + HEADER, size - HEADER);
    at += size;
  }
}

/** What tkhd and mdhd have in common: after version, flags and two dates, the number that is looked for. */
function afterDates(view) {
  return view.getUint32(view.getUint8(0) === 1 ? 20 : 12);
}
