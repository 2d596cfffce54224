// Every verb of the command line, in the order of `--help`. Modules are loaded when their verb is
// used, so that help and completion do not wait for database drivers; the summaries stand here
// again for that reason (a test compares).
import type { Verb } from './verb.ts';

export interface VerbEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Verb>;
}

export const verbs: readonly VerbEntry[] = [
  {
    name: 'run',
    summary: 'Run drills and judge what they measured against their targets',
    load: async () => (await import('./verbs/run.ts')).runVerb,
  },
  {
    name: 'init',
    summary: 'Write a first drill that passes at once',
    load: async () => (await import('./verbs/init.ts')).initVerb,
  },
  {
    name: 'check',
    summary: 'Say everything that is wrong with drill files',
    load: async () => (await import('./verbs/check.ts')).checkVerb,
  },
  {
    name: 'plan',
    summary: 'Show what a drill will do, and how long at most',
    load: async () => (await import('./verbs/plan.ts')).planVerb,
  },
  {
    name: 'schema',
    summary: 'Print the JSON schema (draft-07) of drill files',
    load: async () => (await import('./verbs/schema.ts')).schemaVerb,
  },
  {
    name: 'list',
    summary: 'List faults, recoveries, drills or runs',
    load: async () => (await import('./verbs/list.ts')).listVerb,
  },
  {
    name: 'show',
    summary: 'Print the summary of a run again',
    load: async () => (await import('./verbs/show.ts')).showVerb,
  },
  {
    name: 'compare',
    summary: 'Put drills beside each other: what each strategy measured and costs',
    load: async () => (await import('./verbs/compare.ts')).compareVerb,
  },
  {
    name: 'pin',
    summary: 'Keep a run on the disk until it is unpinned',
    load: async () => (await import('./verbs/pin.ts')).pinVerb,
  },
  {
    name: 'unpin',
    summary: 'Let a pinned run go when its time has come',
    load: async () => (await import('./verbs/pin.ts')).unpinVerb,
  },
  {
    name: 'doctor',
    summary: 'Check whether drills can run on this machine',
    load: async () => (await import('./verbs/doctor.ts')).doctorVerb,
  },
  {
    name: 'ledger',
    summary: 'Export every operation of a run',
    load: async () => (await import('./verbs/ledger.ts')).ledgerVerb,
  },
  {
    name: 'salvage',
    summary: 'List the rows that only the lost region’s disk held',
    load: async () => (await import('./verbs/salvage.ts')).salvageVerb,
  },
  {
    name: 'judge',
    summary: 'Compute a run’s result again from its files',
    load: async () => (await import('./verbs/judge.ts')).judgeVerb,
  },
  {
    name: 'clean',
    summary: 'Remove what killed runs left behind: processes, containers, directories',
    load: async () => (await import('./verbs/clean.ts')).cleanVerb,
  },
  {
    name: 'up',
    summary: 'Bring the system of a drill file up and leave it running',
    load: async () => (await import('./verbs/up.ts')).upVerb,
  },
  {
    name: 'down',
    summary: 'Bring a system down that drill up or --keep left running',
    load: async () => (await import('./verbs/down.ts')).downVerb,
  },
  {
    name: 'completion',
    summary: 'Print a completion script for bash or zsh',
    load: async () => (await import('./verbs/completion.ts')).completionVerb,
  },
];
