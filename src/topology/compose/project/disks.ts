// Disks of a bounded size, for the nodes that a fault is to fill: volumes in memory, which are gone
// once no container has them any more. One that only stands there keeps each.
import { boundedDisks, BOUNDED_DISK_BYTES } from '../../../drill/plan/bounded-disks.ts';
import type { Plan } from '../../../drill/plan/plan.ts';
import { regionOf } from '../../../base/node-name.ts';
import { DIRECTORY_LABEL, HELPER_LABEL, RUN_LABEL, RUNNER_LABEL } from '../engine/labels.ts';
import { slotsOf } from './slots.ts';

/** Where the keeper of a disk has it. */
export const KEPT_AT = '/disk';
/** The keeper of `east-postgres` is called so. */
export const keeperOf = (service: string) => `${service}-disk`;

const SPARE_BYTES = 64 * 2 ** 20;
/** Those of everything of a run, as the compose file has them. */
const LABELS = {
  [RUN_LABEL]: '${DRILL_RUN}',
  [DIRECTORY_LABEL]: '${DRILL_RUN_DIRECTORY}',
  [RUNNER_LABEL]: '${DRILL_RUNNER}',
};

/** What `docker compose` is told besides; `images` are known by what they have. */
export function diskLayer(plan: Plan, images: ReadonlyMap<string, string>) {
  const disks = boundedDisks(plan).map((node) => {
    const { slot } = slotsOf(plan).find(({ region }) => region.name === regionOf(node))!;
    const engine = node.endsWith('/redis') ? 'redis' : 'postgres';
    return { node, engine, service: `${slot}-${engine}` } as const;
  });
  const services = disks.flatMap(({ node, engine, service }) => [
    [service, { depends_on: [keeperOf(service)] }],
    [keeperOf(service), keeper(images.get(engine), node, service)],
  ]);
  const o = `size=${BOUNDED_DISK_BYTES}`;
  const driver_opts = { type: 'tmpfs', device: 'tmpfs', o };
  const volumes = disks.map(({ service }) => [service, { driver: 'local', driver_opts }]);
  return { services: Object.fromEntries(services), volumes: Object.fromEntries(volumes) };
}

function keeper(image: string | undefined, node: string, volume: string) {
  return {
    image,
    entrypoint: ['sleep', 'infinity'],
    command: [],
    user: 'root',
    restart: 'no',
    network_mode: 'none',
    read_only: true,
    security_opt: ['no-new-privileges:true'],
    cap_drop: ['ALL'],
    cap_add: ['DAC_OVERRIDE'], // the disk is the server's
    // What is written from here is in memory, and counted here.
    mem_limit: BOUNDED_DISK_BYTES + SPARE_BYTES,
    pids_limit: 50,
    volumes: [`${volume}:${KEPT_AT}`],
    labels: { ...LABELS, [HELPER_LABEL]: node },
  };
}
