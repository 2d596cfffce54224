// The workload as the program that it is, against a stub in this process.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readLedger } from '../../src/evidence/ledger/ledger-reader.ts';
import { OPERATION_FLAG, OUTCOME } from '../../src/evidence/ledger/operation.ts';
import { hostClock } from '../../src/host/clock.ts';
import { startProgram } from '../../src/host/program/program.ts';
import type { WorkloadSampled } from '../../src/workload/protocol.ts';
import { startKnownService } from '../../src/selftest/known/service.ts';
import { startKnownBalancer } from '../../src/selftest/known/balancer.ts';
import { rowsOf, settingsFor } from './harness.ts';

const clock = hostClock();

async function openProgram() {
  const directory = mkdtempSync(join(tmpdir(), 'drill-workload-'));
  const stub = await startKnownService({ clock });
  const gslb = await startKnownBalancer([stub], clock);
  const samples: WorkloadSampled[] = [];
  const program = startProgram({
    title: 'workload',
    module: new URL('../../src/workload/main.ts', import.meta.url),
    env: process.env,
    logFile: join(directory, 'workload.log'),
    onEvent: (_name, body) => samples.push(body as WorkloadSampled),
  });
  const file = join(directory, 'ledger.bin');
  await program.request('start', settingsFor(gslb.address, file, {}));
  const close = async () => {
    program.release();
    await program.exited;
    gslb.close();
    await stub.close();
    rmSync(directory, { recursive: true });
  };
  return { program, stub, file, samples, close };
}

describe('workload program', () => {
  it('runs, stops, drains, writes its marker and closes the ledger', async () => {
    const { program, stub, file, samples, close } = await openProgram();
    await program.request('run', {});
    await clock.sleep(500);
    await program.request('stop', {});
    expect(await program.request('drain', {})).to.deep.equal({ in_flight: 0 });
    expect(await program.request('marker', {})).to.include({ ok: true, node: 'east/app-1' });
    await program.request('close', {});
    const contents = readLedger(file);
    await close();
    expect(contents.problems).to.deep.equal([]);
    expect(contents.operations.count).to.equal(stub.stored.length);
    expect(samples.length).to.be.greaterThan(1);
  });

  it('shows a second in which it was stopped as late starts, each sent once', async () => {
    const { program, stub, file, close } = await openProgram();
    await program.request('run', {});
    await clock.sleep(400);
    process.kill(program.pid, 'SIGSTOP');
    await clock.sleep(1000);
    process.kill(program.pid, 'SIGCONT');
    await clock.sleep(400);
    await program.request('stop', {});
    await program.request('drain', {});
    await program.request('close', {});
    const rows = rowsOf(readLedger(file));
    await close();
    const late = rows.filter((row) => (row.flags & OPERATION_FLAG.late_start) !== 0);
    // 200/s for the second, without the last 50 ms of it; those beyond the room (120) are unsent.
    expect(late.length).to.be.within(180, 230);
    expect(late.filter((row) => row.outcome === OUTCOME.unsent).length).to.be.greaterThan(0);
    const sent = rows.filter((row) => row.outcome !== OUTCOME.unsent);
    expect(stub.requests.length).to.equal(sent.length);
  });

  it('says what is wrong when requests come in the wrong order', async () => {
    const { program, close } = await openProgram();
    const error = await program.request('start', {}).catch((reason: Error) => reason);
    await close();
    expect((error as Error).message).to.equal('workload: the workload was started already');
  });
});
