// Pictures the right way up: some cameras only note beside a frame how it is turned, and the encoder loses the note.

/** A sample as it is, or drawn the right way up when its frame is turned or mirrored. */
export function upright(sample) {
  const frame = sample.toVideoFrame();
  try {
    return frame.rotation || frame.flip ? drawn(frame) : sample;
  } finally {
    frame.close();
  }
}

function drawn(frame) {
  const canvas = new OffscreenCanvas(frame.displayWidth, frame.displayHeight);
  canvas.getContext('2d').drawImage(frame, 0, 0);
  return canvas;
}
