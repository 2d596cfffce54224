// The envelope of a pack as DSSE has it, checked by a program that is not ours, and its keys.
import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  isSignedBy,
  paeOf,
  PAYLOAD_TYPE,
  readEnvelope,
  signEnvelope,
} from '../../../src/evidence/pack/dsse.ts';
import {
  keyId,
  makeKeyPair,
  privateKeyIn,
  publicKeyIn,
  publicPemOf,
} from '../../../src/evidence/pack/keys.ts';
import { sha256 } from '../../../src/host/sha256.ts';
import { requireOpenssl } from '../../support/certificate.ts';

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

  it('is verified by OpenSSL, and one that OpenSSL signed by drill', function () {
    requireOpenssl(this);
    const folder = mkdtempSync(join(tmpdir(), 'drill-openssl-'));
    const at = (name: string, content: string | Uint8Array) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    try {
      const {
        payloadType,
        payload: body,
        signatures,
      } = JSON.parse(signEnvelope(payload, key)) as {
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
  it('is made as two halves that others read, each as it is called', () => {
    const made = makeKeyPair();
    const [own, its] = [createPrivateKey(made.privatePem), createPublicKey(made.publicPem)];
    expect([own.asymmetricKeyType, its.asymmetricKeyType]).to.deep.equal(['ed25519', 'ed25519']);
    expect(made.privatePem).to.match(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(made.publicPem).to.match(/^-----BEGIN PUBLIC KEY-----\n/);
    const der = its.export({ type: 'spki', format: 'der' });
    expect([made.id, keyId(own), keyId(its)]).to.deep.equal(Array(3).fill(sha256(der)));
    expect([publicPemOf(own), publicPemOf(its)]).to.deep.equal([made.publicPem, made.publicPem]);
  });

  it('signs an envelope, which is written in one form', () => {
    const made = makeKeyPair();
    const text = signEnvelope(payload, createPrivateKey(made.privatePem));
    expect(text).to.match(/^\{\n  "payloadType": "application\/vnd\.in-toto\+json",\n/);
    const { payload: body, signatures } = JSON.parse(text) as {
      payload: string;
      signatures: { keyid: string; sig: string }[];
    };
    expect(body).to.equal('eyJhIjoxfQ==');
    expect(signatures.map(({ keyid }) => keyid)).to.deep.equal([made.id]);
    const signed = Buffer.from('DSSEv1 28 application/vnd.in-toto+json 7 {"a":1}');
    const signature = Buffer.from(signatures[0]!.sig, 'base64');
    expect(verify(null, signed, createPublicKey(made.publicPem), signature)).to.equal(true);
    expect(text).to.equal(`${JSON.stringify(JSON.parse(text), null, 2)}\n`);
  });

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
    const expected = 'expected a private key of Ed25519 (PEM, PKCS#8), found';
    expect(problem(privateKeyIn(''))).to.equal(`${expected} none that can be read`);
    const none = 'expected a public key of Ed25519 (PEM, SPKI), found none';
    expect(problem(publicKeyIn('ssh-ed25519 AAAA'))).to.equal(none);
    const sec1 = '-----BEGIN EC PRIVATE KEY-----\n';
    expect(problem(publicKeyIn(`${pair.publicPem}${sec1}`))).to.match(/found a private one/);
  });
});
