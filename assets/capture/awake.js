// Keeps the screen on while filming.

export class Awake {
  #lock = null;

  /** Asks to keep the screen on; whether it will be. */
  async ask() {
    try {
      this.#lock = await navigator.wakeLock?.request('screen');
      return true;
    } catch {
      return false;
    }
  }

  release() {
    this.#lock?.release().catch(() => {});
  }
}
