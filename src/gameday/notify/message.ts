// From what happened to the message of it. Its id follows from what happened, so that whoever takes
// a game day up again makes no second message of the same.
import { masked } from '../../base/masked.ts';
import type { Message } from '../../evidence/message-form.ts';
import { slugOf } from '../../archive/run-directory.ts';
import { rolesOf } from '../day/day.ts';
import type { Happening } from '../day/happening.ts';
import type { GameDayRead } from '../read.ts';
import { wordsOf, type Said } from './words.ts';

/** A message of more is one with fewer words. */
const MESSAGE_BYTES = 64 * 1024;

/** With no secret of the file in it. */
export function messageOf(happening: Happening, secrets: readonly string[], at_ms: number) {
  const { event, record } = happening;
  const { name, file, due_at, began_at, ended_at, roles, stop, verdict, drills } = record;
  const isOfDrill = 'drill' in happening;
  const said: Said = {
    event,
    at: new Date(at_ms).toISOString(),
    gameday: { name, file, id: record.id, due_at, began_at, ended_at, roles, stop, verdict },
    drill: isOfDrill ? { name: happening.drill.name, detail: happening.detail } : null,
    drills: drills.map(({ name, file, state, outcome }) => ({ name, file, state, outcome })),
  };
  const of = isOfDrill ? happening.drill.series : record.id;
  return finished(`${of}-${event}`, said, secrets);
}

/** About a file, and no game day of its own. */
export interface FileHappening {
  readonly event: 'unclean' | 'stale' | 'test';
  /** Tells it from others of its kind. */
  readonly key: string;
  readonly drill: Message['drill'];
}

export function messageOfFile(
  { event, key, drill }: FileHappening,
  { file, gameday }: GameDayRead,
  at_ms: number,
): Message {
  const { name, secrets } = gameday;
  const said: Said = {
    event,
    at: new Date(at_ms).toISOString(),
    gameday: { name, file, ...NO_DAY, roles: rolesOf(gameday) },
    drill,
    drills: [],
  };
  return finished(`${slugOf(name)}-${key}-${event}`, said, secrets);
}

const NO_DAY = {
  id: null,
  due_at: null,
  began_at: null,
  ended_at: null,
  stop: null,
  verdict: null,
} as const;

function finished(id: string, said: Said, secrets: readonly string[]): Message {
  // Before anything is cut: of half a secret nobody would know that it is one.
  const shown = withoutSecrets(said, secrets);
  const whole = { schema: 'drill.message/1', id, ...shown, text: wordsOf(shown) } as const;
  return isShort(whole) ? whole : shortened(whole);
}

function withoutSecrets(said: Said, secrets: readonly string[]): Said {
  const text = JSON.stringify(said, (_, value: unknown) =>
    typeof value === 'string' ? masked(value, secrets) : value,
  );
  return JSON.parse(text) as Said;
}

function isShort(message: Message): boolean {
  return Buffer.byteLength(JSON.stringify(message)) <= MESSAGE_BYTES;
}

/** Without what the record says as well. */
function shortened(message: Message): Message {
  const drills = message.drills.map((drill) => {
    const { outcome } = drill;
    return { ...drill, outcome: outcome && { ...outcome, reasons: [], gates: [] } };
  });
  return { ...message, drills, text: message.text.slice(0, 4_000) };
}
