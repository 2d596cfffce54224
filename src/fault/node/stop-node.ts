// stop-node: one process or container is asked to end, and does in an orderly way.
import type { Fault } from '../fault.ts';
import { endsNode } from './end.ts';

export const stopNode: Fault<'stop-node'> = { kind: 'stop-node', ...endsNode('stop') };
