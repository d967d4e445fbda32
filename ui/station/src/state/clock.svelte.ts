/** The wall clock as the screens show it; ticks once a second. */
class Clock {
  /** Milliseconds since 1970. */
  now = $state(Date.now());

  /** Starts ticking; gives back what stops it. */
  start(): () => void {
    const timer = setInterval(() => {
      this.now = Date.now();
    }, 1000);
    return () => clearInterval(timer);
  }

  /** Whole seconds from an RFC 3339 instant until now, never below zero. */
  secondsSince(at: string): number {
    return Math.max(0, Math.floor((this.now - Date.parse(at)) / 1000));
  }
}

export const clock = new Clock();
