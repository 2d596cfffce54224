// Which machines made the trials of a series, where workers did.
import { count } from '../../screen/text.ts';
import type { SeriesResult, SeriesTrial } from '../../verdict/series.ts';

type Trials = Pick<SeriesResult, 'trials'>;

/** In a cell: `rack-7`, or `rack-7 (rack-3 was lost)`; null where no worker made any of them. */
export function workerCells({ trials }: Trials): readonly string[] | null {
  const isSpread = trials.some(({ worker }) => worker !== undefined);
  return isSpread ? trials.map(cellOf) : null;
}

function cellOf({ worker = '–', lost_workers: lost = [] }: SeriesTrial): string {
  if (lost.length === 0) return worker;
  return `${worker} (${lost.join(', ')} ${lost.length === 1 ? 'was' : 'were'} lost)`;
}

/** `3 trials by rack-7 (2 cores, AMD EPYC 7B13), 1 trial by …`; empty: no worker made any. */
export function workerWords({ trials }: Trials): string {
  const makers = makersOf(trials);
  if (makers.length === 0) return '';
  const made = makers.map(([maker, of]) => `${count(of, 'trial')} by ${maker}`);
  return `${made.join(', ')}.`;
}

/** That times of unlike machines are no times of one; empty: they are alike. */
export function unlikeMachines({ trials }: Trials): string[] {
  const machines = new Set(
    trials.flatMap(({ worker, machine }) => (worker === undefined ? [] : machineOf(machine))),
  );
  if (machines.size < 2) return [];
  const unlike = `Its trials were made on ${machines.size} unlike machines`;
  return [`${unlike} (${[...machines].join('; ')}): how they differ is not told apart.`];
}

function makersOf(trials: readonly SeriesTrial[]): readonly (readonly [string, number])[] {
  const makers = new Map<string, number>();
  for (const { worker, machine } of trials) {
    if (worker === undefined) continue;
    const maker = `${worker} (${machineOf(machine)})`;
    makers.set(maker, (makers.get(maker) ?? 0) + 1);
  }
  return [...makers].toSorted(([one], [other]) => (one < other ? -1 : 1));
}

function machineOf(machine: SeriesTrial['machine']): string {
  if (machine === null || machine === undefined) return 'a machine that is not known';
  const model = machine.processor === '' ? '' : `, ${machine.processor}`;
  return `${count(machine.cores, 'core')}${model}`;
}
