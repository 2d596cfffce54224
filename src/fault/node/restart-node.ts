// restart-node: one node ends and is started again at once, as by an update or a reboot.
import { apply, type Fault } from '../fault.ts';
import { nodeHit } from '../nodes.ts';
import { ENDED } from './end.ts';

export const restartNode: Fault<'restart-node'> = {
  kind: 'restart-node',
  inject: async (context) => {
    const { system, clock, fault } = context;
    const { node, region, how } = fault;
    const life = await nodeHit(context).life();
    const began_ms = clock.now();
    const ending = system.region(region).end(node, how);
    await apply(context, ending);
    await ending.undo();
    const took = `${Math.round(clock.now() - began_ms)} ms`;
    const detail = `${ENDED[how]} ${node} and started it again within ${took}`;
    return { detail, life, isOver: true };
  },
  // It runs, and whoever runs it says that this is another life.
  prove: async (context) => {
    const { life: before = null } = context;
    const { node } = context.fault;
    const now = await nodeHit(context).life();
    const ok = now !== null && before !== null && now !== before;
    return [
      { name: `${node} runs again`, ok, detail: `${before ?? 'dead'}, then ${now ?? 'dead'}` },
    ];
  },
};
