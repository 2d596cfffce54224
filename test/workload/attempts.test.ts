// Attempts against a transport and a ledger in memory: slots, order of ledger and send, late
// starts.
import { expect } from 'chai';
import type { LedgerWriter } from '../../src/evidence/ledger/ledger.ts';
import { OPERATION_FLAG, OPERATION_KIND, OUTCOME } from '../../src/evidence/ledger/operation.ts';
import { addressBook } from '../../src/workload/address-book.ts';
import { Attempts, type AttemptsOptions } from '../../src/workload/attempts.ts';
import type { DueOperation } from '../../src/workload/writer-ids.ts';
import { makeTally } from '../../src/workload/tally.ts';
import type { Reply, Transport } from '../../src/workload/transport/transport.ts';
import { hostClock } from '../../src/host/clock.ts';

const ADDRESS = { node: 'east/app-1', host: '127.0.0.1', port: 1, weight: 1 };
/** Of an operation whose request waits for its connection for ever. */
const NEVER_LEFT = 4;
const YES: Reply = {
  outcome: OUTCOME.acknowledged,
  node: 'east/app-1',
  timeline: 1,
  isWrongRead: false,
  detail: '',
};

/** Writes down, in order, what the ledger and the transport were told. */
function makeScene(overrides: Partial<AttemptsOptions> = {}) {
  const log: string[] = [];
  const pending: ((reply: Reply) => void)[] = [];
  let now_ms = 1000;
  const clock = { ...hostClock(), now: () => now_ms };
  const ledger: LedgerWriter = {
    send: ({ sequence }) => log.push(`send ${sequence}`),
    outcome: ({ sequence, outcome, flags }) => log.push(`outcome ${sequence} ${outcome} ${flags}`),
    unsent: ({ sequence }, flags) => log.push(`unsent ${sequence} ${flags}`),
    flush: () => log.push('flush'),
    close: () => {},
  };
  const transport: Transport = {
    send: (_address, { sequence }, onReply) => {
      log.push(`request ${sequence}`);
      pending.push(onReply);
      return () => {
        log.push(`give up ${sequence}`);
        return sequence !== NEVER_LEFT;
      };
    },
    keepOnly: () => {},
    close: () => {},
  };
  const resolve = () => Promise.resolve({ addresses: [ADDRESS], ttl_s: 1 });
  const book = addressBook({ clock, seed: 1, resolve, onAddresses: () => {} });
  const attempts = new Attempts({
    clock,
    ledger,
    transport,
    book,
    tally: makeTally(0),
    seed: 1,
    payload_bytes: 8,
    timeout_ms: 300,
    shared_rows: 3,
    room: 2,
    nodes: ['east/app-1'],
    ...overrides,
  });
  return { log, pending, attempts, pass: (ms: number) => (now_ms += ms) };
}

const due = (sequence: number, scheduled_ms = 1000): DueOperation => ({
  kind: OPERATION_KIND.write,
  writer: 1,
  sequence,
  scheduled_ms,
  row: sequence,
  address: ADDRESS,
});

describe('attempts', () => {
  it('flushes every send record to the ledger before the first request goes out', () => {
    const { log, attempts } = makeScene();
    attempts.begin([due(1), due(2)]);
    expect(log).to.deep.equal(['send 1', 'send 2', 'flush', 'request 1', 'request 2']);
  });

  it('records an operation without a free slot as unsent, which is not a late start', () => {
    const { log, attempts } = makeScene();
    attempts.begin([due(1), due(2)]);
    attempts.begin([due(3)]);
    expect(log.at(-1)).to.equal('unsent 3 0');
    expect(attempts.inFlight).to.equal(2);
  });

  it('frees the slot when the reply comes', () => {
    const { log, pending, attempts } = makeScene();
    attempts.begin([due(1), due(2)]);
    pending[0]!(YES);
    attempts.begin([due(3)]);
    expect(log.at(-1)).to.equal('request 3');
  });

  it('marks an operation that starts more than 50 ms late, and none that starts 50 ms late', () => {
    const { log, pending, attempts } = makeScene();
    attempts.begin([due(1, 949), due(2, 950)]);
    for (const reply of pending) reply(YES);
    expect(log.slice(-2)).to.deep.equal([
      `outcome 1 ${OUTCOME.acknowledged} ${OPERATION_FLAG.late_start}`,
      `outcome 2 ${OUTCOME.acknowledged} 0`,
    ]);
  });

  it('gives up after the timeout, once, and ignores the reply that comes later', () => {
    const { log, pending, pass, attempts } = makeScene();
    attempts.begin([due(1)]);
    attempts.sweep(1299);
    expect(log.at(-1)).to.equal('request 1');
    pass(300);
    attempts.sweep(1300);
    attempts.sweep(1400);
    pending[0]!(YES);
    expect(log.slice(-2)).to.deep.equal(['give up 1', `outcome 1 ${OUTCOME.unknown} 0`]);
    expect(attempts.inFlight).to.equal(0);
  });

  it('calls refused after the timeout what never left', () => {
    const { log, attempts } = makeScene();
    attempts.begin([due(NEVER_LEFT)]);
    attempts.sweep(1300);
    const refused = `outcome ${NEVER_LEFT} ${OUTCOME.refused} 0`;
    expect(log.slice(-2)).to.deep.equal([`give up ${NEVER_LEFT}`, refused]);
  });

  it('sends nothing without an answer of DNS: the operation is unsent', async () => {
    const clock = hostClock();
    const resolve = () => Promise.reject(new Error('no reply'));
    const book = addressBook({ clock, seed: 1, resolve, onAddresses: () => {} });
    const { log, attempts } = makeScene({ book });
    const { address: _, ...lookedUp } = due(1);
    attempts.begin([lookedUp]);
    expect(attempts.inFlight).to.equal(1);
    await clock.sleep(5);
    expect(log).to.deep.equal(['unsent 1 0']);
    expect(attempts.inFlight).to.equal(0);
  });
});
