// Who is told: each receiver of a game-day file by a label, which shows no secret, and by which a
// message that waits on the disk finds it again.
import type { MessageEvent } from '../../evidence/message-form.ts';
import type { Notice } from '../file/schema-notify.ts';
import type { GameDay } from '../file/schema.ts';

export interface Receiver {
  /** `webhook hooks.example.com`, `webhook hooks.example.com (2)`, `command ./tell.sh` */
  readonly label: string;
  readonly notice: Notice;
  /** No text may show them. */
  readonly secrets: readonly string[];
}

/** What came of one try. `why` is for people, in a few words. */
export type Answer =
  | { readonly kind: 'taken'; readonly why: string }
  /** It may be taken later. */
  | { readonly kind: 'failed'; readonly why: string; readonly after_ms: number | null }
  /** It will never be. */
  | { readonly kind: 'refused'; readonly why: string };

/** Where a try is made from. */
export interface Sending {
  /** Relative paths of the file start here. */
  readonly directory: string;
  /** Of commands. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface Try extends Sending {
  /** Counts from 1. */
  readonly number: number;
  readonly now_ms: number;
  /** Aborts after the time for one try, and when nothing more is sent. */
  readonly signal: AbortSignal;
  /** Takes the output of commands. */
  readonly logFile: () => string;
}

const LABEL_LENGTH = 100;
/** What is shorter stands in many a word. */
const SECRET_LENGTH = 4;

export function receiversOf({ notify, secrets }: Pick<GameDay, 'notify' | 'secrets'>): Receiver[] {
  const labels = notify.map(labelOf);
  return notify.map((notice, at) => {
    const label = labels[at]!;
    const number = labels.slice(0, at + 1).filter((each) => each === label).length;
    return {
      label: number === 1 ? label : `${label} (${number})`,
      notice,
      secrets: [...secrets, ...secretsOf(notice).filter(({ length }) => length >= SECRET_LENGTH)],
    };
  });
}

function labelOf(notice: Notice): string {
  if ('webhook' in notice) return `webhook ${new URL(notice.webhook).host}`;
  if ('email' in notice) return `email ${notice.email.join(', ')}`.slice(0, LABEL_LENGTH);
  return `command ${notice.command[0]}`.slice(0, LABEL_LENGTH);
}

function secretsOf(notice: Notice): string[] {
  if ('webhook' in notice) {
    const { pathname, search, username, password } = new URL(notice.webhook);
    const path = pathname === '/' ? [] : [pathname];
    return [notice.webhook, ...path, search, ...credentials(username, password)];
  }
  if (!('smtp' in notice)) return [];
  const { username, password } = new URL(notice.smtp);
  return [notice.smtp, ...credentials(username, password)];
}

function credentials(username: string, password: string): string[] {
  return [username, password].flatMap((each) => [each, decoded(each)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether somebody who asked for `on` wants to hear of it. A test is for everybody. */
export function isWanted(
  { on }: Pick<Notice, 'on'>,
  event: MessageEvent,
  verdict: string | null,
): boolean {
  if (event === 'test' || on.includes(event)) return true;
  return event === 'ended' && verdict !== 'pass' && on.includes('failed');
}
