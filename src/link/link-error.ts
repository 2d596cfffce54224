// What went wrong between drill and the proxy server, in words that a user can act on.

export interface LinkProblem {
  /** What was asked: `POST /proxies/east-west.postgres`, `restore link east-west`. */
  readonly asked: string;
  /** HTTP status of the server's answer; null when there was none. */
  readonly status: number | null;
  /** The server's own words, or why there was no answer. */
  readonly reason: string;
}

export class LinkError extends Error {
  readonly asked: string;
  readonly status: number | null;
  readonly reason: string;

  constructor({ asked, status, reason }: LinkProblem, options?: ErrorOptions) {
    const answered = status === null ? '' : ` (status ${status})`;
    super(`${asked}: ${reason}${answered}`, options);
    this.name = 'LinkError';
    this.asked = asked;
    this.status = status;
    this.reason = reason;
  }
}
