import { CommandFailed } from "../platform";
import type { Hook, Programs } from "../views";

const hook = (id: string, url: string, change: Partial<Hook> = {}): Hook => ({
  id,
  url,
  waiting: 0,
  trouble: null,
  status: null,
  givenUp: 0,
  ...change,
});

const TOLD = [
  hook("a1", "https://pms.rongcheng-hotel.example/hooks/yanma"),
  hook("b2", "http://192.168.10.20:8080/desk-events", { trouble: "unreachable", waiting: 17 }),
  hook("c3", "https://his.example/yanma", { trouble: "status", status: 503, waiting: 4, givenUp: 2 }),
];

/** What a desk without an engine has for other programs; `?programs=on` has some already. */
export class DemoPrograms {
  #programs: Programs;

  constructor(wish: string | null) {
    const on = wish !== null;
    this.#programs = {
      on,
      port: 8790,
      hasToken: on,
      state: wish === "port" ? "port" : on ? "on" : "off",
      hooks: on ? TOLD : [],
    };
  }

  get now(): Programs {
    return this.#programs;
  }

  save(on: boolean, port: number): Programs {
    const state = !on ? "off" : this.#programs.hasToken ? "on" : "noToken";
    return (this.#programs = { ...this.#programs, on, port, state });
  }

  token(): string {
    this.#programs = { ...this.#programs, hasToken: true, state: this.#programs.on ? "on" : "off" };
    return "yanma-desk-mW1x4kq0Zt6oYb3cVn8sLdJp5RfGhEaUi2wKQy7TzHM";
  }

  add(url: string): string {
    if (!/^https:|^http:\/\/(127\.|192\.168\.|10\.|localhost)/.test(url)) {
      throw new CommandFailed({ kind: "badField", detail: { field: "url", reason: "not https" } });
    }
    const hooks = [...this.#programs.hooks, hook(String(this.#programs.hooks.length), url)];
    this.#programs = { ...this.#programs, hooks };
    return "whsec_bWFkZSBmb3IgdGhlIHBpY3R1cmVzIG9mIHNjcmVlbnM=";
  }

  remove(id: string): Programs {
    const hooks = this.#programs.hooks.filter((one) => one.id !== id);
    return (this.#programs = { ...this.#programs, hooks });
  }
}
