// The configuration of a Redis server: everything that is not a default stands in one file, its
// password too, so that no command line shows it.
import { LOOPBACK } from '../host/ports.ts';

export type AppendOnly = 'no' | 'everysec' | 'always';

export interface RedisSettings {
  readonly port: number;
  readonly directory: string;
  readonly password: string;
  readonly appendonly: AppendOnly;
  /** Null for a primary. */
  readonly replicaOf: { readonly host: string; readonly port: number } | null;
}

/** Settings that change what a drill measures. */
const MEASURED = {
  'repl-timeout': '5',
  'repl-ping-replica-period': '1',
} as const;

interface Measured {
  readonly appendonly: AppendOnly;
  readonly wait: number;
  readonly wait_timeout_ms: number;
}

/** The settings that change the numbers, as results show them. */
export function measuredSettings({ appendonly, wait, wait_timeout_ms }: Measured) {
  const named = Object.entries(MEASURED).map(([name, value]) => [`redis ${name}`, `${value}s`]);
  return {
    'redis appendonly': appendonly,
    'redis wait':
      wait === 0 ? 'none' : `${wait} replica ${wait_timeout_ms}ms, none after promotion`,
    ...(Object.fromEntries(named) as Record<string, string>),
  };
}

/** The text of its configuration file. */
export function configurationOf(settings: RedisSettings): string {
  const { port, directory, password, appendonly, replicaOf } = settings;
  const lines: (readonly [string, string])[] = [
    ['bind', LOOPBACK],
    ['port', String(port)],
    ['protected-mode', 'yes'],
    ['dir', quoted(directory)],
    ['daemonize', 'no'],
    ['logfile', '""'],
    // Its title would overwrite the environment, where the run's mark stands.
    ['set-proc-title', 'no'],
    ['requirepass', password],
    ['masterauth', password],
    ['save', '""'],
    ['appendonly', appendonly === 'no' ? 'no' : 'yes'],
    ['appendfsync', appendonly === 'always' ? 'always' : 'everysec'],
    // A rewrite in the middle of a drill would be a disturbance that nobody asked for.
    ['auto-aof-rewrite-percentage', '0'],
    ['repl-diskless-sync', 'yes'],
    ['repl-diskless-sync-delay', '0'],
    ...Object.entries(MEASURED),
  ];
  if (replicaOf !== null) lines.push(['replicaof', `${replicaOf.host} ${replicaOf.port}`]);
  return lines.map(([name, value]) => `${name} ${value}\n`).join('');
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
