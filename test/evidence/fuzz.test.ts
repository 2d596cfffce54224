// Evidence that was harmed, by chance and in any of its files: no gate changes unnoticed.
import { expect } from 'chai';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomStream } from '../../src/base/random.ts';
import { EvidenceError } from '../../src/evidence/evidence-error.ts';
import { readJournal } from '../../src/evidence/journal.ts';
import { readEvidence, runFile } from '../../src/evidence/run-files.ts';
import { assess } from '../../src/verdict/assess.ts';
import { corpusRuns, unpackRun } from './corpus.ts';
import { noopPlan, noopRedis } from '../support/noop/noop-plans.ts';
import { NoopRun } from '../support/noop/noop-run.ts';
import { it } from '../support/commands.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';

/** Of a run each. Draws are the same each time: `npm test` has the first of those of `test:full`. */
const CASES = 300;
const CASES_FULL = 10_000;

type Draw = () => number;
type Event = Record<string, unknown>;
type Harm = (bytes: Buffer, draw: Draw) => Buffer;

const upTo = (draw: Draw, most: number) => Math.floor(draw() * most);

const HARMS: Readonly<Record<string, Harm>> = {
  'a flipped bit': (bytes, draw) => {
    const at = upTo(draw, bytes.length);
    bytes[at]! ^= 1 << upTo(draw, 8);
    return bytes;
  },
  'another digit': (bytes, draw) => {
    const digits = [...bytes.keys()].filter((at) => bytes[at]! >= 0x30 && bytes[at]! <= 0x39);
    if (digits.length === 0) return bytes;
    bytes[digits[upTo(draw, digits.length)]!] = 0x30 + upTo(draw, 10);
    return bytes;
  },
  'a cut': (bytes, draw) => bytes.subarray(0, upTo(draw, bytes.length)),
  'a part that is gone': (bytes, draw) => {
    const [from, to] = [upTo(draw, bytes.length), upTo(draw, bytes.length)].toSorted(
      (a, b) => a - b,
    );
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  'a line or record that is gone': pieces((all, draw) => all.toSpliced(upTo(draw, all.length), 1)),
  'a line or record that is doubled': pieces((all, draw) => {
    const at = upTo(draw, all.length);
    return all.toSpliced(at, 0, all[at]!);
  }),
  'two lines or records in each other’s place': pieces((all, draw) => {
    const [one, other] = [upTo(draw, all.length), upTo(draw, all.length)];
    return all.with(one, all[other]!).with(other, all[one]!);
  }),
  'nothing left': () => Buffer.alloc(0),
};

/** Lines of a text; of another file its header and its records of 32 bytes. */
function pieces(change: (all: Buffer[], draw: Draw) => Buffer[]): Harm {
  return (bytes, draw) => {
    const isText = bytes.at(-1) === 0x0a;
    const ends = isText
      ? [...bytes.keys()].filter((at) => bytes[at] === 0x0a).map((at) => at + 1)
      : Array.from({ length: (bytes.length - 4_096) / 32 + 1 }, (_, i) => 4_096 + 32 * i);
    const all = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
    return all.length === 0 ? bytes : Buffer.concat(change(all, draw));
  };
}

/** The gates that count; null: it was noticed that the evidence is not whole. */
function gatesOf(directory: string): string | null {
  try {
    const { verdict, gates, reasons } = assess(readEvidence(directory));
    const isNoticed = reasons.some((each) => /damaged|broke off|could not be measured/.test(each));
    if (isNoticed && verdict !== 'pass') return null;
    return JSON.stringify(gates.map(({ name, verdict: its }) => [name, its]));
  } catch (error) {
    if (error instanceof EvidenceError) return null;
    throw error;
  }
}

async function evidenceIn(folder: string, passes: boolean): Promise<void> {
  const { targets } = noopPlan('warm-standby');
  const plan = noopPlan('warm-standby', {
    faults: [plannedFault('lose-region', { how: 'kill', disks: 'kept' }, { at_ms: 300 })],
    redis: noopRedis,
    targets: { ...targets, lost_writes: passes ? 6 : 5 },
  });
  const run = new NoopRun(plan).plant((system) => {
    for (const rows of system.region('east').rows.values()) rows.held = 6;
  });
  const result = await run.run(undefined, (directory) =>
    cpSync(directory, folder, { recursive: true }),
  );
  expect(result.verdict).to.equal(passes ? 'pass' : 'fail');
}

describe('harmed evidence', function () {
  this.timeout(300_000);
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'drill-fuzz-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const expectNoticed = async (passes: boolean, cases: number, isJudged = true) => {
    await evidenceIn(folder, passes);
    if (!isJudged) rmSync(runFile(folder, 'result'));
    const honest = gatesOf(folder);
    expect(honest).to.be.a('string');
    const files = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile());
    expect(files).to.include.members([
      'plan.json',
      'journal.ndjson',
      'ledger.bin',
      'survivors.bin',
    ]);
    const draw = randomStream((passes ? 1 : 2) + (isJudged ? 0 : 2));
    const kinds = Object.keys(HARMS);
    const unnoticed: string[] = [];
    for (let i = 0; i < cases; i++) {
      const path = join(folder, files[upTo(draw, files.length)]!);
      const kind = kinds[upTo(draw, kinds.length)]!;
      const whole = readFileSync(path);
      if (draw() < 0.02) rmSync(path);
      else writeFileSync(path, HARMS[kind]!(Buffer.from(whole), draw));
      const found = gatesOf(folder);
      if (found !== null && found !== honest) unnoticed.push(`${path}: ${kind}: ${found}`);
      writeFileSync(path, whole);
    }
    expect(unnoticed).to.deep.equal([]);
  };

  /** The journal without some of its lines, or with others. */
  const changeJournal = (change: (lines: readonly string[]) => readonly string[]) => {
    const path = join(folder, 'journal.ndjson');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    writeFileSync(
      path,
      change(lines)
        .map((line) => `${line}\n`)
        .join(''),
    );
  };
  const isAbout = (line: string, event: string) => line.includes(`"event":"${event}"`);

  it('is noticed where the plan is another run’s', async () => {
    await evidenceIn(folder, false);
    const fails = gatesOf(folder);
    const other = mkdtempSync(join(tmpdir(), 'drill-fuzz-'));
    try {
      await evidenceIn(other, true);
      cpSync(join(other, 'plan.json'), join(folder, 'plan.json'));
    } finally {
      rmSync(other, { recursive: true });
    }
    expect(fails).to.be.a('string');
    expect(gatesOf(folder)).to.equal(null);
  });

  const expectLinesMissed = async (isTaken: (line: string) => boolean) => {
    await evidenceIn(folder, true);
    const journal = readFileSync(join(folder, 'journal.ndjson'), 'utf8');
    let taken = 0;
    for (const [at, line] of journal.trimEnd().split('\n').entries()) {
      if (!isTaken(line)) continue;
      taken++;
      changeJournal((lines) => lines.toSpliced(at, 1));
      expect(gatesOf(folder), line).to.equal(null);
      writeFileSync(join(folder, 'journal.ndjson'), journal);
    }
    return taken;
  };

  it('is noticed where a line that a gate rests on is gone from the journal', async () => {
    const events = ['disaster.declared', 'region.down', 'evidence.closed', 'run.finished'];
    const isTaken = (line: string) => events.some((event) => isAbout(line, event));
    expect(await expectLinesMissed(isTaken)).to.be.at.least(events.length);
  });
  it.full('is noticed where any line is gone but the last, which is about the result', async () => {
    await expectLinesMissed((line) => !isAbout(line, 'result.written'));
  });

  it('is noticed where every seal was taken off, as of a run of before there were any', async () => {
    await evidenceIn(folder, true);
    changeJournal((lines) =>
      lines.flatMap((line) => {
        const { n: _, sum: __, plan_sha256: ___, ...event } = JSON.parse(line) as Event;
        return event['event'] === 'evidence.closed' ? [] : [JSON.stringify(event)];
      }),
    );
    expect(gatesOf(folder)).to.equal(null);
    const plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')) as Event;
    writeFileSync(join(folder, 'plan.json'), JSON.stringify({ ...plan, schema: 'drill.plan/1' }));
    expect(gatesOf(folder)).to.equal(null);
  });

  for (const passes of [true, false]) {
    const what = passes ? 'passes' : 'fails';
    it(`of a run that ${what} changes no gate unnoticed: ${CASES} harms`, async () => {
      await expectNoticed(passes, CASES);
    });
    it(`of a run that ${what} and has no result changes no gate unnoticed`, async () => {
      await expectNoticed(passes, CASES / 4, false);
    });
    it.full(`of a run that ${what} changes no gate unnoticed: ${CASES_FULL} harms`, async () => {
      await expectNoticed(passes, CASES_FULL);
      await expectNoticed(passes, CASES_FULL / 4, false);
    });
  }

  // No checksum tells: a value of another kind, a field that is gone, or has another name.
  const expectRefused = (cases: number) => {
    const draw = randomStream(5);
    const unnoticed: string[] = [];
    const runs = corpusRuns().filter((name) => {
      unpackRun(name, join(folder, name));
      return typeof gatesOf(join(folder, name)) === 'string';
    });
    let refused = 0;
    for (let i = 0; i < cases; i++) {
      const run = join(folder, runs[upTo(draw, runs.length)]!);
      const path = join(run, 'journal.ndjson');
      const text = readFileSync(path, 'utf8');
      const lines = text.trimEnd().split('\n');
      const at = upTo(draw, lines.length);
      const event = JSON.parse(lines[at]!) as Event;
      const { where, how } = harmedWithin(event, draw);
      writeFileSync(path, `${lines.with(at, JSON.stringify(event)).join('\n')}\n`);
      const isRefused = readJournal(path, false).problems.length > 0;
      if (isRefused) refused++;
      const found = isRefused ? null : gatesOf(run);
      writeFileSync(path, text);
      if (found !== null && found !== gatesOf(run)) unnoticed.push(`${where}: ${how} in ${run}`);
    }
    expect(unnoticed).to.deep.equal([]);
    // What is let through says nothing that counts: that nothing was measured, where that is said.
    expect(refused).to.be.greaterThan(0.8 * cases);
  };
  it('within an event of an unsealed run is refused, or changes no gate', () => {
    expectRefused(CASES / 2);
  });
  it.full('within an event of an unsealed run is refused, or changes no gate: all runs', () => {
    expectRefused(CASES_FULL);
  });
});

