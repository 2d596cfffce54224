// The toxics of one proxy: read from the API's JSON, applied to every connection, shown again as
// JSON.
import { apiErrors, asFields, field, integerField, valueOf, type Fields } from './body.ts';
import { findToxicKind } from './toxic-kinds.ts';
import type { ToxicKind, ToxicSettings } from './toxic.ts';

export type Direction = 'upstream' | 'downstream';

/** A toxic of a proxy; an update changes it in place. */
export interface ActiveToxic {
  readonly name: string;
  readonly kind: ToxicKind;
  /** As the client wrote it: Toxiproxy takes any case and shows it again. */
  readonly stream: string;
  readonly direction: Direction;
  /** The share of connections that it works on, 0–1. */
  toxicity: number;
  settings: ToxicSettings;
}

export interface ToxicJson {
  readonly attributes: ToxicSettings;
  readonly name: string;
  readonly type: string;
  readonly stream: string;
  readonly toxicity: number;
}

export type ToxicChange = 'addToxic' | 'updateToxic' | 'removeToxic';

export class ToxicList {
  readonly #onChange: (change: ToxicChange, toxic: ActiveToxic) => void;
  #toxics: ActiveToxic[] = [];

  /** Every change of the list is told at once. */
  constructor(onChange: (change: ToxicChange, toxic: ActiveToxic) => void) {
    this.#onChange = onChange;
  }

  of(direction: Direction): ActiveToxic[] {
    return this.#toxics.filter((toxic) => toxic.direction === direction);
  }

  toJson(): ToxicJson[] {
    return [...this.of('upstream'), ...this.of('downstream')].map(toJson);
  }

  show(name: string): ToxicJson {
    return toJson(this.#find(name));
  }

  add(body: unknown): ToxicJson {
    const fields = asFields(body, 'the toxic');
    const stream = field<string>(fields, 'stream', 'downstream');
    const type = field<string>(fields, 'type', '');
    const name = field<string>(fields, 'name', '') || `${type}_${stream}`;
    const toxicity = field<number>(fields, 'toxicity', 1);
    const direction = parseDirection(stream);
    const kind = findToxicKind(type);
    if (kind === undefined) throw apiErrors.invalidToxicType();
    if (this.#toxics.some((toxic) => toxic.name === name)) throw apiErrors.toxicExists();
    const settings = readSettings(fields, kind.defaults);
    const toxic: ActiveToxic = { name, kind, stream, direction, toxicity, settings };
    this.#toxics.push(toxic);
    this.#onChange('addToxic', toxic);
    return toJson(toxic);
  }

  /** Settings that are left out stay as they were. */
  update(name: string, body: () => unknown): ToxicJson {
    const toxic = this.#find(name);
    const fields = asFields(body(), 'the toxic');
    const toxicity = field(fields, 'toxicity', toxic.toxicity);
    toxic.settings = readSettings(fields, toxic.settings);
    toxic.toxicity = toxicity;
    this.#onChange('updateToxic', toxic);
    return toJson(toxic);
  }

  remove(name: string): void {
    const toxic = this.#find(name);
    this.#toxics = this.#toxics.filter((other) => other !== toxic);
    this.#onChange('removeToxic', toxic);
  }

  removeAll(): void {
    for (const { name } of this.#toxics) this.remove(name);
  }

  #find(name: string): ActiveToxic {
    const toxic = this.#toxics.find((toxic) => toxic.name === name);
    if (toxic === undefined) throw apiErrors.toxicNotFound();
    return toxic;
  }
}

function parseDirection(stream: string): Direction {
  const direction = stream.toLowerCase();
  if (direction === 'upstream' || direction === 'downstream') return direction;
  throw apiErrors.invalidStream();
}

function readSettings(fields: Fields, before: ToxicSettings): ToxicSettings {
  const attributes = asFields(valueOf(fields, 'attributes'), 'attributes');
  const names = Object.keys(before);
  return Object.fromEntries(
    names.map((name) => [name, integerField(attributes, name, before[name]!)]),
  );
}

function toJson({ settings, name, kind, stream, toxicity }: ActiveToxic): ToxicJson {
  return { attributes: settings, name, type: kind.type, stream, toxicity };
}
