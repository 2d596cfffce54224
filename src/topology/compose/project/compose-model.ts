// What `docker compose` makes of several files together, before anything is started.
import { driverFailure } from '../../../host/operation-failed.ts';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Variables } from '../../runtime.ts';
import { composeCommand } from './compose-command.ts';

const READ_AT_MOST_MS = 30_000;
const ANSWER_AT_MOST_BYTES = 16 * 1024 * 1024;

export interface Labelled {
  readonly labels?: Readonly<Record<string, string>>;
  /** Made by somebody else, who also removes it. */
  readonly external?: boolean;
}

export interface ComposeModel {
  readonly services?: Readonly<Record<string, ComposeService>>;
  readonly networks?: Readonly<Record<string, Labelled | null>>;
  readonly volumes?: Readonly<Record<string, Labelled | null>>;
}

interface ComposeService extends Labelled {
  readonly ports?: readonly {
    readonly host_ip?: string;
    readonly published?: string;
    readonly target: number;
  }[];
}

/** Rejects with what compose has to say against the files; its last line is the best. */
export async function readModel(
  project: { readonly name: string; readonly files: readonly string[] },
  environment: Variables,
): Promise<ComposeModel> {
  const [command = '', ...args] = composeCommand(project);
  // Of every profile: which services are started is said later.
  const env = { ...environment, COMPOSE_PROFILES: '*' };
  const options = { env, timeout: READ_AT_MOST_MS, maxBuffer: ANSWER_AT_MOST_BYTES };
  const asked = promisify(execFile)(command, [...args, 'config', '--format', 'json'], options);
  const { stdout } = await asked.catch((error: Error & { stderr?: string }) => {
    throw driverFailure(
      Object.assign(error, { message: error.stderr?.trim() || error.message }),
      command,
    );
  });
  return JSON.parse(stdout) as ComposeModel;
}
