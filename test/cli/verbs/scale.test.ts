// `drill scale`: what it takes and refuses before anything is started.
import { expect } from 'chai';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GOOD, makeFolder, removeFolder } from '../../support/cli/drill-verbs.ts';
import { recordingScreen } from '../../support/cli/recording-screen.ts';
import { runCli } from '../../support/cli/run-cli.ts';

describe('drill scale', () => {
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
    writeFileSync(join(folder, 'good.yaml'), GOOD);
  });
  afterEach(() => removeFolder(folder));

  async function scale(...args: readonly string[]) {
    const screen = recordingScreen();
    const code = await runCli(['scale', ...args], folder, screen);
    expect(existsSync(join(folder, '.drill'))).to.equal(false);
    return { code, err: screen.stderr.text() };
  }

  const REFUSED: Readonly<Record<string, [readonly string[], string]>> = {
    'no sizes': [[], '--data: expected 2 sizes or more'],
    'one size': [['--data', '100MB'], 'got "100MB"'],
    'one size twice': [['--data', '100MB,100000kB'], 'expected 2 sizes or more'],
    'a word': [['--data', '100MB,big'], '--data: expected a size such as 100MB or 4GB, got "big"'],
    'a number alone': [['--data', '100,200'], 'got "100"'],
    'a size between': [['--data', '1GB,2GB', '--to', '2GB'], '--to: expected more than 2GB'],
    'a size of nothing': [['--data', '1GB,2GB', '--to', 'x'], '--to: expected a size'],
    'data of its own': [
      ['--data', '1GB,2GB', '--set', 'topology.data=3GB'],
      'the sizes are those of --data',
    ],
    'no trial': [['--data', '1GB,2GB', '--repeat', '0'], '--repeat: expected a whole number'],
    'two forms for one place': [['--data', '1GB,2GB', '--json', '--html'], 'would both write'],
    'a size below the least': [['--data', '1MB,1GB'], 'topology.data'],
  };
  for (const [what, [args, reason]] of Object.entries(REFUSED)) {
    it(`refuses ${what}`, async () => {
      const { code, err } = await scale('good.yaml', ...args);
      expect(code).to.equal(2);
      expect(err).to.include(reason);
    });
  }

  it('reads the drill once for each size, so not from the standard input', async () => {
    const { code, err } = await scale('-', '--data', '1GB,2GB');
    expect([code, err.includes('name a file')]).to.eql([2, true]);
  });
});
