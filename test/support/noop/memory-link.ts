// What is done to a system in memory, its links, and what somebody else ends of it.
import type { Undoable } from '../../../src/evidence/undo.ts';
import type { Link, LinkProxy, Toxic } from '../../../src/link/links.ts';

/** What is done to a system, in order; `plant` has something else happen first. */
export class Deeds {
  readonly done: string[] = [];
  /** False: what is done from now on changes nothing. */
  haveEffect = true;
  readonly #planted = new Map<string, () => unknown>();
  /** What is undone later, with what ends it. */
  readonly #lasting = new Map<string, () => void>();

  plant(deed: string, happens: () => unknown): void {
    this.#planted.set(deed, happens);
  }

  begin(deed: string, over: () => void): void {
    this.#lasting.set(deed, over);
  }

  /** Whoever ends it; false where somebody has done that before. */
  end(deed: string): boolean {
    this.#lasting.get(deed)?.();
    return this.#lasting.delete(deed);
  }

  /** As somebody else resets a proxy server, or lets go on what was stopped. */
  endAll(): void {
    for (const deed of [...this.#lasting.keys()]) this.end(deed);
  }

  /** Rejects, and is not done, where what was planted throws. */
  async do(deed: string): Promise<void> {
    await this.#planted.get(deed)?.();
    this.done.push(deed);
  }
}

export function undoable(
  deeds: Deeds,
  deed: string,
  tell: (isOn: boolean) => void = () => {},
): Undoable {
  let gone: readonly string[] | null = null;
  const act = async () => {
    await deeds.do(deed);
    if (!deeds.haveEffect) return;
    tell(true);
    deeds.begin(deed, () => tell(false));
  };
  const undo = async () => {
    await deeds.do(`end of ${deed}`);
    const isThere = deeds.end(deed);
    gone ??= isThere ? [] : [deed];
    return gone;
  };
  return { entry: { undo: 'noop', deed }, act, undo };
}

export class MemoryLink implements Link {
  readonly name: string;
  readonly proxies: LinkProxy[] = [];
  readonly #deeds: Deeds;
  #isSevered = false;
  #isSilent = false;
  #refuses = false;
  /** Each way; what is on its way then is not lost. */
  delay_ms = 0;

  constructor(name: string, deeds: Deeds) {
    this.name = name;
    this.#deeds = deeds;
  }

  async addProxy(name: string, upstream: LinkProxy['upstream']): Promise<LinkProxy> {
    const proxy = { name, host: '', port: this.proxies.length + 1, upstream };
    this.proxies.push(proxy);
    return await Promise.resolve(proxy);
  }

  delay = (): Promise<void> => this.#deeds.do(`delay ${this.name}`);

  /** What somebody else took of its delay. */
  lost: readonly string[] = [];
  lostDelay = (): Promise<readonly string[]> => Promise.resolve(this.lost);

  async sever(): Promise<void> {
    await this.#deeds.do(`sever ${this.name}`);
    if (this.#deeds.haveEffect) this.#isSevered = true;
  }

  async restore(): Promise<readonly string[]> {
    await this.#deeds.do(`restore ${this.name}`);
    const gone = this.#isSevered ? [] : [`the cut of ${this.name}`];
    this.#isSevered = false;
    return gone;
  }

  isSevered = (): Promise<boolean> => Promise.resolve(this.#isSevered);

  refuse() {
    const deed = `refuse ${this.name}`;
    const entry = { undo: 'refused', url: '', proxies: [], deed } as const;
    const tell = (isOn: boolean) => (this.#refuses = isOn);
    return { ...undoable(this.#deeds, deed, tell), entry };
  }

  /** What becomes of a request through it. */
  get state(): 'open' | 'severed' | 'silent' {
    if (this.#isSevered || this.#refuses) return 'severed';
    return this.#isSilent ? 'silent' : 'open';
  }

  disturb(toxics: readonly Toxic[]) {
    const names = toxics.map(({ name }) => name);
    const deed = `disturb ${this.name}`;
    const entry = { undo: 'toxics', url: '', toxics: names, deed } as const;
    const isSilent = toxics.some(({ type }) => type === 'timeout');
    const latency = Math.max(0, ...toxics.map(({ attributes }) => attributes['latency'] ?? 0));
    const tell = (isOn: boolean) => {
      if (isSilent) this.#isSilent = isOn;
      else this.delay_ms = isOn ? latency : 0;
    };
    return { ...undoable(this.#deeds, deed, tell), entry };
  }
}
