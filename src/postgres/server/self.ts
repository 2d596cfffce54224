// What a server says of itself, as SQL that several questions have in them.

/**
 * `10.0.1.11:5432`: where it was reached, as it knows that itself. Behind a balancer nobody else
 * does, so that servers are told apart by it: whoever asks has to ask for the very same.
 */
export const OWN_ADDRESS = `coalesce(host(inet_server_addr()), '') || ':' ||
  coalesce(inet_server_port()::text, '')`;

/** Of one that was reached over a Unix socket. */
export const NO_ADDRESS = ':';
