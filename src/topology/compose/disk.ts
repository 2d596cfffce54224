// The disk of a container where it is of a bounded size: the container that keeps it fills it, and
// makes room again.
import { undoing } from '../../evidence/undo.ts';
import { OperationFailed, unlessFailed } from '../../host/operation-failed.ts';
import { lacking, type NodeDisk } from '../system/region.ts';
import { inspectContainer, type Container } from './engine/container.ts';
import type { Engine } from './engine/engine.ts';
import { HELPER_LABEL, RUN_LABEL, SERVICE_LABEL } from './engine/labels.ts';
import { KEPT_AT, keeperOf } from './project/disks.ts';

const BALLAST = `${KEPT_AT}/drill-ballast`;
const KB = 1024;

/** Its size, what of it is free, and whether it takes so much more, in kB. */
const LOOK = `
set -- "$1" "$2" $(df -Pk "$1" | tail -n 1)
echo "$4 $6"
if dd if=/dev/zero of="$1/drill-probe" bs=1024 count="$2" 2>/dev/null; then echo taken; fi
rm -f "$1/drill-probe"`;
/** So many kB more, or as much as there is room for. */
const FILL = `head -c "$2"k /dev/zero 2>/dev/null >>"$1" || :`;

export function diskOf(engine: Engine, node: Container): NodeDisk {
  const title = `the ballast on the disk of ${node.node}`;
  let isFilled = false;
  return {
    look: async (bytes) => {
      const { state } = await node.look();
      const from = state === 'running' ? node : await keeping(engine, node);
      const at = from === node ? node.dataPath : KEPT_AT;
      return { ...(await roomAt(from, at, bytes)), by: `seen from ${from.node}` };
    },
    fill: (free) => ({
      entry: { undo: 'ballast', docker: engine.address.url, container: node.id },
      act: async () => {
        const keeper = await keeping(engine, node);
        const { size_bytes, free_bytes } = await roomAt(keeper, KEPT_AT, 0);
        // Nothing is to be free: more than there is room for.
        const more = free === 0 ? size_bytes : free_bytes - free * size_bytes;
        if (more <= 0) throw lacking(node.node, 'more room than is to stay', `${free_bytes} bytes`);
        isFilled = true;
        await keeper.run(['sh', '-c', FILL, 'fill', BALLAST, String(Math.ceil(more / KB))]);
      },
      undo: undoing(
        async () => {
          if (!isFilled) return [];
          const keeper = await keeperIn(engine, node);
          const found = keeper && (await unlessFailed(keeper.run(['test', '-s', BALLAST])));
          return found === null ? [title] : [];
        },
        () => makeRoom(engine, node),
      ),
    }),
  };
}

/** Nothing happens where its disk is kept by nobody, and so is gone. */
export async function makeRoom(engine: Engine, node: Container): Promise<void> {
  await (await keeperIn(engine, node))?.run(['rm', '-f', BALLAST]);
}

/** The disk of a container that is destroyed goes with whoever keeps it. */
export async function letGo(engine: Engine, node: Container): Promise<void> {
  await (await keeperIn(engine, node))?.remove();
}

async function keeping(engine: Engine, node: Container): Promise<Container> {
  const keeper = await keeperIn(engine, node);
  if (keeper !== null) return keeper;
  throw lacking(node.node, 'a disk of bounded size', 'none');
}

/** The container that keeps the node's disk; null: its disk is the machine's. */
async function keeperIn(engine: Engine, { node, service, facts }: Container) {
  const run = facts.Config.Labels[RUN_LABEL] ?? '';
  const labels = [
    `${RUN_LABEL}=${run}`,
    `${HELPER_LABEL}=${node}`,
    `${SERVICE_LABEL}=${keeperOf(service)}`,
  ];
  const [found] = await engine.call('list containers', (docker) =>
    docker.listContainers({ all: true, filters: { label: labels } }),
  );
  return found === undefined ? null : await inspectContainer(engine, found.Id);
}

async function roomAt(from: Container, at: string, bytes: number) {
  const said = await from.run(['sh', '-c', LOOK, 'look', at, String(Math.ceil(bytes / KB))]);
  const [, size, free] = /^(\d+) (\d+)$/m.exec(said) ?? [];
  if (size === undefined || free === undefined) {
    throw new OperationFailed({
      what: from.service,
      expected: 'the size of its disk',
      found: said,
    });
  }
  const refuses = !said.split('\n').includes('taken');
  return { size_bytes: Number(size) * KB, free_bytes: Number(free) * KB, refuses };
}
