// The network of a sandbox: nothing is in it but what leads to itself.
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { it } from '../../support/commands.ts';
import { cutOff } from '../../../src/postgres/sandbox/cut-off.ts';
import { databaseIdentity } from '../../../src/postgres/server/identity.ts';

describe('the network of a sandbox', () => {
  it('has nothing in it, and whoever runs there is whoever owns the data', async function () {
    const identity = databaseIdentity();
    const through = await cutOff(identity);
    // Some machines let nobody but root do that, which drill says.
    if (through === null) return this.skip();
    const [program = '', ...args] = through;
    const ask = (...words: string[]) => execFileSync(program, [...args, ...words]).toString();
    const links = ask('cat', '/proc/self/net/dev').split('\n').slice(2, -1);
    expect(links.map((line) => line.split(':')[0]!.trim())).to.deep.equal(['lo']);
    expect(Number(ask('id', '-u'))).to.equal(identity.uid);
  });
});
