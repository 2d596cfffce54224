// drill where names lead elsewhere than on this machine: in a mount namespace of its own.
import { COMMAND } from '../whole/drill-cli.ts';

/** The arguments of `unshare`; `hosts`: a file in the place of `/etc/hosts`. */
export function withHosts(hosts: string, args: readonly string[]): string[] {
  const script = 'mount --bind "$0" /etc/hosts && exec "$@"';
  return ['--mount', 'sh', '-c', script, hosts, process.execPath, COMMAND, ...args];
}
