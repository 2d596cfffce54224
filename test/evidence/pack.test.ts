// A pack: the envelope as DSSE has it, checked by a program that is not ours; a tar that every
// system unpacks and that has room for nothing else; keys; and no byte that can be another one.
import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mix32 } from '../../src/base/random.ts';
import { checkPack } from '../../src/evidence/pack/check-pack.ts';
import {
  isSignedBy,
  paeOf,
  PAYLOAD_TYPE,
  readEnvelope,
  signEnvelope,
} from '../../src/evidence/pack/dsse.ts';
import { keyId, makeKeyPair, privateKeyIn, publicKeyIn } from '../../src/evidence/pack/keys.ts';
import { openPack, type PackFile } from '../../src/evidence/pack/pack-file.ts';
import { clashIn, pathProblem } from '../../src/evidence/pack/paths.ts';
import { readStatement, statementText } from '../../src/evidence/pack/statement.ts';
import { endOfTar, entriesOf, headerOf, paddingOf } from '../../src/evidence/pack/tar.ts';
import { sha256 } from '../../src/host/sha256.ts';

const pair = makeKeyPair();
const key = createPrivateKey(pair.privatePem);
const publicKey = createPublicKey(pair.publicPem);
const payload = Buffer.from('{"a":1}');

describe('an envelope', () => {
  it('signs the bytes of the example in the specification of DSSE', () => {
    const pae = paeOf('http://example.com/HelloWorld', Buffer.from('hello world'));
    expect(pae.toString()).to.equal('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
    // Lengths are of bytes, not of letters.
    expect(paeOf('é', Buffer.from('ü')).toString()).to.equal('DSSEv1 2 é 2 ü');
    expect(paeOf('', Buffer.alloc(0)).toString()).to.equal('DSSEv1 0  0 ');
  });

  it('is verified by OpenSSL, and one that OpenSSL signed by drill', () => {
    const folder = mkdtempSync(join(tmpdir(), 'drill-openssl-'));
    const at = (name: string, content: string | Uint8Array) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    try {
      const { payloadType, payload: body, signatures } = JSON.parse(signEnvelope(payload, key)) as {
        payloadType: string;
        payload: string;
        signatures: { keyid: string; sig: string }[];
      };
      const bytes = Buffer.from(body, 'base64');
      const head = `DSSEv1 ${payloadType.length} ${payloadType} ${bytes.length} `;
      const message = at('pae', Buffer.concat([Buffer.from(head), bytes]));
      const signature = at('sig', Buffer.from(signatures[0]!.sig, 'base64'));
      const verify = ['-verify', '-pubin', '-inkey', at('pub.pem', pair.publicPem), '-rawin'];
      const files = ['-in', message, '-sigfile', signature];
      const said = execFileSync('openssl', ['pkeyutl', ...verify, ...files], { encoding: 'utf8' });
      expect(said).to.include('Signature Verified Successfully');
      at('pae', `${readFileSync(message, 'latin1')} `);
      expect(spawnSync('openssl', ['pkeyutl', ...verify, ...files]).status).not.to.equal(0);
      // The other way round, with a key that OpenSSL made.
      const made = join(folder, 'made.pem');
      execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', made]);
      const theirs = privateKeyIn(readFileSync(made, 'utf8'));
      if ('problem' in theirs) throw new Error(theirs.problem);
      const own = at('own', paeOf(PAYLOAD_TYPE, payload));
      const flags = ['-sign', '-inkey', made, '-rawin', '-in', own];
      const sig = execFileSync('openssl', ['pkeyutl', ...flags]);
      const envelope = { payload, keyid: '', signature: sig };
      expect(isSignedBy(envelope, createPublicKey(theirs.value))).to.equal(true);
      expect(isSignedBy(envelope, publicKey)).to.equal(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const text = signEnvelope(payload, key);
  const with_ = (change: (envelope: Record<string, unknown>) => unknown) => {
    return `${JSON.stringify(change(JSON.parse(text) as Record<string, unknown>), null, 2)}\n`;
  };
  const one = (JSON.parse(text) as { signatures: { keyid: string; sig: string }[] }).signatures[0]!;
  const bad: Readonly<Record<string, readonly [string, RegExp]>> = {
    'is no JSON': [text.slice(0, -10), /not JSON/],
    'has another type': [with_((all) => ({ ...all, payloadType: 'text/plain' })), /payloadType/],
    'has no signature': [with_((all) => ({ ...all, signatures: [] })), /expected one, found 0/],
    'has two': [with_((all) => ({ ...all, signatures: [one, one] })), /expected one, found 2/],
    'has a key more': [with_((all) => ({ ...all, more: 1 })), /no key "more"/],
    'has a key twice': [text.replace('{', '{"payload": "YQ==",'), /said twice/],
    'has blanks': [text.replace('"payload":', '"payload" :'), /said twice/],
    'has base64 bits that mean nothing': [
      with_((all) => ({ ...all, payload: 'eyJhIjoxfR==' })),
      /said twice/,
    ],
    'is a list': ['[]\n', /expected a mapping/],
    'is empty': ['', /not JSON/],
  };
  for (const [title, [content, problem]] of Object.entries(bad)) {
    it(`is none where it ${title}`, () => {
      const read = readEnvelope(Buffer.from(content));
      expect('problem' in read ? read.problem : 'read').to.match(problem);
    });
  }

  it('is read as it was written', () => {
    const read = readEnvelope(Buffer.from(text));
    if ('problem' in read) throw new Error(read.problem);
    expect(read.value.payload.equals(payload)).to.equal(true);
    expect(read.value.keyid).to.equal(pair.id);
    expect(isSignedBy(read.value, publicKey)).to.equal(true);
    const other = { ...read.value, payload: Buffer.from('{"a":2}') };
    expect(isSignedBy(other, publicKey)).to.equal(false);
  });
});

describe('a key', () => {
  it('is named by the SHA-256 of its public half, which others compute too', () => {
    const der = createPublicKey(pair.publicPem).export({ type: 'spki', format: 'der' });
    expect(pair.id).to.equal(sha256(der)).and.to.equal(keyId(key)).and.to.equal(keyId(publicKey));
  });

  it('is refused where it is another kind, the other half, locked, or none', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const rsaPem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const rsaPublic = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const lock = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
    const locked = key.export(lock).toString();
    const problem = (read: { problem: string } | { value: unknown }) =>
      'problem' in read ? read.problem : 'read';
    expect(problem(privateKeyIn(pair.privatePem))).to.equal('read');
    expect(problem(publicKeyIn(pair.publicPem))).to.equal('read');
    expect(problem(privateKeyIn(pair.publicPem))).to.match(/found a public one/);
    expect(problem(publicKeyIn(pair.privatePem))).to.match(/found a private one/);
    expect(problem(publicKeyIn(`${pair.publicPem}${pair.privatePem}`))).to.match(/a private one/);
    expect(problem(publicKeyIn(locked))).to.match(/found a private one/);
    expect(problem(privateKeyIn(locked))).to.match(/a passphrase locks/);
    expect(problem(privateKeyIn(rsaPem))).to.match(/found one of rsa/);
    expect(problem(publicKeyIn(rsaPublic))).to.match(/found one of rsa/);
    expect(problem(privateKeyIn(''))).to.match(/none that can be read/);
    expect(problem(publicKeyIn('ssh-ed25519 AAAA'))).to.match(/found none/);
  });
});

describe('a path in a pack', () => {
  it('is one that every system has, below the folder', () => {
    const good = ['runs/a-1/logs/east-postgres.log', 'README.txt', 'a b.txt', '_x', 'a..b', 'x~1'];
    for (const path of good) expect(pathProblem(path), path).to.equal(null);
    const bad = ['', '/etc/passwd', '../x', 'a/../b', 'a//b', 'a/', './a', 'a\\b', 'C:x', 'a:b'];
    bad.push('nul', 'NUL.txt', 'com1', 'a/con', 'x.', 'x ', ' x', '-x', 'é', 'a\nb', 'a\u0000b');
    bad.push('a*b', 'a?b', '.git/config', 'x'.repeat(241));
    for (const path of bad) expect(pathProblem(path), path).to.be.a('string');
    expect(clashIn(['a/b', 'c', 'A/B'])).to.deep.equal(['a/b', 'A/B']);
    expect(clashIn(['a/b', 'a/c'])).to.equal(null);
  });
});

describe('a tar file', () => {
  const TIME_S = 1_795_888_800;
  const long = `runs/${'r'.repeat(90)}/logs/east-postgres.log`;
  const contents: Readonly<Record<string, string>> = {
    'a.txt': 'hello',
    empty: '',
    [long]: 'x'.repeat(512),
  };
  const tarOf = (files: Readonly<Record<string, string>>) => {
    const parts = Object.entries(files).flatMap(([path, text]) => {
      const size = text.length;
      return [headerOf({ path, size, time_s: TIME_S }), Buffer.from(text), paddingOf(size)];
    });
    return Buffer.concat([...parts, endOfTar()]);
  };
  const read = (bytes: Buffer) => {
    const source = {
      size: bytes.length,
      read: (at: number, length: number) => bytes.subarray(at, at + length),
    };
    return [...entriesOf(source)].map(({ path, at, size }) => {
      return [path, bytes.subarray(at, at + size).toString()];
    });
  };
  const whole = tarOf(contents);

  it('is what the tar of this system unpacks, paths of more than 100 letters too', () => {
    const folder = mkdtempSync(join(tmpdir(), 'drill-tar-'));
    try {
      writeFileSync(join(folder, 'x.tar'), whole);
      execFileSync('tar', ['-xf', 'x.tar'], { cwd: folder });
      for (const [path, text] of Object.entries(contents)) {
        expect(readFileSync(join(folder, path), 'utf8')).to.equal(text);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(Object.fromEntries(read(whole))).to.deep.equal(contents);
  });

  const altered = (at: number, text: string) => {
    const bytes = Buffer.from(whole);
    bytes.write(text, at, 'latin1');
    return bytes;
  };
  const resum = (bytes: Buffer) => {
    bytes.write(' '.repeat(8), 148, 'latin1');
    const sum = bytes.subarray(0, 512).reduce((all, byte) => all + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148, 'latin1');
    return bytes;
  };
  const bad: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
    'is cut off in a header': [whole.subarray(0, 700), /cut off|hidden/],
    'is cut off in a file': [whole.subarray(0, 514), /a\.txt is cut off/],
    'has no end': [whole.subarray(0, -1024), /is cut off at byte/],
    'has half an end': [whole.subarray(0, -512), /is cut off at byte/],
    'has something behind its end': [Buffer.concat([whole, Buffer.alloc(512)]), /behind its end/],
    'has something behind a file': [altered(512 + 5, 'x'), /hidden behind a\.txt/],
    'has a link': [resum(altered(156, '2')), /no header of a plain file/],
    'has a device': [resum(altered(156, '3')), /no header of a plain file/],
    'has a folder': [resum(altered(156, '5')), /no header of a plain file/],
    'has a long name of GNU': [resum(altered(156, 'L')), /no header of a plain file/],
    'has another mode': [resum(altered(100, '0004755')), /no header of a plain file/],
    'has something in an unused field': [resum(altered(500, 'x')), /no header of a plain file/],
    'has a path upwards': [resum(altered(0, '../..')), /no name that every system has/],
    'has an absolute path': [resum(altered(0, '/a.tx')), /no name that every system has/],
    'has a size that is none': [resum(altered(124, '-0000000001')), /no header of a plain file/],
    'is compressed': [Buffer.concat([Buffer.from([0x1f, 0x8b]), whole]), /gzip/],
    'is empty': [Buffer.alloc(0), /cut off at byte 0/],
  };
  for (const [title, [bytes, problem]] of Object.entries(bad)) {
    it(`is refused where it ${title}`, () => {
      expect(() => read(bytes)).to.throw(problem);
    });
  }

  it('has no room in a header for a name of more than 100 letters', () => {
    expect(() => headerOf({ path: 'x'.repeat(101), size: 0, time_s: 0 })).to.throw(/has room/);
  });
});

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
        ...{ run: 'r', drill: 'd', strategy: 's', drill_sha256: '0', controls: [], verdict: 'pass' },
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
      packOf(files, signEnvelope(type(statement.replace('evidence/v1', 'evidence/v9')), key)),
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

  it('reads a statement only as it is written', () => {
    expect(readStatement(Buffer.from(statement))).to.have.property('value');
    expect(readStatement(Buffer.from(`${statement} `))).to.have.property('problem');
    expect(readStatement(Buffer.from('null'))).to.have.property('problem');
    const none: PackFile[] = [];
    expect(checkPack(() => none, publicKey).checks[0]!.text).to.match(/no evidence\.dsse\.json/);
  });
});
