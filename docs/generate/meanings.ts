// What the registries do not say themselves and the reference does: what is in each file of a run,
// in each column of the ledger, what each doctor check looks at. The compiler asks for a line where
// one is missing; for doctor checks the generator does.
import type { LEDGER_COLUMNS } from '../../src/cli/verbs/ledger.ts';
import type { RUN_FILES } from '../../src/evidence/evidence.ts';
import type { ClassName } from '../../src/drill/measurement.ts';

export const FILES: Readonly<Record<keyof typeof RUN_FILES, string>> = {
  drill: 'The drill file, as it was.',
  plan: 'What the run was to do: every value, defaults and drawn times included.',
  journal: 'Every event of the run, one JSON object a line.',
  undo: 'What has to be undone, written before it is done. `drill clean` works from it.',
  ledger: 'Every operation of the clients with its times and its outcome. Binary; `drill ledger`.',
  'ledger-redis': 'The same for the clients of Redis.',
  survivors: 'What each database held afterwards. Binary.',
  'survivors-redis': 'The same for Redis.',
  salvage: 'The rows that only the lost region’s disk held; `drill salvage`.',
  result: 'The numbers and the verdict.',
  pinned: 'A mark: this run is never removed by age or size.',
  system: 'How to reach a system that is up, passwords included (readable by its owner only).',
  report: 'The run as a page, where `drill report` was asked for it; no evidence.',
  claims: 'Who works on a system that is up, one file each.',
  drilled: 'The runs that drilled a system that is up.',
  logs: 'A log for each process or container.',
};

export const COLUMNS: Readonly<Record<(typeof LEDGER_COLUMNS)[number], string>> = {
  store: 'The store that the operation went to: `postgres` or `redis`.',
  kind: '`write`, `read` or `update`; `seed` and `marker` are rows that drill writes itself.',
  writer: 'The client that sent it.',
  sequence: 'Its number among the writes of this client. An id is `writer-sequence`.',
  scheduled_ms:
    'When it was due: milliseconds since the start of the run. The wall clock time of the start is ' +
    '`at` in the first line of `journal.ndjson`.',
  sent_ms: 'When it was sent, on the same clock; empty: never.',
  done_ms: 'When its answer came, on the same clock; empty: never.',
  outcome: '`acknowledged`, `refused`, `unknown` or `unsent`.',
  region: 'The region that it was sent to; empty: none.',
  class: 'What became of it, compared with what the database held afterwards.',
  sent_at: 'When it was sent, by the wall clock of the machine, in UTC; empty: never.',
};

export const CLASSES: Readonly<Record<ClassName, string>> = {
  kept: 'Acknowledged, and there.',
  lost: 'Acknowledged, and not there. This is data loss.',
  late: 'Acknowledged, missing at first, and back when the lost region came back.',
  intended: 'Acknowledged after an operator’s mistake, and given up with it on purpose.',
  recovered: 'Unknown, and there.',
  vanished: 'Unknown, and not there. This is no loss: nobody was told that it was stored.',
  refused: 'Refused, and not there.',
  unsent: 'Never sent, and not there.',
  unexpected: 'There although it was refused or never sent. Fails the run.',
  corrupt: 'There with another payload than was sent. Fails the run.',
  duplicated: 'There more than once. Fails the run, unless `targets.duplicates: allow`.',
  diverged: 'Not the same in both serving databases, or wiped out of a shared row. Fails the run.',
};

/** Keys of `result.json` whose type has no comment. */
export const RESULT: Readonly<Record<string, string>> = {
  schema: 'The version of this format.',
  id: 'The name of the run’s folder.',
  started_at: 'When the run began, by the wall clock.',
  wall_ms: 'How long the run took.',
  drill: 'The drill file.',
  'drill.sha256': 'Of the file, so that it can be told from another version of it.',
  runtime: 'How the regions were made, with the versions.',
  'runtime.settings': 'The settings that change the numbers.',
  verdict: '`pass`, `fail`, `inconclusive`, `environment`, `interrupted`, `internal` or `unclean`.',
  gates: 'The targets.',
  'gates[].target': 'What the drill file promises.',
  'gates[].measured': 'What was measured; the truth lies from `low` to `high`.',
  'gates[].needs.key': 'As behind `--set`.',
  'gates[].needs.rate_per_s': 'Operations a second.',
  'gates[].reason': 'Why it did not pass; null: it did.',
  recovery: 'Null where there was no disaster.',
  'recovery.rto_ms': 'From the fault until service was back; null: it did not come back.',
  'recovery.downtime_ms': 'All outages together.',
  'recovery.marks': 'When what happened, by the names of the marks; null: never.',
  'recovery.phases': 'They add up to `rto_ms`.',
  'recovery.steady_served_per_s': 'Operations served a second before the faults.',
  'recovery.steady_p99_ms': 'The p99 latency before the faults.',
  'recovery.served_within_ms': 'What is acknowledged within this time is served.',
  'recovery.longest_gap_ms': 'The longest time between two acknowledgements after the fault.',
  loss: 'What became of the writes: counts by outcome and by class. Null: not counted.',
  'loss.rpo_ms': 'The age of the oldest lost write at the disaster; 0 without any.',
  'loss.rpo_high_ms': 'The most that it can be.',
  'loss.lost_bytes': 'Payload of the lost writes.',
  'loss.second': 'The second opinion.',
  'loss.second.only_old': 'Rows that only the lost region’s disk has.',
  'loss.second.never_durable': 'Lost writes that are not on that disk either.',
  'loss.second_missing': 'Why there is no second opinion.',
  'loss.stores': 'The same by store.',
  cleanup: 'Whether everything was removed, and what was not.',
  kept: 'What was left running on purpose, and how to reach it.',
};

/** By the name of the check. */
export const CHECKS: Readonly<Record<string, string>> = {
  Node: 'The version of Node.',
  'folder of runs': 'Whether runs can be kept where they are to be kept: a file is made there.',
  loopback: 'Whether a connection over 127.0.0.1 carries data.',
  'file descriptors': 'Whether a process may have as many connections open as the drill can need.',
  ports: 'Free ports.',
  clock: 'Whether the machine’s clock goes steadily.',
  load: 'Whether the machine has so much to do that a drill would measure that too.',
  'database user': 'Whether there is a user to run databases as: PostgreSQL refuses root.',
  PostgreSQL: 'The programs of PostgreSQL.',
  'PostgreSQL links': 'The links between libraries that npm leaves out.',
  'template cache': 'The database that each run copies.',
  'room for data': 'Room for the databases that `topology.data` asks for, and their template.',
  'disk space': 'Room for the databases of a drill.',
  'shared memory': 'Shared memory for the databases of a drill.',
  proxy: 'Which proxy carries the links: `toxiproxy-server`, or drill’s own.',
  Redis: '`redis-server`, for drills with a second store.',
  'docker engine': 'The docker engine and its version.',
  'docker compose': 'The compose plugin and its version.',
  images: 'The images.',
  'docker disk': 'Room where docker keeps its data.',
};
