import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { verbs } from '../../../src/cli/verbs.ts';
import { recordingScreen } from '../../support/cli/recording-screen.ts';
import { runCli } from '../../support/cli/run-cli.ts';

async function script(shell: string): Promise<string> {
  const screen = recordingScreen();
  expect(await runCli(['completion', shell], tmpdir(), screen)).to.equal(0);
  return screen.stdout.text();
}

/** What bash offers for the last of the words. */
async function offered(...words: readonly string[]): Promise<string[]> {
  const ask = `${await script('bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_drill; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = spawnSync('bash', ['--norc', '-c', ask], { encoding: 'utf8' });
  return stdout.split('\n').filter((word) => word !== '');
}

describe('drill completion', () => {
  it('offers every verb in bash', async () => {
    expect(await offered('drill', '')).to.include.members(verbs.map(({ name }) => name));
    expect(await offered('drill', 'sch')).to.deep.equal(['schema']);
  });

  it('offers the flags of the verb that was typed, and no others', async () => {
    expect(await offered('drill', 'run', '--repo')).to.deep.equal(['--reporter']);
    expect(await offered('drill', 'show', '--repo')).to.deep.equal([]);
  });

  it('offers fixed words and reporters', async () => {
    expect(await offered('drill', 'list', 'r')).to.have.members(['recoveries', 'runs', 'restores']);
    expect(await offered('drill', 'run', '--reporter', 'j')).to.have.members(['json', 'junit']);
  });

  it('has every verb in the zsh script, with its summary', async () => {
    const text = await script('zsh');
    for (const { name } of verbs) expect(text).to.include(`'${name}:`);
    expect(text).to.include('compdef _drill drill');
  });

  it('refuses a shell that it does not know', async () => {
    const screen = recordingScreen();
    expect(await runCli(['completion', 'fish'], tmpdir(), screen)).to.equal(2);
    expect(screen.stderr.text()).to.include('expected bash, zsh; got "fish"');
  });
});
