// What `drill run` refuses to keep, or to keep beside `--against`, before anything is started.
import { expect } from 'chai';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recordingScreen } from '../support/cli/recording-screen.ts';
import { runCli } from '../support/cli/run-cli.ts';
import { GOOD, makeFolder, removeFolder } from '../support/cli/drill-verbs.ts';

const BACKUPS = fileURLToPath(
  new URL('../../drills/strategies/backup-restore.yaml', import.meta.url),
);

describe('a run that cannot keep its system', () => {
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
    writeFileSync(join(folder, 'good.yaml'), GOOD);
  });
  afterEach(() => {
    expect(existsSync(join(folder, '.drill')), 'something was started').to.equal(false);
    removeFolder(folder);
  });

  async function run(args: readonly string[], environment: Record<string, string> = {}) {
    const screen = recordingScreen();
    const code = await runCli(['run', ...args], folder, screen, environment);
    expect(code).to.equal(2);
    return screen.stderr.text();
  }

  const against = ['good.yaml', '--against', 'latest'];

  it('since it goes against one that stays up: by whom keep was asked for', async () => {
    const refused =
      /^drill: (.*): expected never with --against, .*; got (.*)\n {2}try: --keep never/;
    const flag = await run([...against, '--keep', 'always']);
    expect(refused.exec(flag)?.slice(1), flag).to.deep.equal(['--keep', 'always']);
    const variable = await run(against, { DRILL_KEEP: 'on-failure' });
    expect(refused.exec(variable)?.slice(1), variable).to.deep.equal(['DRILL_KEEP', 'on-failure']);
    writeFileSync(join(folder, 'drill.config.yaml'), 'keep: always\n');
    const config = await run(against);
    const source = 'drill.config.yaml: keep';
    expect(refused.exec(config)?.slice(1), config).to.deep.equal([source, 'always']);
  });

  it('may say that nothing is to be kept', async () => {
    writeFileSync(join(folder, 'drill.config.yaml'), 'keep: always\n');
    expect(await run([...against, '--keep', 'never'])).to.contain('there are no runs in');
  });

  it('since its strategy leaves none up: by whom keep was asked for', async () => {
    const said = await run([BACKUPS], { DRILL_KEEP: 'always' });
    expect(said).to.match(
      /cannot be left up yet \(asked for by DRILL_KEEP\)\n {2}try: --keep never/,
    );
  });
});
