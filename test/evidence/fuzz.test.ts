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
import { readEvidence } from '../../src/evidence/run-files.ts';
import { assess } from '../../src/verdict/assess.ts';
import { noopPlan, noopRedis } from '../support/noop/noop-plans.ts';
import { NoopRun } from '../support/noop/noop-run.ts';
import { it } from '../support/commands.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';

/** Of a run each; both commands have their own. */
const CASES = 1_000;
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

  const expectNoticed = async (passes: boolean, cases: number) => {
    await evidenceIn(folder, passes);
    const honest = gatesOf(folder);
    expect(honest).to.be.a('string');
    const files = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile());
    expect(files).to.include.members([
      'plan.json',
      'journal.ndjson',
      'ledger.bin',
      'survivors.bin',
    ]);
    const draw = randomStream(passes ? 1 : 2);
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
    it.full(`of a run that ${what} changes no gate unnoticed: ${CASES_FULL} harms`, async () => {
      await expectNoticed(passes, CASES_FULL);
    });
  }
});
