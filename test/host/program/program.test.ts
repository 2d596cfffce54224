import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startProgram } from '../../../src/host/program/program.ts';

const ECHO = `process.on('message', ({ id, body }) => process.send({ type: 'reply', id, body }));\n`;

describe('programs', () => {
  it('start from a folder of any name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'drill größe 100%20 #'));
    writeFileSync(join(folder, 'main.mjs'), ECHO);
    try {
      const program = startProgram({
        title: 'echo',
        module: pathToFileURL(join(folder, 'main.mjs')),
        env: process.env,
        logFile: join(folder, 'log'),
      });
      expect(await program.request('say', 'hello')).to.equal('hello');
      program.release();
      expect(await program.exited).to.deep.equal({ code: 0, signal: null });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
