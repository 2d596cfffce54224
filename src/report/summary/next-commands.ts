// What to type after a run: commands that clean up, look closer, or make the change that helps.
// They can be pasted as they stand, but for FILE: the drill of somebody's own system, whose consent
// and commands stand beside it.
import { dirname } from 'node:path';
import { OWN_SYSTEM } from '../../drill/names.ts';
import { runtimeNamed } from '../../drill/file/runtimes.ts';
import { formatCount, shellWord } from '../../screen/text.ts';
import type { Gate, Result } from '../../verdict/result.ts';

export interface Called {
  /** How the user calls drill: `drill` or `npx drill`. */
  readonly commandName: string;
  /** The run directory as it is to be printed. */
  readonly directory: string;
}

/** At least one, each on a line of its own. */
export function nextCommands(result: Result, called: Called): string[] {
  const { verdict, loss, failback, cleanup } = result;
  const { commandName: command } = called;
  const run = runWord(result.id, called.directory);
  const lines: string[] = [];
  if (verdict === 'unclean' || cleanup?.clean !== true) lines.push(`${command} clean ${run}`);
  else if (result.kept.length > 0) lines.push(`${command} down ${run}`);
  const lost = (loss?.lost ?? 0) + (failback?.loss?.lost ?? 0);
  const diverged = (loss?.diverged ?? 0) + (failback?.loss?.diverged ?? 0);
  for (const [name, n] of Object.entries({ lost, diverged })) {
    if (n > 0) lines.push(`${command} ledger ${run} --only ${name}  # ${formatCount(n)} of them`);
  }
  if ((failback?.salvaged ?? loss?.stores.postgres.second?.only_old ?? 0) > 0) {
    const what = lost > 0 ? 'rows to put back' : 'unanswered writes that only the old disk has';
    lines.push(`${command} salvage ${run}  # ${what}`);
  }
  if (result.against && result.runtime !== null) {
    const system = runWord(result.against, `${dirname(called.directory)}/${result.against}`);
    lines.push(`${command} down ${system}`);
  }
  if (verdict === 'environment') lines.push(`${command} doctor`);
  if (verdict === 'pass') {
    lines.push(`${command} judge ${run}  # checks the result against its files`);
  }
  return [...lines, ...changes(result, called, lines.length === 0)];
}

/** What a command with an id needs where the runs, printed so, are not in the usual place. */
export function outFlag(runs: string): string {
  return runs === '.drill/runs' ? '' : ` --out ${shellWord(runs)}`;
}

/** An id is found in the usual place only; elsewhere the path is what works. */
function runWord(id: string, directory: string): string {
  return directory === `.drill/runs/${id}` ? id : shellWord(directory);
}

/** A run of the same file with the change that helps; without one, as it was, where `isDue`. */
function changes(result: Result, called: Called, isDue: boolean): string[] {
  if (result.against !== null) return [];
  const { verdict, gates } = result;
  const isOpen = verdict === 'fail' || verdict === 'inconclusive';
  const found = isOpen ? gates.flatMap((gate) => changeFor(gate, result) ?? []) : [];
  const again = runAgain(result, called);
  const all = found.map(({ set, why }) => `${again} --set ${set}  # ${why}`);
  if (all.length > 0 || !isDue) return [...new Set(all)];
  return [verdict === 'inconclusive' ? `${again}  # when nothing else runs here` : again];
}

function runAgain({ runtime, drill }: Result, { commandName, directory }: Called): string {
  const { seed, outside = [] } = drill;
  const usual = runtimeNamed(null);
  const isGiven = outside.some(({ key }) => key === 'runtime');
  const kind = runtime?.kind ?? usual;
  const isOwn = drill.strategy === OWN_SYSTEM;
  const file = isOwn ? 'FILE' : shellWord(`${directory}/drill.yaml`);
  const named = kind === usual && !isGiven ? [] : [`--runtime ${kind}`];
  const flags = [
    ...(isOwn ? [`--confirm ${shellWord(drill.name)}`] : named),
    ...(seed === 1 ? [] : [`--seed ${seed}`]),
    // The file alone would be another drill.
    ...outside.flatMap(({ key, value }) => {
      return key === 'runtime' ? [] : [`--set ${shellWord(`${key}=${value}`)}`];
    }),
  ];
  return [commandName, 'run', file, ...flags].join(' ');
}

interface Change {
  /** As behind `--set`. */
  readonly set: string;
  readonly why: string;
}

function changeFor(gate: Gate, result: Result): Change | null {
  if (gate.verdict === 'inconclusive') {
    if (gate.needs === undefined) return null;
    const { key, rate_per_s } = gate.needs;
    return { set: `${key}=${rate_per_s}/s`, why: 'so that zero loss shows' };
  }
  if (gate.verdict !== 'fail') return null;
  if (gate.name === 'rpo' || gate.name === 'lost_writes') return lossless(result);
  return gate.name === 'rto' ? faster(result) : null;
}

/** A commit that waits for the other region loses nothing that it promised. */
function lossless({ runtime }: Result): Change | null {
  const why = 'a commit waits for the other region';
  const { replication, wal } = runtime?.settings ?? {};
  if (replication === 'async') return { set: 'topology.replication.mode=sync', why };
  return wal === 'receive' ? { set: 'topology.backup.wal=receive-sync', why } : null;
}

/** By the longest part of the RTO, where a key makes it shorter. */
function faster({ recovery, drill, runtime }: Result): Change | null {
  const phases = (recovery?.phases ?? []).flatMap(({ name, ms }) =>
    ms === null ? [] : [{ name, ms }],
  );
  const [longest] = phases.toSorted((a, b) => b.ms - a.ms);
  const why = `${longest?.name} is the longest part of the RTO`;
  const failures = Number(runtime?.settings['gslb failures']);
  if (longest?.name === 'detect' && failures > 2) return { set: 'topology.gslb.failures=2', why };
  if (longest?.name === 'start' && drill.strategy === 'pilot-light') {
    return { set: 'topology.strategy=warm-standby', why };
  }
  return null;
}
