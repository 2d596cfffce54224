// Times the yardstick of a whole run, `bare-script.js`, on the template and the servers that drill
// itself would take.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ORDERS_SCHEMA } from '../src/app/protocol.ts';
import { hostNow } from '../src/host/clock.ts';
import { findProgram } from '../src/host/files.ts';
import { locatePostgres } from '../src/postgres/server/binaries.ts';
import { cacheDirectory } from '../src/postgres/server/cache.ts';
import { databaseIdentity, ownerOf } from '../src/postgres/server/identity.ts';
import { ensureTemplate } from '../src/postgres/server/template.ts';

const SCRIPT = fileURLToPath(new URL('bare-script.js', import.meta.url));

/** `checkout` is the folder whose built programs it starts; resolves to what takes its time. */
export async function prepareBare(checkout: string): Promise<() => number> {
  const environment = { ...process.env };
  const identity = databaseIdentity();
  const binaries = await locatePostgres(environment, identity);
  const { data, password } = await ensureTemplate({
    binaries,
    identity,
    cache: cacheDirectory(environment, identity),
    environment,
    signal: new AbortController().signal,
    onFirstRun: async () => {},
  });
  const settings = JSON.stringify({
    dist: join(checkout, 'dist'),
    bin: binaries.bin,
    data,
    password,
    owner: ownerOf(identity),
    toxiproxy: findProgram('toxiproxy-server', environment['PATH']),
    schema: ORDERS_SCHEMA,
  });
  return () => {
    const began = hostNow();
    const ended = spawnSync(process.execPath, [SCRIPT, settings], { encoding: 'utf8' });
    if (ended.status !== 0) throw new Error(`the bare script failed: ${ended.stderr}`);
    return hostNow() - began;
  };
}
