"""Makes real.mp4 again: 5 s of a fake camera and tone, filmed by mediabunny in Chromium as the app films.

The camera's picture k carries the number k (mod 256) as eight black or white cells in its top row. Run by
hand: `python tests/loopback/films/make.py`; the result differs a little each time, as a real film does.
"""

import asyncio
import base64
import functools
import http.server
import math
import struct
import tempfile
import threading
import wave
from pathlib import Path

from playwright.async_api import async_playwright

HERE = Path(__file__).parent
ASSETS = HERE.parents[2] / "assets"
WIDTH, HEIGHT, RATE, SECONDS = 320, 180, 25, 12
CELL = 40

PAGE = """
<!doctype html><script type=module>
import * as mb from '/vendor/mediabunny/mediabunny.min.mjs';
window.film = async (seconds) => {
  const stream = await navigator.mediaDevices.getUserMedia(
    {video: {width: 320, height: 180, frameRate: 25}, audio: {channelCount: 1, sampleRate: 48000}});
  const target = new mb.BufferTarget();
  const output = new mb.Output(
    {format: new mb.Mp4OutputFormat({fastStart: 'fragmented', minimumFragmentDuration: 0.5}), target});
  const video = new mb.MediaStreamVideoTrackSource(
    stream.getVideoTracks()[0], {codec: 'avc', bitrate: 150000, keyFrameInterval: 0.5}, {frameRate: null});
  const audio = new mb.MediaStreamAudioTrackSource(
    stream.getAudioTracks()[0], {codec: 'opus', bitrate: 32000});
  output.addVideoTrack(video); output.addAudioTrack(audio);
  await output.start();
  await new Promise(done => setTimeout(done, seconds * 1000));
  await output.finalize();
  let text = ''; for (const byte of new Uint8Array(target.buffer)) text += String.fromCharCode(byte);
  return btoa(text);
};
</script>"""


def camera(path: Path) -> None:
    """A y4m whose pictures are numbered."""
    chroma = bytes([128]) * (WIDTH * HEIGHT // 2)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420mpeg2\n".encode())
        for number in range(RATE * SECONDS):
            bits = b"".join(bytes([235 if number >> bit & 1 else 16]) * CELL for bit in range(8))
            file.write(b"FRAME\n" + bits * CELL + bytes([126]) * (WIDTH * (HEIGHT - CELL)) + chroma)


def tone(path: Path) -> None:
    """A wav of 440 Hz."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        beat = (int(8000 * math.sin(2 * math.pi * 440 * k / 48000)) for k in range(48000 * SECONDS))
        file.writeframes(b"".join(struct.pack("<h", value) for value in beat))


async def film(port: int, folder: Path, seconds: float) -> bytes:
    """What the browser makes of them."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[
                "--no-sandbox",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-video-capture={folder / 'camera.y4m'}",
                f"--use-file-for-fake-audio-capture={folder / 'tone.wav'}",
            ],
        )
        page = await browser.new_page()
        await page.goto(f"http://127.0.0.1:{port}/page.html")
        await page.wait_for_function("window.film")
        text = await page.evaluate(f"window.film({seconds})")
        await browser.close()
        return base64.b64decode(text)


class _Pages(http.server.SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path != "/page.html":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE.encode())


def main() -> None:
    handler = functools.partial(_Pages, directory=str(ASSETS))
    with (
        tempfile.TemporaryDirectory() as name,
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        folder = Path(name)
        camera(folder / "camera.y4m")
        tone(folder / "tone.wav")
        data = asyncio.run(film(server.server_address[1], folder, 5))
        server.shutdown()
    (HERE / "real.mp4").write_bytes(data)


if __name__ == "__main__":
    main()
