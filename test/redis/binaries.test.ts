// Finding Redis: what is said where there is none, or one that does not fit.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { EnvironmentError } from '../../src/host/environment-error.ts';
import { locateRedis } from '../../src/redis/binaries.ts';

describe('looking for Redis', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'drill-redis-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const program = (name: string, says: string) => {
    const file = join(directory, name);
    writeFileSync(file, `#!/bin/sh\necho "${says}"\n`, { mode: 0o755 });
    return file;
  };
  const locate = () => locateRedis({ PATH: directory });
  const problem = () => {
    try {
      locate();
    } catch (error) {
      return (error as EnvironmentError).problem;
    }
    throw new Error('it was found');
  };

  it('names what it looked for and how to install it', () => {
    const { expected, found, hint } = problem();
    expect(expected).to.contain('redis-server or valkey-server');
    expect(found).to.equal('neither');
    expect(hint).to.contain('apt-get install redis-server');
    expect(hint).to.contain('brew install redis');
  });

  it('takes redis-server, and valkey-server where that is missing', () => {
    const valkey = program('valkey-server', 'Valkey server v=8.1.1 sha=0 malloc=libc bits=64');
    expect(locate()).to.deep.equal({ server: valkey, version: 'valkey 8.1.1' });
    const redis = program('redis-server', 'Redis server v=7.0.15 sha=0 malloc=libc bits=64');
    expect(locate()).to.deep.equal({ server: redis, version: '7.0.15' });
  });

  it('refuses one that is too old, and one that says nothing of the kind', () => {
    const file = program('redis-server', 'Redis server v=6.0.16 sha=0 malloc=libc bits=64');
    expect(problem()).to.include({ expected: 'version 6.2 or newer', found: `6.0.16 (${file})` });
    program('redis-server', 'no idea');
    expect(problem()).to.include({ found: 'no idea' });
  });
});
