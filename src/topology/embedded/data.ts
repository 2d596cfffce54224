// The rows that a plan asks for in the databases of a run: the template that has them, and what is
// told of them.
import { join } from 'node:path';
import { passesMs } from '../../drill/plan/data.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import type { PostgresBinaries } from '../../postgres/server/binaries.ts';
import type { DatabaseAddress } from '../../postgres/server/connection.ts';
import {
  ensureFilled,
  type Filled,
  type FilledOptions,
} from '../../postgres/server/filled-template.ts';
import type { Identity } from '../../postgres/server/identity.ts';
import { databaseBytes } from '../../postgres/server/primary.ts';
import type { Template } from '../../postgres/server/template.ts';
import type { UpContext } from '../system/system.ts';
import type { Processes } from './processes.ts';
import { deferScrub } from './undo.ts';

const COPY_AT_MOST_MS = 60_000;

interface Maker {
  readonly context: UpContext;
  readonly processes: Processes;
  readonly binaries: PostgresBinaries;
  readonly identity: Identity;
}

/** Rows of the databases' own, and where they came from. */
export type Data = Pick<Filled, 'from' | 'ms'> & { readonly bytes: number };

/** The template with the rows that the plan asks for. */
export async function withData(
  { context, processes, binaries, identity }: Maker,
  cache: string,
  template: Template,
  onMaking: FilledOptions['onMaking'],
): Promise<{ readonly template: Template; readonly data: Data | null }> {
  const { plan, place, clock, signal, emit } = context;
  const bytes = plan.data_bytes;
  if (bytes === undefined) return { template, data: null };
  const workplace = join(place.scratch, 'template');
  await deferScrub(context, { data: join(workplace, 'data'), bin: binaries.bin });
  const copy_ms = copyAtMostMs(plan);
  const filled = await ensureFilled({
    binaries,
    identity,
    cache,
    environment: processes.environment,
    signal,
    template,
    bytes,
    copy_ms,
    clock,
    workplace,
    logFile: join(place.logs, 'template.log'),
    onProgress: (progress) => emit('data.filling', progress),
    onMaking,
    onWaiting: () =>
      emit('run.noted', { text: 'another run fills a database of that size: waiting for it' }),
  });
  return { template: filled.template, data: { bytes, from: filled.from, ms: filled.ms } };
}

/** A database and its template, copied side by side. */
export function copyAtMostMs(plan: Plan): number {
  return COPY_AT_MOST_MS + passesMs(plan, 2);
}

/** How large a database is that has them, as it measures itself. */
export async function tellData(
  { emit }: Pick<UpContext, 'emit'>,
  node: string,
  data: Data | null,
  address: DatabaseAddress,
): Promise<void> {
  if (data === null) return;
  const { bytes: asked_bytes, from, ms } = data;
  emit('data.filled', { node, bytes: await databaseBytes(address), asked_bytes, from, ms });
}
