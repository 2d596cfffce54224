// The other end of `program.ts`: what a program's `main.ts` uses to answer requests and to send
// events. A program with a parent has Node's IPC channel to it; in a container it has none, and is
// told everything by its environment.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostNow } from '../clock.ts';
import { LOOK_EVERY_MS, StallWatch, type Stall } from '../stalls.ts';
import type { ProgramMessage } from './program.ts';
import { EventHistory, serveRequests } from './program-server.ts';

export type ProgramRequests = Record<string, (body: never) => unknown>;

export interface ProgramEdge {
  emit(name: string, body: unknown): void;
  /** When this program did not get to run, on CLOCK_MONOTONIC; the reply to a request `stalls`. */
  stalls(): readonly Stall[];
}

/** Body of the request `stay`; with a token a later runner can talk to the program. */
export interface StayBody {
  readonly token?: string;
}

type MakeRequests = (edge: ProgramEdge) => ProgramRequests;

const CONTROL_PORT = 9000;
/** A health check of the container looks for it; another path in `DRILL_READY_FILE`. */
const READY_FILE = '/tmp/drill-ready';

const stalls = new StallWatch(hostNow);

/** SIGINT is ignored with a parent: Ctrl-C is the runner's business. */
export function serveProgram(makeRequests: MakeRequests): void {
  stalls.look(); // what it took to load is none
  setInterval(() => stalls.look(), LOOK_EVERY_MS).unref();
  if (process.send !== undefined) serveChannel(makeRequests);
  else serveAlone(makeRequests);
}

/**
 * Answers requests by name; an error thrown by one becomes the caller's rejection. The request
 * `stay` is answered here: after it the program outlives its parent. Otherwise it exits when the
 * channel closes, since a runner that was killed cannot stop it any more. With a token in its body
 * (`StayBody`), requests and events are served on loopback from then on, for a later runner.
 */
function serveChannel(makeRequests: MakeRequests): void {
  let isStaying = false;
  let history: EventHistory | null = null;
  const send = (message: ProgramMessage) => {
    if (process.connected) process.send?.(message, () => {});
  };
  const emit = (name: string, body: unknown) => {
    send({ type: 'event', name, body });
    history?.emit(name, body);
  };
  const requests = makeRequests({ emit, stalls: () => stalls.look() });
  const stay = async (body: StayBody | null) => {
    isStaying = true;
    if (typeof body?.token !== 'string') return true;
    history = new EventHistory();
    const perform = (name: string, asked: unknown) => answer(requests, name, asked);
    const { host, port } = await serveRequests(perform, history, {
      host: '127.0.0.1',
      port: 0,
      token: body.token,
    });
    return { host, port };
  };
  process.on('SIGINT', () => {});
  process.on('disconnect', () => {
    if (!isStaying) process.exit(0);
  });
  process.on('message', (message: ProgramMessage) => {
    if (message.type !== 'request') return;
    const { id, name, body } = message;
    answer({ ...requests, stay }, name, body).then(
      (body) => send({ type: 'reply', id, body }),
      (error: Error) => send({ type: 'reply', id, error: error.message }),
    );
  });
}

async function answer(requests: ProgramRequests, name: string, body: unknown): Promise<unknown> {
  // Whoever is in another container finds out with it whether the clock is the same.
  if (name === 'clock') return { now_ms: hostNow() };
  if (name === 'stalls') return stalls.look();
  const request = Object.hasOwn(requests, name) ? requests[name] : undefined;
  if (request === undefined) throw new Error(`unknown request "${name}"`);
  return await request(body as never);
}

/**
 * `DRILL_SETTINGS` (JSON, or `@` and the path of a file with it) is the request `start`, carried
 * out at once; where `DRILL_CONTROL_TOKEN` is set, requests and events are served over HTTP on
 * `DRILL_CONTROL_PORT`. What cannot be started ends the program with exit code 1 and the reason.
 */
function serveAlone(makeRequests: MakeRequests): void {
  const { DRILL_SETTINGS: settings, DRILL_CONTROL_TOKEN: token } = process.env;
  const readyFile = process.env['DRILL_READY_FILE'] || READY_FILE;
  const history = new EventHistory();
  const emit = (name: string, body: unknown) => history.emit(name, body);
  const requests = makeRequests({ emit, stalls: () => stalls.look() });
  if (!settings && !token) return;
  process.on('SIGINT', () => process.exit(0));
  const perform = (name: string, body: unknown) => answer(requests, name, body);
  const begin = async () => {
    rmSync(readyFile, { force: true }); // of an earlier start of the same container
    if (settings) log('started', await perform('start', parseSettings(settings)));
    if (token) {
      const port = Number(process.env['DRILL_CONTROL_PORT'] || CONTROL_PORT);
      log('control', await serveRequests(perform, history, { host: '0.0.0.0', port, token }));
    }
    writeFileSync(readyFile, '');
  };
  begin().catch((error: Error) => {
    process.stderr.write(`cannot start: ${error.message}\n`);
    process.exit(1);
  });
}

function log(what: string, address: unknown): void {
  process.stdout.write(`${what} ${JSON.stringify(address)}\n`);
}

function parseSettings(settings: string): unknown {
  const text = settings.startsWith('@') ? readFileSync(settings.slice(1), 'utf8') : settings;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const problem = `DRILL_SETTINGS: expected JSON, or @ and a file with it`;
    throw new Error(`${problem} (${(error as Error).message})`, { cause: error });
  }
}
