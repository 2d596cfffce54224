// The other end of `program-server.ts`: requests to a program over HTTP, and what it says by
// itself. Used where the program is no child of this process.
import { OperationFailed } from '../operation-failed.ts';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';

/** A program did not do what it was asked. */
export class ProgramError extends OperationFailed {
  override readonly name = 'ProgramError';

  constructor(message: string, options: ErrorOptions = {}) {
    super(
      { what: 'a program', expected: 'to do what it was asked', found: message },
      { ...options, words: message },
    );
  }
}

/** What can be asked of a program, be it over Node's channel or over HTTP. */
export interface ProgramChannel {
  /** Rejects after `timeout_ms`, or when the program is gone or refuses. */
  request(name: string, body: unknown, timeout_ms?: number): Promise<unknown>;
}

export interface ProgramClient extends ProgramChannel {
  /**
   * Passes on every event of the program, the past ones first. Resolves when the stream is open;
   * `onLost` is told once when it ends without `close`.
   */
  follow(
    onEvent: (name: string, body: unknown) => void,
    onLost: (reason: string) => void,
  ): Promise<void>;
  /** That it says nothing is no loss of it: it stands still on purpose. */
  expectSilence(isExpected: boolean): void;
  close(): void;
}

export interface ProgramAddress {
  /** Shown in errors: `gslb`. */
  readonly title: string;
  readonly host: string;
  readonly port: number;
  readonly token: string;
}

const REQUEST_AT_MOST_MS = 10_000;
/** The program sends a line every second. */
const SILENT_AT_MOST_MS = 10_000;

/** Opens nothing yet. */
export function connectProgram({ title, host, port, token }: ProgramAddress): ProgramClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const authorization = `Bearer ${token}`;
  let stream: IncomingMessage | null = null;
  let isClosed = false;

  const ask = (method: string, path: string, body: string | null, signal: AbortSignal | null) => {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { authorization, 'content-type': 'application/json' };
      const options = { host, port, path, method, headers };
      // The stream of events gets a connection of its own.
      const asked = httpRequest(
        signal === null ? { ...options, agent: false } : { ...options, agent, signal },
        resolve,
      );
      asked.on('error', reject);
      asked.end(body ?? undefined);
    });
  };

  return {
    request: async (name, body, timeout_ms = REQUEST_AT_MOST_MS) => {
      const signal = AbortSignal.timeout(timeout_ms);
      let answer: { body?: unknown; error?: string };
      try {
        const text = JSON.stringify(body ?? {});
        const response = await ask('POST', `/request/${name}`, text, signal);
        answer = JSON.parse(await textOf(response)) as typeof answer;
      } catch (error) {
        const why = signal.aborted ? `no answer within ${timeout_ms} ms` : (error as Error).message;
        throw new ProgramError(`${title}: "${name}": ${why}`, { cause: error });
      }
      if (answer.error === undefined) return answer.body;
      throw new ProgramError(`${title}: ${answer.error}`);
    },
    follow: async (onEvent, onLost) => {
      const response = await ask('GET', '/events', null, null).catch((error: Error) => {
        throw new ProgramError(`${title}: /events: ${error.message}`, { cause: error });
      });
      if (response.statusCode !== 200) {
        response.destroy();
        throw new ProgramError(`${title}: /events answered ${response.statusCode}`);
      }
      stream = response;
      readEvents(response, onEvent, (reason) => {
        if (!isClosed) onLost(reason);
      });
    },
    expectSilence: (isExpected) => {
      stream?.setTimeout(isExpected ? 0 : SILENT_AT_MOST_MS);
    },
    close: () => {
      isClosed = true;
      stream?.destroy();
      agent.destroy();
    },
  };
}

function readEvents(
  response: IncomingMessage,
  onEvent: (name: string, body: unknown) => void,
  onEnd: (reason: string) => void,
): void {
  let rest = '';
  let isOver = false;
  const end = (reason: string) => {
    if (isOver) return;
    isOver = true;
    response.destroy();
    onEnd(reason);
  };
  response.setTimeout(SILENT_AT_MOST_MS, () => end(`silent for ${SILENT_AT_MOST_MS} ms`));
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines.filter(Boolean)) {
      const { name, body } = JSON.parse(line) as { name: string; body: unknown };
      onEvent(name, body);
    }
  });
  response.on('error', (error) => end(error.message));
  response.on('close', () => end('its stream of events ended'));
}
