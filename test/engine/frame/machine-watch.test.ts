import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchTheDisks, withLastWords } from '../../../src/engine/frame/machine-watch.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type { EnvironmentError } from '../../../src/host/environment-error.ts';

describe('the disks of a run', () => {
  const MB = 1024 * 1024;
  const clock = { now: () => 0, wall: () => 0, sleep: () => Promise.resolve() };
  const watch = async (...free: number[]) => {
    const stop = new AbortController();
    const failures: Error[] = [];
    const look = () => {
      if (free.length === 1) stop.abort();
      return free.shift()!;
    };
    const places = { 'the disk of TMPDIR': '/some/where' };
    const fail = (error: Error) => failures.push(error);
    await watchTheDisks({ clock, places, fail, signal: stop.signal, look });
    return failures.map((error) => (error as EnvironmentError).problem);
  };

  it('end it once the next file has no room', async () => {
    const [problem, ...others] = await watch(700 * MB, 16 * MB, 16 * MB - 1, 0, 0);
    expect(others).to.deep.equal([]);
    expect(problem).to.include({ what: 'the disk of TMPDIR', isMachine: true });
    expect(problem!.found).to.equal('No space left on device: 16383 kB free in /some/where');
  });

  it('are no matter where there was little room from the start, or none can be seen', async () => {
    expect(await watch(5 * MB, MB, 0)).to.deep.equal([]);
    expect(await watch(700 * MB, Infinity, 20 * MB)).to.deep.equal([]);
  });
});

describe('a node that ended by itself', () => {
  let logs: string;
  beforeEach(() => (logs = mkdtempSync(join(tmpdir(), 'drill-logs-'))));
  afterEach(() => rmSync(logs, { recursive: true, force: true }));

  const end = (
    expected: boolean,
    log: string,
    reason = 'exit code 1',
    bounded: readonly string[] = [],
  ) => {
    const events: RunEvent[] = [];
    const failures: Error[] = [];
    const emit = withLastWords(
      (event, body) => void events.push({ t: 0, event, ...body } as RunEvent),
      logs,
      (error) => failures.push(error),
      bounded,
    );
    writeFileSync(join(logs, 'west-postgres.log'), log);
    emit('node.ended', { node: 'west/postgres', reason, expected });
    return { events, failures: failures.map(({ message }) => message) };
  };

  it('says why, and a machine that ran out of something ends the run', () => {
    const { events, failures } = end(false, 'x PANIC:  could not write: No space left on device\n');
    const reason = 'exit code 1: could not write: No space left on device';
    expect(events).to.deep.equal([
      { t: 0, event: 'node.ended', node: 'west/postgres', reason, expected: false },
    ]);
    expect(failures.join()).to.contain('west/postgres').and.contain('No space left on device');
  });

  it('ends no run where the node has a disk of its own, which is all that is full', () => {
    const said = 'x PANIC:  could not write: No space left on device\n';
    const { events, failures } = end(false, said, undefined, ['west/postgres']);
    expect(events).to.have.length.above(0);
    expect(failures).to.deep.equal([]);
    const others = end(false, 'could not fork: Resource temporarily unavailable\n', undefined, [
      'west/postgres',
    ]);
    expect(others.failures).to.have.length(1);
    expect(end(false, said, undefined, ['east/postgres']).failures).to.have.length(1);
  });

  it('ends the run too where it never began, for want of processes', () => {
    const { failures } = end(false, '', 'it could not be started: spawn /usr/bin/node EAGAIN');
    expect(failures.join()).to.contain('that this user may start another process');
    expect(end(false, '', 'it could not be started: spawn node ENOENT').failures).to.have.length(0);
  });

  it('for a reason of its own ends nothing else', () => {
    const { events, failures } = end(false, 'x FATAL:  data directory is gone\n');
    expect(events[0]).to.include({ reason: 'exit code 1: data directory is gone' });
    expect(failures).to.deep.equal([]);
  });

  it('is another one than one that was ended', () => {
    const { events, failures } = end(true, 'x PANIC:  No space left on device\n');
    expect(events[0]).to.include({ reason: 'exit code 1' });
    expect(failures).to.deep.equal([]);
  });
});
