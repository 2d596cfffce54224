// A mail server on loopback: keeps what came, and answers as it is told to.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface Mailed {
  readonly from: string;
  readonly to: readonly string[];
  /** With its headers. */
  readonly text: string;
}

export interface MailServer {
  readonly host: string;
  readonly came: readonly Mailed[];
  readonly close: () => Promise<void>;
}

/** Without TLS, unless `options` say otherwise. */
export async function mailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const came: Mailed[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    allowInsecureAuth: true,
    onData: (stream, { envelope }, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        came.push({ from, to: envelope.rcptTo.map(({ address }) => address), text });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {}); // a client that is gone
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return {
    host: `127.0.0.1:${(listening.address() as AddressInfo).port}`,
    came,
    close: async () => await new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
