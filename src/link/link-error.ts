// What went wrong between drill and the proxy server, in words that a user can act on.
import { OperationFailed } from '../host/operation-failed.ts';

export interface LinkProblem {
  /** What was asked: `POST /proxies/east-west.postgres`, `restore link east-west`. */
  readonly asked: string;
  /** HTTP status of the server's answer; null when there was none. */
  readonly status: number | null;
  /** The server's own words, or why there was no answer. */
  readonly reason: string;
}

export class LinkError extends OperationFailed {
  readonly asked: string;
  readonly status: number | null;
  readonly reason: string;

  constructor({ asked, status, reason }: LinkProblem, options?: ErrorOptions) {
    const answered = status === null ? '' : ` (status ${status})`;
    super(
      { what: asked, expected: 'the proxy server to do it', found: reason },
      { ...options, words: `${asked}: ${reason}${answered}` },
    );
    this.name = 'LinkError';
    this.asked = asked;
    this.status = status;
    this.reason = reason;
  }
}
