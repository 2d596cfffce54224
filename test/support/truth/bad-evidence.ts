// Runs that went well, each with one thing wrong in its evidence, and what must be said of it.
import type { EventName } from '../../../src/evidence/event.ts';
import { createLedger } from '../../../src/evidence/ledger/ledger.ts';
import { readLedger } from '../../../src/evidence/ledger/ledger-reader.ts';
import { MARKER_WRITER } from '../../../src/evidence/ledger/operation.ts';
import { HEADER_BYTES, RECORD_BYTES } from '../../../src/evidence/ledger/record.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import type { Verdict } from '../../../src/verdict/result.ts';
import type { TruthRun } from '../../../src/selftest/known/run.ts';
import {
  addEvent,
  alterEvent,
  changeBytes,
  changePlan,
  changeStored,
  withoutEvent,
} from './variants.ts';

export const NO_STEADY = /No steady state was reached/;

/** A copy of a good run with one thing wrong. */
export interface Variant {
  readonly title: string;
  readonly change: (directory: string, run: TruthRun) => void;
  readonly verdict: Verdict;
  readonly reason: RegExp;
}

const bad = [{ name: 'a check', ok: false, detail: 'it was not so' }];
const change = (
  title: string,
  change: (directory: string, run: TruthRun) => void,
  reason: RegExp,
  verdict: Verdict = 'inconclusive',
): Variant => ({ title, change, verdict, reason });
const missing = (name: EventName, reason: RegExp) =>
  change(`whose journal has no ${name}`, (directory) => withoutEvent(directory, name), reason);
const altered = (title: string, name: EventName, changes: object, reason: RegExp) =>
  change(title, (directory) => alterEvent(directory, name, changes), reason);
const besides = (
  title: string,
  event: { event: EventName } & Record<string, unknown>,
  reason: RegExp,
  verdict?: Verdict,
) => change(title, (directory) => addEvent(directory, event), reason, verdict);

const AGREED = { rows: 9, differing: 0, ok: true, detail: '' };

const isMarker = ({ writer }: { writer: number }) => writer === MARKER_WRITER;

const DAMAGED_FILES: readonly Variant[] = [
  change(
    'without survivors.bin',
    (directory) => changeBytes(directory, 'survivors', () => null),
    /survivors\.bin is damaged: .*ENOENT/,
  ),
  change(
    'whose survivors do not hold the marker',
    (directory, { east }) =>
      changeStored(
        directory,
        east.stored.filter((row) => !isMarker(row)),
      ),
    /The marker 65535-1 is not among the survivors/,
  ),
  change(
    'whose survivors.bin holds fewer rows than the database gave',
    (directory, { east }) => {
      changeStored(directory, east.stored.slice(1));
      alterEvent(directory, 'survivors.read', { rows: east.stored.length });
    },
    /The database gave \d+ rows, survivors\.bin holds \d+/,
  ),
  change(
    'whose survivors.bin ends in the middle of a record',
    (directory) => changeBytes(directory, 'survivors', (bytes) => bytes.subarray(0, -50)),
    /survivors\.bin is damaged: .*(not finished|torn)/,
  ),
  change(
    'without ledger.bin',
    (directory) => changeBytes(directory, 'ledger', () => null),
    /ledger\.bin is damaged: .*ENOENT/,
  ),
  change(
    'whose ledger ends in the middle of a record',
    (directory) => changeBytes(directory, 'ledger', (bytes) => bytes.subarray(0, -17)),
    /ledger\.bin is damaged: its end is torn/,
  ),
  change(
    'whose ledger ends between two records',
    (directory) => changeBytes(directory, 'ledger', (bytes) => bytes.subarray(0, -RECORD_BYTES)),
    /ledger\.bin is damaged: it was never closed/,
  ),
  change(
    'whose ledger lost a record in its middle',
    (directory) =>
      changeBytes(directory, 'ledger', (bytes) => {
        const at = HEADER_BYTES + 500 * RECORD_BYTES;
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + RECORD_BYTES)]);
      }),
    /ledger\.bin is damaged: .*wrong checksum/,
  ),
  change(
    'whose ledger names its nodes by another key',
    (directory) =>
      changeBytes(directory, 'ledger', (bytes) => {
        const text = bytes.toString('latin1', 0, HEADER_BYTES).replace('"nodes"', '"modes"');
        return Buffer.concat([Buffer.from(text, 'latin1'), bytes.subarray(HEADER_BYTES)]);
      }),
    /ledger\.bin is damaged: .*expected a header of drill\.ledger\/1, found the checksum/,
  ),
  change(
    'whose ledger is empty',
    (directory) => changeBytes(directory, 'ledger', () => Buffer.alloc(0)),
    /ledger\.bin is damaged: .*only 0 bytes/,
  ),
  change('whose ledger holds no operations', (directory) => emptyLedger(directory), NO_STEADY),
  change(
    'whose ledger belongs to another run',
    (directory) => alterEvent(directory, 'run.started', { id: 'truth-2' }),
    /ledger\.bin belongs to the run truth-1, not to truth-2/,
  ),
  change(
    'whose journal ends in the middle of a line',
    (directory) => changeBytes(directory, 'journal', (bytes) => bytes.subarray(0, -9)),
    /journal\.ndjson is damaged: the last line is torn/,
  ),
  change(
    'whose journal holds a line of rubbish',
    (directory) => changeBytes(directory, 'journal', (b) => Buffer.concat([Buffer.from('?\n'), b])),
    /journal\.ndjson is damaged: line 1 is not an event/,
  ),
  change(
    'without a journal',
    (directory) => changeBytes(directory, 'journal', () => null),
    /journal\.ndjson is damaged/,
  ),
];

