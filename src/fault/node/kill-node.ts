// kill-node: one process or container dies at once. Its siblings and the links live on.
import type { Fault } from '../fault.ts';
import { endsNode } from './end.ts';

export const killNode: Fault<'kill-node'> = { kind: 'kill-node', ...endsNode('kill') };
