/** Does something a few times a second while the page can be seen, and nothing while it cannot. */

const EVERY_MS = 250;

/** Calls at once, on every return to the page before it is painted, and in between. Gives the stop. */
export function whileVisible(
  act: () => void,
  page: Document = document,
  everyMs: number = EVERY_MS,
): () => void {
  let timer: ReturnType<typeof setInterval> | null = null;

  function follow(): void {
    if (page.visibilityState === "visible") {
      act();
      timer ??= setInterval(act, everyMs);
    } else if (timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  }

  follow();
  page.addEventListener("visibilitychange", follow);
  page.defaultView?.addEventListener("pageshow", follow);
  return () => {
    if (timer !== null) clearInterval(timer);
    page.removeEventListener("visibilitychange", follow);
    page.defaultView?.removeEventListener("pageshow", follow);
  };
}

/**
 * Keeps the screen from going dark in the queue, on phones that can. Asked again at every return,
 * because hiding the page releases it. Gives the stop.
 */
export function keepAwake(page: Document = document): () => void {
  const wakeLock = (navigator as Partial<Pick<Navigator, "wakeLock">>).wakeLock;
  if (!wakeLock) return () => undefined;
  const requests = wakeLock;
  let lock: WakeLockSentinel | null = null;
  let stopped = false;

  async function ask(): Promise<void> {
    if (page.visibilityState !== "visible" || stopped) return;
    try {
      lock = await requests.request("screen");
      if (stopped) await lock.release();
    } catch {
      // A low battery refuses it. The code is shown all the same.
    }
  }

  const again = () => void ask();
  again();
  page.addEventListener("visibilitychange", again);
  return () => {
    stopped = true;
    page.removeEventListener("visibilitychange", again);
    void lock?.release();
  };
}
