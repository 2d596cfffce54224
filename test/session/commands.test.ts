// The program of `declare: { command }`: looked for by check, and before anything is started.
import { expect } from 'chai';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, removeFolder } from '../support/cli/drill-verbs.ts';
import { recordingScreen } from '../support/cli/recording-screen.ts';
import { runCli } from '../support/cli/run-cli.ts';

const drill = (command: string) => `drill: 1
name: paged
targets: { rto: 15s }
topology: { strategy: warm-standby }
faults: [{ at: 2s, kind: lose-region, region: east }]
declare: { command: [${command}] }
`;

describe('the command that declares a disaster', () => {
  let folder: string;
  beforeEach(() => (folder = makeFolder()));
  afterEach(() => removeFolder(folder));

  const cli = async (verb: string, command: string) => {
    writeFileSync(join(folder, 'a.yaml'), drill(command));
    const screen = recordingScreen({ columns: 80 });
    const environment = { PATH: join(folder, 'bin') };
    const code = await runCli([verb, 'a.yaml'], folder, screen, environment);
    return { code, err: screen.stderr.text() };
  };
  const program = (name: string, mode: number) => {
    mkdirSync(join(folder, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'bin', name), '#!/bin/sh\n');
    chmodSync(join(folder, 'bin', name), mode);
    return join(folder, 'bin', name);
  };

  const MISSING: readonly (readonly [string, string])[] = [
    ['/nonexistent/page-somebody', 'no file /nonexistent/page-somebody'],
    ['page-somebody', 'no program page-somebody in the PATH'],
    ['/', '/, which is no file'],
  ];
  for (const [command, found] of MISSING) {
    it(`is missed by check, and ends a run before it begins: ${command}`, async () => {
      const checked = await cli('check', command);
      expect(checked.code).to.equal(0);
      expect(checked.err).to.contain(`a.yaml: warning: declare.command: expected a program`);
      expect(checked.err).to.contain(found);
      const run = await cli('run', command);
      expect(run.code).to.equal(4);
      expect(run.err).to.contain('the command that declares the disaster').and.to.contain(found);
    });
  }

  it('is missed where it may not be executed', async function () {
    const path = program('silent', 0o600);
    const { err } = await cli('check', path);
    expect(err).to.contain(`${path}, which this user may not execute (chmod +x)`);
  });

  it('is found by its path and in the PATH', async () => {
    for (const command of [program('page', 0o755), 'page']) {
      expect(await cli('check', command), command).to.deep.equal({ code: 0, err: '' });
    }
  });
});
