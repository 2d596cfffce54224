// `drill evidence` as a person calls it: keys that are never written over, a pack, and what an
// auditor is told who has the pack and the public key alone.
import { expect } from 'chai';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordingScreen } from '../../support/cli/recording-screen.ts';
import { runCli } from '../../support/cli/run-cli.ts';
import { sealedRun } from '../../support/evidence/sealed-run.ts';

const ID = '20261128T100000Z-synthetic-0001';

describe('drill evidence', () => {
  let home = '';
  let elsewhere = '';
  before(() => {
    home = mkdtempSync(join(tmpdir(), 'drill-home-'));
    elsewhere = mkdtempSync(join(tmpdir(), 'drill-auditor-'));
    sealedRun(join(home, '.drill', 'runs'), { id: ID, lost: 2, plan: { controls: ['A1.2'] } });
  });
  after(() => {
    rmSync(home, { recursive: true });
    rmSync(elsewhere, { recursive: true });
  });

  const drill = async (directory: string, ...words: string[]) => {
    const screen = recordingScreen({ columns: 200 });
    const code = await runCli(['evidence', ...words], directory, screen);
    return { code, out: screen.stdout.text(), err: screen.stderr.text() };
  };

  it('makes a key for its owner alone, and never writes over one', async () => {
    const made = await drill(home, 'keygen');
    expect(made.code).to.equal(0);
    const file = join(home, '.drill', 'evidence-key.pem');
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(readFileSync(file, 'utf8')).to.match(/^-----BEGIN PRIVATE KEY-----/);
    const publicFile = join(home, '.drill', 'evidence-key.pub.pem');
    expect(readFileSync(publicFile, 'utf8')).to.match(/^-----BEGIN PUBLIC KEY-----/);
    expect(made.out).not.to.include('BEGIN');
    const before = readFileSync(file, 'utf8');
    const again = await drill(home, 'keygen');
    expect([again.code, again.err]).to.satisfy(([code, text]: [number, string]) => {
      return code === 2 && text.includes('never written over');
    });
    // Nor the public half alone, nor through a link.
    writeFileSync(join(home, 'x.pub.pem'), 'mine');
    expect((await drill(home, 'keygen', 'x.pem')).code).to.equal(2);
    expect(existsSync(join(home, 'x.pem'))).to.equal(false);
    symlinkSync(join(home, 'target'), join(home, 'y.pem'));
    expect((await drill(home, 'keygen', 'y.pem')).code).to.equal(2);
    expect(existsSync(join(home, 'target'))).to.equal(false);
    expect(existsSync(join(home, 'y.pub.pem'))).to.equal(false);
    expect(readFileSync(file, 'utf8')).to.equal(before);
  });

  it('packs a run, and is believed elsewhere with the pack and the public key alone', async () => {
    const packed = await drill(home, 'pack', ID);
    expect(packed.err).to.equal('');
    expect(packed.code).to.equal(0);
    expect(packed.out).to.include(`written  ${ID}.evidence.tar (`);
    const again = await drill(home, 'pack', ID);
    expect([again.code, again.err.includes('never written over')]).to.deep.equal([2, true]);
    copyFileSync(join(home, `${ID}.evidence.tar`), join(elsewhere, 'x.tar'));
    copyFileSync(join(home, '.drill', 'evidence-key.pub.pem'), join(elsewhere, 'pub.pem'));
    const verified = await drill(elsewhere, 'verify', 'x.tar', '--key', 'pub.pem');
    expect(verified.code).to.equal(0);
    expect(verified.out).to.match(/^ {2}ok {2}signature {2}Ed25519/);
    expect(verified.out)
      .to.include(`synthetic: pass, run ${ID} of`)
      .and.to.include('controls A1.2');
    expect(verified.out).to.match(/\nTo be believed: /);
    const json = await drill(elsewhere, 'verify', 'x.tar', '--key', 'pub.pem', '--json');
    const value = JSON.parse(json.out) as Record<string, unknown>;
    expect(value).to.include({ schema: 'drill.verified/1', believed: true, vouched: true });
    expect(readdirSync(elsewhere).toSorted()).to.deep.equal(['pub.pem', 'x.tar']);
  });

  it('never looks like a pass where nobody vouches for the key', async () => {
    const { code, out } = await drill(elsewhere, 'verify', 'x.tar');
    expect(code).to.equal(3);
    expect(out).to.match(/NO {2}key {8}nobody vouches for the key/);
    expect(out).to.match(/\nNot to be believed: nobody vouches/);
    expect(out).not.to.match(/\nTo be believed|synthetic: pass/);
    const json = JSON.parse((await drill(elsewhere, 'verify', 'x.tar', '--json')).out) as object;
    expect(json).to.include({ believed: false, vouched: false });
  });

  it('says what was changed, and ends with 3', async () => {
    const bytes = readFileSync(join(elsewhere, 'x.tar'));
    const at = bytes.indexOf('health checks begin');
    bytes[at]! ^= 1;
    writeFileSync(join(elsewhere, 'bad.tar'), bytes);
    const { code, out } = await drill(elsewhere, 'verify', 'bad.tar', '--key', 'pub.pem');
    expect(code).to.equal(3);
    expect(out).to.match(/NO {2}files {6}runs\/\S+\/logs\/gslb\.log: its SHA-256 is/);
    expect(out).to.match(/\nNot to be believed: runs\/\S+gslb\.log/);
    expect(out).not.to.include('synthetic: pass');
    const json = await drill(elsewhere, 'verify', 'bad.tar', '--key', 'pub.pem', '--json');
    expect(JSON.parse(json.out)).to.deep.include({ believed: false, predicate: null });
  });

  const usage: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['no action', [], /expected: drill evidence/],
    ['another action', ['sign'], /expected keygen, pack, verify/],
    ['nothing to verify', ['verify'], /expected: drill evidence verify FILE/],
    ['a file that is not there', ['verify', 'none.tar'], /there is no file none\.tar/],
    ['a key that is not there', ['verify', 'x.tar', '--key', 'none.pem'], /no file none\.pem/],
    ['a private key to verify', ['verify', 'x.tar', '--key', 'private.pem'], /a private one/],
    ['a folder as a key', ['verify', 'x.tar', '--key', '.'], /it is no file/],
    ['a flag of another action', ['verify', 'x.tar', '--to', 'y'], /--to is not for verify/],
    ['a flag for keygen', ['keygen', '--json'], /--json is not for keygen/],
  ];
  for (const [title, words, message] of usage) {
    it(`ends with 2 for ${title}`, async () => {
      copyFileSync(join(home, '.drill', 'evidence-key.pem'), join(elsewhere, 'private.pem'));
      const { code, err, out } = await drill(elsewhere, ...words);
      expect(code).to.equal(2);
      expect(err).to.match(message);
      expect(out).to.equal('');
    });
  }

  it('ends with 2 without a key to pack with, or with a public one, and makes nothing', async () => {
    const to = ['--to', 'z.tar'];
    const none = await drill(home, 'pack', ID, '--key', 'none.pem', ...to);
    expect([none.code, none.err.includes('drill evidence keygen')]).to.deep.equal([2, true]);
    const named = await drill(home, 'pack', ID, '--key', 'k.pem', ...to);
    expect(named.err).to.match(/there is no file k\.pem\n +try: drill evidence keygen k\.pem\n/);
    const wrong = await drill(home, 'pack', ID, '--key', '.drill/evidence-key.pub.pem', ...to);
    expect([wrong.code, wrong.err.includes('found a public one')]).to.deep.equal([2, true]);
    expect(existsSync(join(home, 'z.tar'))).to.equal(false);
  });

  it('follows a link to a key, and warns where others may read it', async () => {
    mkdirSync(join(home, 'secrets'));
    const open = join(home, 'secrets', 'open.pem');
    writeFileSync(open, readFileSync(join(home, '.drill', 'evidence-key.pem')), { mode: 0o644 });
    symlinkSync(open, join(home, 'secrets', 'key'));
    const { code, err } = await drill(home, 'pack', ID, '--key', 'secrets/key', '--to', 'l.tar');
    expect(code).to.equal(0);
    expect(err).to.include('others may read secrets/key: chmod 600 secrets/key');
  });
});
