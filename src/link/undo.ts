// Ends disturbances of links whose runner was killed, by the names of their toxics alone. Those
// names are no others', so that it does no harm where another proxy server has the port by now.
import type { UndoKind } from '../evidence/undo.ts';
import { connectClient } from './client.ts';
import { LinkError, type Toxics } from './links.ts';

const NOT_FOUND = 404;

export const toxicsUndo: UndoKind<Toxics> = {
  undo: 'toxics',
  describe: ({ toxics }) => `toxics ${toxics.join(', ')}`,
  perform: ({ url, toxics }) => removeToxics(url, toxics),
};

/** Resolves to what could not be undone, in words; nothing where the server is gone. */
async function removeToxics(url: string, names: readonly string[]): Promise<string[]> {
  const client = connectClient(url);
  try {
    await client.version();
    for (const { name, toxics } of (await client.proxies()).values()) {
      for (const toxic of toxics.filter((each) => names.includes(each.name))) {
        await client.removeToxic(name, toxic.name).catch(unlessGone);
      }
    }
    return [];
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    return isThere(error) ? [error.message] : [];
  }
}

function unlessGone(error: unknown): void {
  if (!(error instanceof LinkError && error.status === NOT_FOUND)) throw error;
}

/** Whether a proxy server is there: nothing else refuses, or answers without its version. */
function isThere({ status, cause }: LinkError): boolean {
  return status === null && (cause as NodeJS.ErrnoException | null)?.code !== 'ECONNREFUSED';
}