/** Makes one value of an event, at any depth, another one than its schema says. */
function harmedWithin(event: Event, draw: Draw): { where: string; how: string } {
  const within = Object.values(event).filter(isMapping);
  const inside = draw() < 0.3 ? within.flatMap((each) => [each, ...Object.values(each)]) : [event];
  const objects = inside.filter(isMapping).filter((each) => Object.keys(each).length > 0);
  const target = (objects.length === 0 ? event : objects[upTo(draw, objects.length)]) as Event;
  const keys = Object.keys(target);
  const key = keys[upTo(draw, keys.length)]!;
  const value = target[key];
  const ways: Readonly<Record<string, () => void>> = {
    'not measured (null)': () => (target[key] = null),
    gone: () => delete target[key],
    'another kind': () => (target[key] = typeof value === 'string' ? 7 : 'seven'),
    'a number as text': () => (target[key] = String(value)),
    'within a list': () => (target[key] = [value]),
    'of another name': () => {
      target[`${key}x`] = value;
      delete target[key];
    },
  };
  const names = Object.keys(ways).filter(
    (way) => way !== 'a number as text' || typeof value !== 'string',
  );
  const how = names[upTo(draw, names.length)]!;
  ways[how]!();
  return { where: `${String(event['event'])}.${key}`, how };
}

function isMapping(value: unknown): value is Event {
  return typeof value === 'object' && value !== null;
}
