// A repository that reaches its primary through a link which the test can cut.
import { join } from 'node:path';
import type { Link } from '../../../src/link/links.ts';
import { startLinks, type StartedLinks } from '../../../src/link/start.ts';
import { Stored, type StoredOptions } from './stored.ts';

interface BehindLink {
  readonly stored: Stored;
  readonly links: StartedLinks;
  readonly link: Link;
}

export async function startBehindLink(options: StoredOptions): Promise<BehindLink> {
  let links: StartedLinks;
  let link: Link;
  const stored = await Stored.start(options, async ({ database, directory }) => {
    const logFile = join(directory, 'proxy.log');
    links = await startLinks({ environment: process.env, logFile, toxiproxyServer: null });
    link = links.links.create('east-west');
    const { host, port } = await link.addProxy('east-west.storage', database);
    return { primary: { host, port, ...database.credentials.replication } };
  });
  return { stored, links: links!, link: link! };
}
