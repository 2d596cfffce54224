// A bare TCP connection attempt, to see from outside whether something listens.
import { connect } from 'node:net';

/** `connected`, or why not: `refused`, `no answer within … ms`, or the system's error code. */
export function connectTo(host: string, port: number, timeout_ms: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (outcome: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end(`no answer within ${timeout_ms} ms`), timeout_ms);
    socket.once('connect', () => end('connected'));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      end(error.code === 'ECONNREFUSED' ? 'refused' : (error.code ?? error.message));
    });
  });
}
