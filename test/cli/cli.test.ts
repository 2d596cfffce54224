import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { colourChoice, readCommandLine } from '../../src/cli/command-line.ts';
import { EXIT, EXIT_MEANINGS, worstExit } from '../../src/verdict/exit-code.ts';
import { parseVerb } from '../../src/cli/parse-verb.ts';
import type { Verb } from '../../src/cli/verb.ts';
import { verbs } from '../../src/cli/verbs.ts';
import { UserError } from '../../src/screen/user-error.ts';
import { displayWidth } from '../../src/screen/text.ts';
import { recordingScreen } from '../support/cli/recording-screen.ts';
import { runCli } from '../support/cli/run-cli.ts';

const BUILT = fileURLToPath(new URL('../../bin/drill.js', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

async function cli(...argv: readonly string[]) {
  const screen = recordingScreen({ columns: 80 });
  const code = await runCli(argv, tmpdir(), screen);
  return { code, out: screen.stdout.text(), err: screen.stderr.text() };
}

const verb: Verb = {
  command: 'sample <file>',
  positionals: { file: { type: 'string' } },
  options: {
    set: { type: 'string', array: true },
    'dry-run': { type: 'boolean' },
    limit: { type: 'number' },
    keep: { type: 'string', choices: ['never', 'always'] },
  },
  examples: [],
  run: () => Promise.resolve(0),
};

function complaint(...words: readonly string[]): string {
  try {
    parseVerb(verb, words);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return 'none';
}

describe('exit codes', () => {
  it('lets the worst of several win, in the order 70, 130, 1, 5, 4, 3, 0', () => {
    const order = [70, 130, 1, 5, 4, 3, 0];
    order.forEach((worst, i) => expect(worstExit(order.slice(i).toReversed())).to.equal(worst));
    expect(worstExit([])).to.equal(0);
  });

  it('never hides a code that is not in the table', () => {
    expect(worstExit([0, 99, 70])).to.equal(99);
  });

  it('has one meaning for each, and each verdict has a code', () => {
    expect(EXIT_MEANINGS.map(([name]) => name)).to.have.members(Object.keys(EXIT));
    expect(EXIT.inconclusive).to.equal(3);
  });
});

describe('command line', () => {
  it('prints help with every verb and every exit code, within the width', async () => {
    const { code, out } = await cli('--help');
    expect(code).to.equal(0);
    for (const { name } of verbs) expect(out).to.match(new RegExp(`^  ${name} `, 'm'));
    for (const [name, meaning] of EXIT_MEANINGS) {
      expect(out).to.match(new RegExp(`^  ${EXIT[name]} +${name} `, 'm'));
      expect(out).to.include(meaning.split(' ')[0]);
    }
    for (const line of out.split('\n')) expect(displayWidth(line), line).to.be.at.most(80);
  });

  it('is a usage error without a verb, with the help on stderr', async () => {
    const { code, out, err } = await cli();
    expect(code).to.equal(2);
    expect(out).to.equal('');
    expect(err).to.include('Usage: drill VERB');
  });

  it('has help for every verb, asked for in three ways', async () => {
    for (const { name } of verbs) {
      const { code, out } = await cli(name, '--help');
      expect(code).to.equal(0);
      expect(out).to.match(new RegExp(`^drill ${name}`));
      expect(out).to.include('Examples:');
      expect(out).to.include('Exit codes:');
      for (const line of out.split('\n')) expect(displayWidth(line), line).to.be.at.most(80);
      expect((await cli('help', name)).out).to.equal(out);
      expect((await cli('--help', name)).out).to.equal(out);
    }
  });

  it('says of a verb without a verdict only how that can end', async () => {
    const codes = async (...words: string[]) => {
      const { out } = await cli(...words, '--help');
      const table = out.slice(out.indexOf('Exit codes:'));
      return [...table.matchAll(/^ {2}([0-9]+) .*$/gm)].map(([, code]) => Number(code));
    };
    for (const name of ['declare', 'pin', 'unpin', 'plan', 'check', 'list', 'init', 'schema']) {
      expect(await codes(name), name).to.deep.equal([0, 2, 3, 4, 70]);
    }
    for (const name of ['run', 'show', 'clean', 'gameday', 'status']) {
      expect(await codes(name), name).to.have.length(8);
    }
    expect((await cli('declare', '--help')).out).to.match(/ {2}0 +pass +done\n/);
  });

  it('prints its version', async () => {
    expect((await cli('--version')).out).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  it('calls each verb by its own name', async () => {
    for (const entry of verbs) {
      const { command } = await entry.load();
      expect(command.split(' ')[0]).to.equal(entry.name);
    }
  });

  it('guesses a verb, a flag of a verb and a flag before the verb', async () => {
    const wrong = await cli('rnu');
    expect(wrong.code).to.equal(2);
    expect(wrong.err).to.include('; did you mean run?');
    expect((await cli('show', '--jsno')).err).to.include('did you mean --json');
    expect((await cli('--versoin')).err).to.include('did you mean --version');
  });

  it('offers run when a drill file stands where a verb should', async () => {
    expect((await cli('my.yaml')).err).to.include('drill run my.yaml');
  });

  it('takes the last of the colour flags and refuses another value', async () => {
    expect(colourChoice(['run', '--color'])).to.equal('always');
    expect(colourChoice(['--color=never', 'run', '--no-color', '--color=auto'])).to.equal('auto');
    expect(colourChoice(['run', '--', '--color'])).to.equal('auto');
    expect((await cli('list', 'runs', '--color=blue')).code).to.equal(2);
  });

  it('leaves what comes after -- to the verb', () => {
    expect(readCommandLine(['run', '--', '--help']).rest).to.deep.equal(['--', '--help']);
    expect(readCommandLine(['run', '--', '--help']).wantsHelp).to.equal(false);
  });
});

describe('arguments of a verb', () => {
  it('are given by name, with lists one word per flag', () => {
    const words = ['--set', 'a=1', 'x.yaml', '--set=b=2', '--dry-run', '--limit', '3'];
    const args = parseVerb(verb, words);
    expect(args).to.deep.include({ file: 'x.yaml', 'dry-run': true, limit: 3 });
    expect(args['set']).to.deep.equal(['a=1', 'b=2']);
  });

  it('are never empty', async () => {
    expect(complaint('')).to.equal('file: expected a value, got nothing');
    for (const name of ['run', 'check', 'plan', 'compare', 'judge', 'show', 'clean', 'down']) {
      const { code, out, err } = await cli(name, '');
      expect([code, out], name).to.deep.equal([EXIT.usage, '']);
      expect(err, name).to.include('expected a value, got nothing');
    }
  });

  it('are no run where one is called -', async () => {
    for (const name of ['judge', 'show', 'clean', 'pin', 'down', 'compare']) {
      const { code, out } = await cli(name, '-');
      expect([code, out], name).to.deep.equal([EXIT.usage, '']);
    }
  });

  it('keep the text of ids that look like numbers', () => {
    expect(parseVerb(verb, ['20261122'])['file']).to.equal('20261122');
  });

  it('say what was expected when one is missing, wrong or too many', () => {
    expect(complaint()).to.equal('expected: drill sample <file>');
    expect(complaint('a', 'b')).to.equal('one argument too many: "b"');
    expect(complaint('a', '--keep', 'alwys')).to.equal(
      '--keep: expected never, always; got "alwys"; did you mean always?',
    );
    expect(complaint('a', '--limit', 'many')).to.equal('--limit: expected a number, got "many"');
    expect(complaint('a', '--limit')).to.equal('--limit: expected a value');
    expect(complaint('a', '--keep', 'never', '--keep', 'always')).to.include('2 times');
  });

  it('take no nothing for a number, and no word for a flag that takes none', () => {
    for (const words of [['--limit='], ['--limit', '']]) {
      expect(complaint('a', ...words)).to.equal('--limit: expected a value, got nothing');
    }
    expect(complaint('a', '--limit= ')).to.equal('--limit: expected a number, got " "');
    expect(parseVerb(verb, ['a', '--limit', '-1.5'])['limit']).to.equal(-1.5);
    expect(complaint('a', '--dry-run=yes')).to.equal('--dry-run takes no value, got "yes"');
    expect(parseVerb(verb, ['a', '--dry-run=true'])['dry-run']).to.equal(true);
  });

  it('know no flag that was not declared, negations included', () => {
    expect(complaint('a', '--no-dry-run')).to.include('there is no flag --no-dry-run');
    expect(complaint('a', '-x')).to.include('there is no flag -x');
    expect(complaint('a', '-limit')).to.include('there is no flag -l');
    expect(complaint('a', '--constructor')).to.include('there is no flag --constructor');
  });

  it('take no flag for a value, and everything after -- as it stands', () => {
    expect(complaint('a', '--limit', '--dry-run')).to.equal('--limit: expected a value');
    expect(complaint('a', '--set', '-x')).to.equal('--set: expected a value');
    expect(parseVerb(verb, ['--', '--limit'])).to.deep.include({ file: '--limit' });
    expect(complaint('a', '--', '-b')).to.equal('one argument too many: "-b"');
  });
});

describe('process edge', () => {
  function start(args: readonly string[]) {
    return spawn(process.execPath, ['--import=tsx', MAIN, ...args], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  it('ends with the exit code and all of its output', async () => {
    const child = start(['schema']);
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).to.equal(0);
    expect(() => JSON.parse(out) as unknown).not.to.throw();
  });

  /** The built command: tsx itself cannot do without a folder. */
  async function shell(script: string) {
    const command = script.replace('DRILL', `"${process.execPath}" "${BUILT}"`);
    const child = spawn('sh', ['-c', command], {
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.stdout.resume();
    return { code: await new Promise((resolve) => child.once('close', resolve)), err };
  }

  it('does not exit 0 when its output is lost', async () => {
    const { code, err } = await shell('DRILL schema > /dev/full');
    expect(code).to.equal(4);
    expect(err).to.include('the output could not be written');
  });

  it('says so where the current folder is gone', async () => {
    const { code, err } = await shell(
      'd=$(mktemp -d) && cd "$d" && rmdir "$d" && DRILL list faults',
    );
    expect(code).to.equal(4);
    expect(err).to.equal('drill: the current folder is gone\n');
  });

  it('says nothing when its reader goes away', async () => {
    const child = start(['schema']);
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.stdout.destroy();
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).to.equal(0);
    expect(err).to.equal('');
  });
});
