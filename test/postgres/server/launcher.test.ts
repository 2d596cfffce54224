// What a killed server left in shared memory goes, whatever went wrong before with its directory.
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hostClock } from '../../../src/host/clock.ts';
import { mayHaveSegment, sharedMemory } from '../../../src/host/machine/shared-memory.ts';
import { killTrees, untilGone } from '../../../src/host/process/processes.ts';
import { scrub, startFenced } from '../../../src/postgres/server/launcher.ts';
import { segmentIn } from '../../../src/postgres/server/segment.ts';
import { startTestDatabase } from '../../support/postgres/database.ts';

describe('the shared memory of a killed server', () => {
  it('is freed after its directory could not be opened as a second opinion', async function () {
    if (sharedMemory() === null) this.skip();
    const clock = hostClock();
    const database = await startTestDatabase();
    const { data, bin, environment, logFile, title } = database.started;
    const pidFile = join(data, 'postmaster.pid');
    const segment = Number(readFileSync(pidFile, 'utf8').split('\n')[6]!.trim().split(/\s+/)[1]);
    expect(await untilGone(killTrees(database.server.pids()), clock, 5_000)).to.deep.equal([]);
    expect(mayHaveSegment(segment)).to.equal(true);

    // Such as after somebody removed the run's folder.
    const nowhere = join(dirname(logFile), 'gone', 'postgres.log');
    const dead = { data, bin, environment, title, clock };
    const opened = await startFenced({ ...dead, logFile: nowhere }).catch((error: Error) => error);
    expect(opened).to.be.instanceOf(Error);
    expect(existsSync(pidFile)).to.equal(true);

    expect(await scrub({ ...dead, bin: () => Promise.resolve(bin), logFile })).to.deep.equal([]);
    expect(mayHaveSegment(segment)).to.equal(false);
    await database.stop();
  });

  it('is freed where no server can be started, and only what that server has made', async function () {
    if (sharedMemory() === null) this.skip();
    const clock = hostClock();
    const database = await startTestDatabase();
    const { data, environment, logFile, title } = database.started;
    const pidFile = join(data, 'postmaster.pid');
    const { id } = segmentIn(readFileSync(pidFile))!;
    await untilGone(killTrees(database.server.pids()), clock, 5_000);
    const full = Object.assign(new Error('the disk is full'), { syscall: 'open' });
    const dead = { data, environment, title, clock, logFile, bin: () => Promise.reject(full) };

    const made = spawnSync('ipcmk', ['-M', '100'], { encoding: 'utf8' }).stdout;
    const foreign = Number(/\d+/.exec(made)![0]);
    const own = readFileSync(pidFile, 'latin1');
    try {
      writeFileSync(pidFile, own.replace(new RegExp(`\\b${id}\\b`), String(foreign)));
      expect((await scrub(dead)).join()).to.contain(`(the disk is full); to remove it: ipcrm -m`);
      expect(mayHaveSegment(foreign), 'of somebody else').to.equal(true);
    } finally {
      spawnSync('ipcrm', ['-m', String(foreign)]);
    }
    writeFileSync(pidFile, own);
    expect(await scrub(dead)).to.deep.equal([]);
    expect(mayHaveSegment(id)).to.equal(false);
    await database.stop();
  });
});
