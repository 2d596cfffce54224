// The way of a team's own clients, as the program of the clients is told it: with the secrets in
// it, so that it stands in no file; and templates of what a team is asked.
import { withoutBrackets } from '../../base/host-port.ts';
import type { Argv } from '../fields.ts';

export type OwnWay = SqlWay | HttpWay | CommandWay;

/** To PostgreSQL itself, with statements of drill's own. */
export interface SqlWay {
  readonly by: 'sql';
  /**
   * Addresses of servers, in order, with passwords in them: each is tried until one takes writes,
   * as libpq does with `target_session_attrs=read-write`. One alone is believed to lead there.
   */
  readonly urls: readonly string[];
  /** For one server of a list to let a client in. */
  readonly connect_ms: number;
  /** With its schema: `dr_drill.orders_1f2e`. */
  readonly table: string;
  /** In SQL: how a server is asked for the timeline that it writes. */
  readonly timeline: string;
  /** Nodes by the address that each server has of itself: `10.0.1.11:5432`. */
  readonly servers: Readonly<Record<string, string>>;
}

export const METHODS = ['POST', 'PUT', 'PATCH'] as const;

/** To an endpoint of the team's: a request for each write. */
export interface HttpWay {
  readonly by: 'http';
  readonly run: string;
  readonly method: (typeof METHODS)[number];
  /** Templates, with `{run}`, `{writer}`, `{sequence}` and `{payload}`. */
  readonly url: string;
  readonly body: string;
  /** By their names, with the secrets in them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The certificates to trust; null: those that Node does. */
  readonly ca: string | null;
  /** `201`, or all that begin alike: `2xx`. What is in neither list proves nothing. */
  readonly acknowledged: readonly string[];
  readonly refused: readonly string[];
}

/** Through programs of the team's, each a line in and a line out for each write. */
export interface CommandWay {
  readonly by: 'command';
  readonly run: string;
  readonly command: Argv;
  /** So many of them live at once. */
  readonly workers: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A template with names in braces, `{run}`: what has a value is filled in, the rest stays. */
export function filledIn(
  template: string,
  values: Readonly<Record<string, string | number>>,
): string {
  return template.replaceAll(/\{(\w+)\}/g, (all, name: string) => {
    return Object.hasOwn(values, name) ? String(values[name]) : all;
  });
}

/** Whether a list of statuses has it: `2xx` takes in 201. */
export function isAmong(statuses: readonly string[], code: number): boolean {
  const text = String(code);
  return statuses.some((each) => each === text || each === `${text[0]}xx`);
}

/** Where an endpoint listens. */
export function endpointOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  const usual = protocol === 'https:' ? 443 : 80;
  return { host: withoutBrackets(hostname), port: port === '' ? usual : Number(port) };
}
