// Many drills in one process, as a service makes them: its memory stays as it was, and nothing stays
// open.
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { it } from '../support/commands.ts';
import type { Growth } from '../support/noop/many-drills.ts';

const PROGRAM = fileURLToPath(new URL('../support/noop/many-drills.ts', import.meta.url));
const GROWN_AT_MOST = 5 * 2 ** 20;

async function growth(kind: 'whole' | 'session', drills: number): Promise<Growth> {
  const args = ['--import=tsx', '--expose-gc', PROGRAM, kind, String(drills)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Growth;
}

function expectFlat({ grown_bytes, open }: Growth): void {
  expect(grown_bytes).to.be.at.most(GROWN_AT_MOST);
  expect(open[1]).to.be.at.most(open[0]);
}

describe('many drills in one process', function () {
  this.timeout(600_000);

  it('leave its memory as it was: 30 whole ones', async () => {
    const whole = await growth('whole', 30);
    expect(whole.verdict).to.equal('pass');
    expectFlat(whole);
  });

  it.full('leave its memory as it was: 500 whole ones', async () => {
    const whole = await growth('whole', 500);
    expect(whole.verdict).to.equal('pass');
    expectFlat(whole);
  });

  it.full('leave its memory as it was: 500 of one session', async () => {
    const session = await growth('session', 500);
    expect(session.verdict).to.equal('environment');
    expectFlat(session);
  });
});
