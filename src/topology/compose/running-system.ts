// A system of containers as the engine sees it.
import type { AdoptedLinks } from '../../link/adopt.ts';
import { DATABASE } from '../../postgres/server/template.ts';
import { describeSystem } from '../assembled/description.ts';
import type { RunningGslb } from '../assembled/gslb.ts';
import { replicatedBytes } from '../assembled/replicated-bytes.ts';
import { regionIn } from '../system/region.ts';
import type { System } from '../system/system.ts';
import { keepSystem } from './keep.ts';
import { listensBehind } from './engine/listening.ts';
import { everyContainer, wantedImages, type Parts, type Versions } from './parts.ts';
import { slotsOf } from './project/slots.ts';

/** Ends the names of proxies that lead to the region that replication goes to. */
const BACK = '-back';

interface Assembled extends Versions {
  readonly adopted: AdoptedLinks;
  readonly gslb: RunningGslb;
}

export function systemOf(parts: Parts, { adopted, gslb, postgres, redis }: Assembled): System {
  const { context, project, regions } = parts;
  const { plan, place } = context;
  const { workload } = project.secrets.postgres;
  const [east, west] = slotsOf(plan);
  const servedName = ({ name }: { name: string }) => {
    // Region names of the plan in the words of the compose file.
    const [link = '', part = ''] = name.split(/\.(?=[^.]*$)/);
    if (link === `clients-${east.region.name}`) return `clients-east.${part}`;
    if (link === `clients-${west.region.name}`) return `clients-west.${part}`;
    if (part.endsWith(BACK)) return `west-east.${part.slice(0, -BACK.length)}`;
    return `east-west.${part}`;
  };
  return {
    description: describeSystem(plan, {
      runtime: 'compose',
      postgres,
      proxy: adopted.links,
      gslb,
      regions: [...regions.values()],
      reachable: [...regions.values()].flatMap((region) =>
        region.nodes().filter(({ kind }) => kind !== 'app'),
      ),
      settings: {
        ...(redis === null ? {} : { 'redis version': redis }),
        ...Object.fromEntries(
          wantedImages(project, redis !== null).map(([part, image]) => [`image ${part}`, image]),
        ),
      },
    }),
    gslb,
    region: (name) => regionIn(regions, name),
    link: (name) => adopted.links.get(name),
    mark: place.id,
    directory: place.directory,
    mayListen: (proxy, timeout_ms) =>
      listensBehind(proxy, place.id, timeout_ms, () => adopted.isEnabled(servedName(proxy))),
    workloadDatabase: { ...workload, database: DATABASE },
    usage: async () => {
      const all = await Promise.all(everyContainer(parts).map((container) => container.usage()));
      const nodes = all.filter((one) => one !== null);
      const from = regionIn(regions, context.plan.replication.from);
      const backups = parts.storage?.storage ?? null;
      const crossed = { from, backups, bidirectional: parts.bidirectional };
      return { nodes, replicated_bytes: await replicatedBytes(crossed) };
    },
    backups: parts.storage?.storage ?? null,
    bidirectional: parts.bidirectional,
    keep: () => keepSystem({ ...parts, gslb, proxy: adopted.links.url }),
  };
}
