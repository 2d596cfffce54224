// Output that nobody takes for a while: nothing of it is cut off, and no run is kept from going on.
import { expect } from 'chai';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../support/find-program.ts';

const BUILT = fileURLToPath(new URL('../../bin/drill.js', import.meta.url));
/** More than a pipe or a terminal holds. */
const LONG_OUTPUT = 'schema journal';
const IDLE_MS = 700;
/** How often drill looks whether its parent is there. */
const PARENT_MS = 1_000;
const LIMIT_MS = 20_000;

describe('output that is not taken', function () {
  this.timeout(2 * LIMIT_MS);

  it('is whole for a reader that comes late', () => {
    const script = `{ '${process.execPath}' '${BUILT}' ${LONG_OUTPUT}; echo $? >&2; } | { sleep 4; cat; }`;
    const { stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
    expect(stderr).to.equal('0\n');
    expect(() => JSON.parse(stdout) as unknown).not.to.throw();
  });

  /** `held` runs its last argument and takes nothing of what that writes. */
  async function endsWhenTold(held: readonly string[], isHeld: boolean): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'drill-held-'));
    const [pidFile, go] = [join(folder, 'pid'), join(folder, 'go')];
    const script =
      `echo $$ > '${pidFile}'; until [ -e '${go}' ]; do sleep 0.02; done; ` +
      `exec '${process.execPath}' '${BUILT}' ${LONG_OUTPUT}`;
    const [program = '', ...args] = held;
    const holder = spawn(program, [...args, script], { stdio: 'ignore' });
    try {
      await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n'));
      const pid = Number(readFileSync(pidFile, 'utf8'));
      if (isHeld) holder.kill('SIGSTOP');
      writeFileSync(go, '');
      await untilIdle(pid);
      await until(() => {
        if (isOver(pid)) return true;
        process.kill(pid, 'SIGTERM');
        return false;
      });
    } finally {
      holder.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  }

  it('does not keep a command from ending that is told to', async () => {
    await endsWhenTold(['bash', '-c', 'sh -c "$0" | sleep 30'], false);
  });

  it('is waited for under nohup, whatever becomes of its terminal and its parent', async () => {
    const script = `nohup '${process.execPath}' '${BUILT}' ${LONG_OUTPUT} | sleep 20`;
    const shell = spawn('bash', ['-c', script], { stdio: 'ignore' });
    const pidOf = () => {
      const children = procFile(shell.pid!, `task/${shell.pid!}/children`).trim().split(' ');
      return children.map(Number).find((pid) => procFile(pid, 'cmdline').includes(BUILT));
    };
    await until(() => pidOf() !== undefined);
    const pid = pidOf()!;
    await untilIdle(pid);
    process.kill(pid, 'SIGHUP');
    shell.kill('SIGKILL');
    await pause(2 * PARENT_MS);
    const wasOver = isOver(pid);
    if (!wasOver) process.kill(pid, 'SIGKILL');
    expect(wasOver).to.equal(false);
  });

  it('nor does a terminal that is held', async function () {
    if (findProgram('script') === null) this.skip();
    await endsWhenTold(['script', '-q', '/dev/null', '-c'], true);
  });
});

async function until(isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + LIMIT_MS; !isSo(); await pause(50)) {
    if (Date.now() > end) throw new Error(`not within ${LIMIT_MS} ms: ${isSo.toString()}`);
  }
}

/** It is Node by now, and has nothing more to do than to write. */
async function untilIdle(pid: number): Promise<void> {
  let [used, since] = ['', Date.now()];
  await until(() => {
    const now = procFile(pid, 'stat').split(' ').slice(13, 15).join(' ');
    if (now !== used) [used, since] = [now, Date.now()];
    return procFile(pid, 'cmdline').includes(BUILT) && Date.now() - since > IDLE_MS;
  });
}

function isOver(pid: number): boolean {
  const status = procFile(pid, 'status');
  return status === '' || /^State:\s*Z/m.test(status);
}

function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
