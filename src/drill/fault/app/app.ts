// What the faults on one app instance have in common: which node it can be, and what becomes of
// service.
import type { Surroundings } from '../fault.ts';
import { effectOnNode, nodeSetting, ON_NODE } from '../node/node.ts';

interface OnApp {
  readonly node: string;
}

export const ON_APP = {
  target: 'node' as const,
  planned: ON_NODE.planned,
  holds: ({ node }: OnApp) => node,
  needs: () => ['disturb-app'] as const,
  /** Health checks ask whether it is ready, which it is. */
  effect: (planned: OnApp, around: Surroundings) => effectOnNode(planned, around, null),
  problems: ({ node }: OnApp) => {
    if (/\/app-\d+$/.test(node)) return [];
    return [{ key: 'node', message: `expected an app instance such as east/app-1, got ${node}` }];
  },
};

export const appSetting = nodeSetting.describe(
  'The app instance that it happens to: `east/app-1`. Its health checks go on to answer.',
);
