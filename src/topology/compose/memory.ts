// The memory of a container: what the engine counts of it, and a limit that leaves little of it.
import { undoing } from '../../evidence/undo.ts';
import { lacking, type NodeMemory } from '../system/region.ts';
import type { Container } from './engine/container.ts';
import { unlessMissing, type Engine } from './engine/engine.ts';

/** Of the stated share. */
const CLOSE = 0.99;
/** What the kernel keeps for a container becomes less with its limit. */
const ROUNDS = 4;

export function memoryOf(engine: Engine, node: Container): NodeMemory {
  const { Memory: memory = 0, MemorySwap: swap = 0 } = node.facts.HostConfig;
  const inspect = () => {
    return unlessMissing(node.call(`inspect ${node.node}`, (own) => own.inspect()));
  };
  /** The last limit that was put; null: none was. */
  let put: number | null = null;
  return {
    look: async () => {
      const [used, facts] = await Promise.all([node.memory(), inspect()]);
      return { used, usual_bytes: memory, hasKilled: facts?.State.OOMKilled ?? false };
    },
    squeeze: (share) => ({
      entry: {
        undo: 'squeezed-container',
        docker: engine.address.url,
        container: node.id,
        usual: { memory, swap },
      },
      act: async () => {
        for (let round = 0; round < ROUNDS; round++) {
          const used = await node.memory();
          if (used === null) throw lacking(node.node, 'it to run', 'it dead');
          const { held_bytes, limit_bytes } = used;
          if (put !== null && held_bytes >= share * CLOSE * limit_bytes) return;
          const less = Math.ceil(held_bytes / share);
          if (less >= memory) {
            const found = `${held_bytes} of ${memory || 'any number of'} bytes in use`;
            throw lacking(node.node, 'memory that can be taken away', found);
          }
          put = less;
          await node.limit({ Memory: less, MemorySwap: less });
        }
      },
      undo: undoing(
        async () => {
          if (put === null) return [];
          const facts = await inspect();
          return facts?.HostConfig.Memory === put ? [] : [`the memory limit of ${node.node}`];
        },
        () => unlessMissing(node.limit({ Memory: memory, MemorySwap: swap })),
      ),
    }),
  };
}
