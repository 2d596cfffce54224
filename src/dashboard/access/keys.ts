// Who may control: whoever has the token, as a header, or as a session that the token began. A
// session is a number of its own, so that no cookie holds the token.
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { isSame, makeSecret } from '../../host/secret.ts';

/** The oldest goes where there are more. */
const SESSIONS_MAX = 100;
const BEARER = /^Bearer +(\S+)$/i;

export class Keys {
  /** Null: nobody may control. */
  readonly #token: string | null;
  /** Cookies go by the name of the host alone: two dashboards of one host must not share one. */
  readonly #cookie = `drill-${makeSecret().slice(0, 8)}`;
  readonly #sessions = new Set<string>();

  constructor(token: string | null) {
    this.#token = token;
  }

  get isOpen(): boolean {
    return this.#token !== null;
  }

  holds(c: Context): boolean {
    const [, bearer] = BEARER.exec(c.req.header('authorization') ?? '') ?? [];
    if (bearer !== undefined) return this.#isToken(bearer);
    const session = getCookie(c, this.#cookie);
    return session !== undefined && [...this.#sessions].some((each) => isSame(session, each));
  }

  /** Begins a session for whoever says the token; false for all others. */
  signIn(c: Context, given: string): boolean {
    if (!this.#isToken(given)) return false;
    const session = makeSecret();
    this.#sessions.add(session);
    for (const oldest of [...this.#sessions].slice(0, -SESSIONS_MAX)) this.#sessions.delete(oldest);
    setCookie(c, this.#cookie, session, { httpOnly: true, sameSite: 'Strict', path: '/' });
    return true;
  }

  signOut(c: Context): void {
    this.#sessions.delete(getCookie(c, this.#cookie) ?? '');
    setCookie(c, this.#cookie, '', { httpOnly: true, sameSite: 'Strict', path: '/', maxAge: 0 });
  }

  #isToken(given: string): boolean {
    return this.#token !== null && isSame(given, this.#token);
  }
}
