// The drills of `drills/attached/` of managed services, against their stand-ins: every command is
// that of the file, and only the addresses of servers are others.
import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import type { Stack } from '../stack.ts';

export interface CloudFile {
  readonly topology: {
    readonly system: {
      databases: Record<string, string>;
      readonly clients: { sql: string };
      readonly identity: { readonly is: string };
    };
  };
  readonly faults: readonly { takes_at_most: string }[];
}

export function cloudFile(name: string): CloudFile {
  const file = new URL(`../../../../drills/attached/${name}.yaml`, import.meta.url);
  return parse(readFileSync(file, 'utf8')) as CloudFile;
}

/** With the servers of the stack; `clients`: the way in before them. */
export function onStack(file: CloudFile, stack: Stack, clients: string): string {
  const { system } = file.topology;
  const urls = Object.values(stack.databases).map((text) => {
    const url = new URL(text);
    url.password = '';
    return url.href;
  });
  const nodes = Object.keys(system.databases);
  system.databases = Object.fromEntries(nodes.map((node, at) => [node, urls[at]!]));
  system.clients.sql = clients;
  return stringify(file);
}
