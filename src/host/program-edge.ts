// The other end of `program.ts`: what a program's `main.ts` uses to answer requests and to send
// events.
import type { ProgramMessage } from './program.ts';

export type ProgramRequests = Record<string, (body: never) => unknown>;

export interface ProgramEdge {
  emit(name: string, body: unknown): void;
}

/**
 * Answers requests by name; an error thrown by one becomes the caller's rejection. The request
 * `stay` is answered here: after it the program outlives its parent. Otherwise it exits when the
 * channel closes, since a runner that was killed cannot stop it any more. SIGINT is ignored: Ctrl-C
 * is the runner's business.
 */
export function serveProgram(makeRequests: (edge: ProgramEdge) => ProgramRequests): void {
  let isStaying = false;
  const send = (message: ProgramMessage) => {
    if (process.connected) process.send?.(message, () => {});
  };
  const requests = makeRequests({ emit: (name, body) => send({ type: 'event', name, body }) });
  process.on('SIGINT', () => {});
  process.on('disconnect', () => {
    if (!isStaying) process.exit(0);
  });
  process.on('message', (message: ProgramMessage) => {
    if (message.type !== 'request') return;
    const { id, name } = message;
    const answer = async () => {
      if (name === 'stay') return (isStaying = true);
      const request = requests[name];
      if (request === undefined) throw new Error(`unknown request "${name}"`);
      return await request(message.body as never);
    };
    answer().then(
      (body) => send({ type: 'reply', id, body }),
      (error: Error) => send({ type: 'reply', id, error: error.message }),
    );
  });
}