const BROKEN_STORIES: readonly Variant[] = [
  altered(
    'whose fault did not bite',
    'fault.proved',
    { ok: false, checks: bad },
    /did not bite: a check: it was not so/,
  ),
  missing('fault.proved', /was never seen to bite/),
  missing('fault.injected', /was never completely injected/),
  missing('fault.started', /The disaster was never injected/),
  missing('preflight.checked', /Nothing says that the system was checked before the fault/),
  missing('steady.started', NO_STEADY),
  missing('steady.ended', NO_STEADY),
  altered(
    'whose pre-flight check failed',
    'preflight.checked',
    { checks: bad },
    /The pre-flight check failed: a check/,
  ),
  missing('workload.stopped', /clients were cut off before they had stopped/),
  missing('workload.drained', /The clients were cut off before their last answers/),
  altered(
    'with operations in flight when the survivors were read',
    'workload.drained',
    { in_flight: 3 },
    /3 operations were still in flight/,
  ),
  missing('marker.written', /No marker was written/),
  missing('survivors.read', /does not say that the serving database was read to its end/),
  missing('verification.checked', /The serving database was never verified/),
  altered(
    'whose marker could not be written',
    'marker.written',
    { ok: false, detail: 'no reply' },
    /The marker could not be written: no reply/,
  ),
  altered(
    'whose survivors could not be read to their end',
    'survivors.read',
    { ok: false, detail: 'the connection broke' },
    /The serving database could not be read to its end: the connection broke/,
  ),
  altered(
    'whose verification found something',
    'verification.checked',
    { checks: bad },
    /The verification found: a check/,
  ),
  altered(
    'whose fence is not proved',
    'fence.proved',
    { checks: bad },
    /The fence is not proved: a check/,
  ),
  missing('cleanup.ended', /broke off before its clean-up was done/),
  missing('run.finished', /broke off before its clean-up was done/),
  change(
    'that is to be timed from a declaration that never came',
    (directory) => {
      alterEvent(directory, 'disaster.declared', {
        event: 'disaster.undeclared',
        reason: 'no',
        by: undefined,
      });
      changePlan(directory, (plan) => {
        return { ...plan, targets: { ...plan.targets, rto_from: 'declaration' } };
      });
    },
    /never declared, and the RTO is to be counted from the declaration/,
  ),
];

const BAD_LUCK: readonly Variant[] = [
  besides(
    'whose clock jumped',
    { event: 'clock.jumped', ms: -4_000 },
    /clock jumped 4 s backwards/,
  ),
  besides(
    'in which drill itself stood still',
    { event: 'runner.stalled', ms: 800 },
    /did not get to run for 800 ms after the fault/,
  ),
  ...['gslb', 'workload', 'proxy'].map((node) =>
    besides(
      `whose ${node} ended by itself`,
      { event: 'node.ended', node, reason: 'signal SIGKILL', expected: false },
      new RegExp(`The ${node}, a part of drill, ended by itself \\(signal SIGKILL\\)`),
    ),
  ),
  besides(
    'that took longer than it may',
    { event: 'run.limited', reason: 'too long' },
    /The run was stopped early: too long/,
  ),
  besides(
    'that found its own evidence damaged',
    { event: 'evidence.damaged', file: 'ledger.bin', problem: 'the disk is full' },
    /ledger\.bin is damaged: the disk is full/,
  ),
  besides(
    'with a recovery step that failed',
    { event: 'step.failed', step: 'promote', reason: 'no reply' },
    /The recovery step "promote" failed: no reply/,
    'fail',
  ),
  besides(
    'with rows that two serving databases hold differently',
    { event: 'row.diverged', table: 'stock', key: '7', values: { east: 'a', west: null } },
    /1 row differs between the serving databases: stock 7 \(east "a", west nothing\)/,
    'fail',
  ),
  besides(
    'whose serving databases could not be compared',
    { event: 'convergence.checked', ...AGREED, ok: false, detail: 'east is deaf' },
    /Whether the two serving databases agree is not known: east is deaf/,
  ),
  besides(
    'whose clients began twice, and nobody knows what for',
    { event: 'workload.started', store: 'orders', scheduled_from_ms: 1_500 },
    /damaged|never|stood still|no operations|cut off/,
  ),
  besides(
    'that was interrupted',
    { event: 'run.interrupted', by: 'SIGINT' },
    /interrupted by SIGINT/,
    'interrupted',
  ),
  besides(
    'with a bug in drill',
    { event: 'internal.failed', message: 'oops', stack: '' },
    /A bug in drill: oops/,
    'internal',
  ),
  besides(
    'whose system could not be brought up',
    { event: 'environment.failed', what: 'a part', expected: 'x', found: 'y', hint: '', log: [] },
    /A part: expected x, found y/,
    'environment',
  ),
  change(
    'that left something behind',
    (directory) => alterEvent(directory, 'cleanup.ended', { clean: false, left: ['a process'] }),
    /Could not be cleaned up: a process/,
    'unclean',
  ),
];

export const VARIANTS: readonly Variant[] = [...DAMAGED_FILES, ...BROKEN_STORIES, ...BAD_LUCK];

/** As a workload leaves it that never got to send anything. */
function emptyLedger(directory: string): void {
  const file = runFile(directory, 'ledger');
  const { header } = readLedger(file);
  createLedger(file, header).close();
}
