// Every verb of the command line, in the order of `--help`. Modules are loaded when their verb is
// used, so that help does not wait for database drivers.
import type { Verb, VerbEntry } from './verb.ts';

const SUMMARIES = {
  run: 'Run drills and judge what they measured against their targets',
  init: 'Write a first drill that passes at once',
  check: 'Say everything that is wrong with drill files',
  plan: 'Show what a drill will do, and how long at most',
  schema: 'Print the JSON schema (draft-07) of drill files, or of what drill writes',
  list: 'List faults, recoveries, drills, runs or series',
  show: 'Print the summary of a run again',
  report: 'Write the reports of a run or a series again: a page, Markdown, JUnit',
  compare: 'Put drills beside each other: what each strategy measured and costs',
  scale: 'Run a drill at several sizes of its data, and show how each time grows',
  evidence: 'Pack a run or a series as signed evidence, and verify such a pack',
  pin: 'Keep a run on the disk until it is unpinned',
  unpin: 'Let a pinned run go when its time has come',
  doctor: 'Check whether drills can run on this machine',
  ledger: 'Export every operation of a run',
  salvage: 'List the rows that only the lost region’s disk held',
  judge: 'Compute a run’s result again from its files',
  clean: 'Remove what killed runs left behind: processes, containers, directories',
  up: 'Bring the system of a drill file up and leave it running',
  down: 'Bring a system down that drill up or --keep left running',
  history: 'Show how each drill went over time, or what changed between two runs',
  baseline: 'Save what runs measured, for --baseline FILE',
  status: 'Say when each drill last passed, and whether it has expired',
  gameday: 'Hold game days: drills in order, with a record; and list when they are due',
  declare: 'Declare the disaster that a running drill waits for',
  serve: 'Show the dashboard: what runs, how each drill stands, reports',
  completion: 'Print a completion script for bash or zsh',
};

const LOADED: Readonly<Record<keyof typeof SUMMARIES, () => Promise<Verb>>> = {
  run: async () => (await import('./verbs/run.ts')).runVerb,
  init: async () => (await import('./verbs/init.ts')).initVerb,
  check: async () => (await import('./verbs/check.ts')).checkVerb,
  plan: async () => (await import('./verbs/plan.ts')).planVerb,
  schema: async () => (await import('./verbs/schema.ts')).schemaVerb,
  list: async () => (await import('./verbs/list.ts')).listVerb,
  show: async () => (await import('./verbs/show.ts')).showVerb,
  report: async () => (await import('./verbs/report.ts')).reportVerb,
  compare: async () => (await import('./verbs/compare.ts')).compareVerb,
  scale: async () => (await import('./verbs/scale.ts')).scaleVerb,
  evidence: async () => (await import('./verbs/evidence/evidence.ts')).evidenceVerb,
  pin: async () => (await import('./verbs/pin.ts')).pinVerb,
  unpin: async () => (await import('./verbs/pin.ts')).unpinVerb,
  doctor: async () => (await import('./verbs/doctor.ts')).doctorVerb,
  ledger: async () => (await import('./verbs/ledger.ts')).ledgerVerb,
  salvage: async () => (await import('./verbs/salvage.ts')).salvageVerb,
  judge: async () => (await import('./verbs/judge.ts')).judgeVerb,
  clean: async () => (await import('./verbs/clean.ts')).cleanVerb,
  up: async () => (await import('./verbs/up.ts')).upVerb,
  down: async () => (await import('./verbs/clean.ts')).downVerb,
  history: async () => (await import('./verbs/history/history.ts')).historyVerb,
  baseline: async () => (await import('./verbs/history/baseline.ts')).baselineVerb,
  status: async () => (await import('./verbs/history/status.ts')).statusVerb,
  gameday: async () => (await import('./verbs/gameday/gameday.ts')).gameDayVerb,
  declare: async () => (await import('./verbs/declare.ts')).declareVerb,
  serve: async () => (await import('./verbs/serve.ts')).serveVerb,
  completion: async () => (await import('./verbs/completion.ts')).completionOf(verbs),
};

export const verbs: readonly VerbEntry[] = Object.entries(SUMMARIES).map(([name, summary]) => {
  return { name, summary, load: LOADED[name as keyof typeof SUMMARIES] };
});
