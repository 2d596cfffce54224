// A pack as it was signed, and as it was not: no byte of it can be another one.
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mix32 } from '../../../src/base/random.ts';
import { checkPack } from '../../../src/evidence/pack/check-pack.ts';
import { signEnvelope } from '../../../src/evidence/pack/dsse.ts';
import { makeKeyPair } from '../../../src/evidence/pack/keys.ts';
import { openPack, type PackFile } from '../../../src/evidence/pack/pack-file.ts';
import { readStatement, statementText } from '../../../src/evidence/pack/statement.ts';
import { endOfTar, headerOf, paddingOf } from '../../../src/evidence/pack/tar.ts';
import { sha256 } from '../../../src/host/sha256.ts';

const pair = makeKeyPair();
const key = createPrivateKey(pair.privatePem);
const publicKey = createPublicKey(pair.publicPem);

describe('a pack, byte by byte', () => {
  const TIME_S = 1_795_888_800;
  const packed_at = new Date(TIME_S * 1_000).toISOString();
  const files: Readonly<Record<string, string>> = {
    'evidence.pub.pem': pair.publicPem,
    'README.txt': 'read me\n',
    'runs/r/plan.json': JSON.stringify({ rto: 15 }),
    'runs/r/ledger.bin': Array.from({ length: 300 }, (_, at) => at % 10).join(''),
  };
  const predicate = {
    ...{ packed_at, packed_by: '0.1.0', series: null },
    runs: [
      {
        ...{
          run: 'r',
          drill: 'd',
          strategy: 's',
          drill_sha256: '0',
          controls: [],
          verdict: 'pass',
        },
        ...{ seed: 1, started_at: packed_at, wall_ms: 1, drill_version: '0.1.0', system: null },
        ...{ gates: [], rto_ms: 1, rpo_ms: 0, lost_writes: 0 },
      },
    ],
  } as const;
  const subjects = Object.entries(files).map(([path, text]) => ({ path, sha256: sha256(text) }));
  const statement = statementText(subjects, predicate);
  const packOf = (all: Readonly<Record<string, string>>, envelope: string, time_s = TIME_S) => {
    const parts = Object.entries({ 'evidence.dsse.json': envelope, ...all }).flatMap(
      ([path, text]) => {
        const bytes = Buffer.from(text);
        return [headerOf({ path, size: bytes.length, time_s }), bytes, paddingOf(bytes.length)];
      },
    );
    return Buffer.concat([...parts, endOfTar()]);
  };
  const envelope = signEnvelope(Buffer.from(statement), key);
  const whole = packOf(files, envelope);
  let folder = '';
  before(() => (folder = mkdtempSync(join(tmpdir(), 'drill-pack-'))));
  after(() => rmSync(folder, { recursive: true }));

  const check = (bytes: Buffer, by = publicKey as typeof publicKey | null) => {
    const file = join(folder, 'x.tar');
    writeFileSync(file, bytes);
    using pack = openPack(file);
    return checkPack(pack.files, by);
  };
  const problems = (bytes: Buffer, by = publicKey as typeof publicKey | null) => {
    const { checks } = check(bytes, by);
    return checks.filter(({ isOk }) => !isOk).map(({ what, text }) => `${what}: ${text}`);
  };

  it('is all right as it was made, with the key and with the one inside', () => {
    expect(problems(whole)).to.deep.equal([]);
    expect(problems(whole, null)).to.deep.equal([]);
    expect(check(whole).keyid).to.equal(pair.id);
    expect(check(whole).statement?.predicate).to.deep.equal(predicate);
  });

  it('has no bit that can be another one', () => {
    const file = join(folder, 'flipped.tar');
    writeFileSync(file, whole);
    const opened = openSync(file, 'r+');
    try {
      // Each byte once, at some bit of it.
      for (let at = 0; at < whole.length; at++) {
        const flipped = whole[at]! ^ (1 << (mix32(7, at) % 8));
        writeSync(opened, Buffer.from([flipped]), 0, 1, at);
        using pack = openPack(file);
        const { checks } = checkPack(pack.files, publicKey);
        if (checks.every(({ isOk }) => isOk)) throw new Error(`byte ${at} can be ${flipped}`);
        writeSync(opened, whole, at, 1, at);
      }
    } finally {
      closeSync(opened);
    }
    expect(whole.length).to.be.greaterThan(5_000);
  });

  it('is none where it is cut off anywhere', () => {
    for (let at = 0; at < whole.length; at += 61) {
      expect(problems(whole.subarray(0, at)), String(at)).to.have.length.greaterThan(0);
    }
  });

  const other = makeKeyPair();
  const otherKey = createPrivateKey(other.privatePem);
  const without = (path: string) =>
    Object.fromEntries(Object.entries(files).filter(([name]) => name !== path));
  const type = (text: string) => Buffer.from(text);
  const cases: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
    'a file is another one': [
      packOf({ ...files, 'runs/r/plan.json': '{"rto":99}' }, envelope),
      /^files: runs\/r\/plan\.json: its SHA-256 is [0-9a-f]{64}, not [0-9a-f]{64}$/,
    ],
    'a file is missing': [packOf(without('README.txt'), envelope), /README\.txt: it is missing/],
    'a file was added': [packOf({ ...files, more: '1' }, envelope), /more: it was added/],
    'a file is hidden by case': [
      packOf({ ...files, 'readme.TXT': '1' }, envelope),
      /README\.txt and readme\.TXT are one file/,
    ],
    'a file is a folder too': [
      packOf({ ...files, 'readme.TXT/more': '1' }, envelope),
      /readme\.TXT is a file and a folder/,
    ],
    'it was signed by another key': [
      packOf(files, signEnvelope(Buffer.from(statement), otherKey)),
      /signature: it is signed with the key [0-9a-f]{64}, expected [0-9a-f]{64}/,
    ],
    'another key says that it is this one': [
      packOf(files, signEnvelope(type(statement), otherKey).replace(other.id, pair.id)),
      /signature: it is none of the key/,
    ],
    'what was signed is another statement': [
      packOf(files, signEnvelope(type(statement.replace('Statement/v1', 'Statement/v2')), key)),
      /statement: .*_type/,
    ],
    'the predicate is of another kind': [
      packOf(files, signEnvelope(type(statement.replace('evidence:v1', 'evidence:v9')), key)),
      /statement: .*predicateType/,
    ],
    'a key stands in the statement twice': [
      packOf(files, signEnvelope(type(statement.replace('{', '{"_type":"x",')), key)),
      /statement: .*said twice/,
    ],
    'it was packed at another time': [packOf(files, envelope, TIME_S + 1), /when it was packed/],
    'it has no envelope': [
      whole.subarray(whole.indexOf('evidence.pub.pem')),
      /it has no evidence\.dsse\.json, which says/,
    ],
  };
  for (const [title, [bytes, problem]] of Object.entries(cases)) {
    it(`is not all right where ${title}`, () => {
      expect(problems(bytes)).to.have.length.greaterThan(0);
      expect(problems(bytes)[0]).to.match(problem);
      // A key of the attacker's own, with nobody to say whose it is, makes it no better.
      expect(problems(bytes, null), 'the key inside').to.have.length.greaterThan(0);
    });
  }

  it('has a signature of other bytes for nothing', () => {
    const raw = sign(null, Buffer.from(statement), key).toString('base64');
    const text = envelope.replace(/"sig": "[^"]+"/, `"sig": "${raw}"`);
    expect(problems(packOf(files, text))).to.deep.equal([
      `signature: it is none of the key ${pair.id} for this statement`,
    ]);
  });

  it('is a folder too, where nothing else lies: no link, no FIFO', () => {
    const place = join(folder, 'unpacked');
    mkdirSync(place);
    writeFileSync(join(folder, 'y.tar'), whole);
    execFileSync('tar', ['-xf', join(folder, 'y.tar')], { cwd: place });
    const look = () => {
      using pack = openPack(place);
      return checkPack(pack.files, publicKey).checks.filter(({ isOk }) => !isOk);
    };
    expect(look()).to.deep.equal([]);
    symlinkSync('/etc/passwd', join(place, 'runs', 'link'));
    expect(look().map(({ text }) => text)).to.deep.equal(['runs/link is no plain file']);
    rmSync(join(place, 'runs', 'link'));
    execFileSync('mkfifo', [join(place, 'runs', 'pipe')]);
    expect(look().map(({ text }) => text)).to.deep.equal(['runs/pipe is no plain file']);
  });

  it('says of what it looked at what it found', () => {
    const bytes = Object.values(files).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    expect(check(whole).checks).to.deep.equal([
      { what: 'signature', isOk: true, text: `Ed25519, by the key ${pair.id}` },
      {
        what: 'files',
        isOk: true,
        text: `4 files, ${bytes} bytes: each as signed, none missing, none added`,
      },
    ]);
    const broken = packOf(files, '{');
    expect(check(broken)).to.deep.include({ statement: null, keyid: null });
    expect(problems(broken)[0]).to.match(/^signature: evidence\.dsse\.json: it is not JSON/);
    const { statement: read, keyid } = check(packOf({ ...files, more: '1' }, envelope));
    expect([read?.subject.length, keyid]).to.deep.equal([4, pair.id]);
    const stranger = packOf(files, signEnvelope(Buffer.from(statement), otherKey));
    expect(check(stranger).keyid).to.equal(null);
    expect(check(stranger).checks.map(({ what, isOk }) => [what, isOk])).to.deep.equal([
      ['signature', false],
      ['files', true],
    ]);
  });

  it('needs a key of somebody’s: inside, or given', () => {
    const signed = (all: Readonly<Record<string, string>>) => {
      const its = Object.entries(all).map(([path, text]) => ({ path, sha256: sha256(text) }));
      return packOf(all, signEnvelope(Buffer.from(statementText(its, predicate)), key));
    };
    const keyless = signed(without('evidence.pub.pem'));
    expect(problems(keyless)).to.deep.equal([]);
    expect(problems(keyless, null)).to.deep.equal([
      'signature: it has no evidence.pub.pem: --key FILE is needed',
    ]);
    const spoilt = signed({ ...files, 'evidence.pub.pem': 'x' });
    expect(problems(spoilt)).to.deep.equal([]);
    expect(problems(spoilt, null)).to.deep.equal([
      'signature: evidence.pub.pem: expected a public key of Ed25519 (PEM, SPKI), found none',
    ]);
  });

  it('has each file once, and of one time', () => {
    const part = (path: string, text: string, time_s = TIME_S) => {
      const bytes = Buffer.from(text);
      return [headerOf({ path, size: bytes.length, time_s }), bytes, paddingOf(bytes.length)];
    };
    const end = [endOfTar()];
    const rest = Object.entries(files).flatMap(([path, text]) => part(path, text));
    const first = part('evidence.dsse.json', envelope);
    const twice = Buffer.concat([...first, ...rest, ...part('README.txt', 'read me\n'), ...end]);
    expect(problems(twice)).to.deep.equal(['pack: it has two files README.txt']);
    const signedTwice = Buffer.concat([...first, ...rest, ...first, ...end]);
    expect(problems(signedTwice)).to.deep.equal(['pack: it has two files evidence.dsse.json']);
    const late = part('evidence.dsse.json', envelope, TIME_S + 1);
    expect(problems(Buffer.concat([...late, ...rest, ...end]))).to.deep.equal([
      `pack: its files are not of ${packed_at}, when it was packed`,
    ]);
    const doubled = [...subjects, subjects[0]!];
    const text = signEnvelope(Buffer.from(statementText(doubled, predicate)), key);
    expect(problems(packOf(files, text))).to.deep.equal(['statement: a file stands in it twice']);
  });

  it('passes on what is no word about the pack', () => {
    const failing = () => {
      throw new Error('the disk is gone');
    };
    expect(() => checkPack(failing, publicKey)).to.throw('the disk is gone');
  });

  it('reads a statement only as it is written', () => {
    expect(readStatement(Buffer.from(statement))).to.have.property('value');
    expect(readStatement(Buffer.from(`${statement} `))).to.have.property('problem');
    expect(readStatement(Buffer.from('null'))).to.have.property('problem');
    const none: PackFile[] = [];
    expect(checkPack(() => none, publicKey).checks[0]!.text).to.match(/no evidence\.dsse\.json/);
  });
});
