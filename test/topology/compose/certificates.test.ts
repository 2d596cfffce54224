// What a user is told where the engine is not what DOCKER_HOST, a context or the certificates say:
// real servers on loopback, with and without TLS.
import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '../../../src/host/environment-error.ts';
import { makeCertificate, requireOpenssl } from '../../support/certificate.ts';
import { openEngine, unreachable } from '../../../src/topology/compose/engine/engine.ts';

const answer: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"Version":"27.0"}');
};

describe('an engine that cannot be asked', () => {
  let root = '';
  const servers: Server[] = [];
  before(function () {
    requireOpenssl(this);
    root = mkdtempSync(join(tmpdir(), 'drill-tls-'));
    for (const name of ['mine', 'other']) {
      mkdirSync(join(root, name));
      const at = (file: string) => join(root, name, file);
      makeCertificate({ key: at('key.pem'), certificate: at('cert.pem') }, 'IP:127.0.0.1');
      writeFileSync(at('ca.pem'), readFileSync(at('cert.pem')));
    }
  });
  after(() => {
    for (const server of servers) server.close();
    if (root !== '') rmSync(root, { recursive: true, force: true });
  });

  const listen = async (server: Server): Promise<string> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const tlsServer = (name: string, isAsking = true) => {
    const read = (file: string) => readFileSync(join(root, name, file));
    const keys = { key: read('key.pem'), cert: read('cert.pem'), ca: read('ca.pem') };
    return createTlsServer({ ...keys, requestCert: isAsking, rejectUnauthorized: true }, answer);
  };
  const withKeys = (name: string) => ({
    DOCKER_TLS_VERIFY: '1',
    DOCKER_CERT_PATH: join(root, name),
  });

  /** What the check of the doctor, and with it every run, says; null where it was answered. */
  const ask = async (environment: Record<string, string>) => {
    try {
      const engine = openEngine({ HOME: root, ...environment });
      await engine
        .call('version', (docker) => docker.version(), 5_000)
        .catch((error: unknown) => {
          throw unreachable(engine, error);
        });
      return null;
    } catch (error) {
      expect(error).to.be.instanceOf(EnvironmentError);
      return (error as EnvironmentError).problem;
    }
  };

  it('is none where host and certificates are right', async () => {
    const DOCKER_HOST = await listen(tlsServer('mine'));
    expect(await ask({ DOCKER_HOST, ...withKeys('mine') })).to.equal(null);
  });

  it('shows a certificate that those of the user have not signed, and where they are from', async () => {
    const DOCKER_HOST = await listen(tlsServer('mine'));
    const problem = await ask({ DOCKER_HOST, ...withKeys('other') });
    expect(problem?.expected).to.equal(
      `it to answer at ${DOCKER_HOST} (from DOCKER_HOST), ` +
        `with the certificates in ${join(root, 'other')} (from DOCKER_CERT_PATH)`,
    );
    expect(problem?.found).to.match(/self.signed|unable to verify/i);
    expect(problem?.hint).to.contain('ca.pem');
  });

  it('wants TLS and got none, or the other way round', async () => {
    const behindTls = await listen(tlsServer('mine', false));
    const plain = await listen(createServer(answer));
    const none = await ask({ DOCKER_HOST: plain, ...withKeys('mine') });
    expect(none?.hint).to.contain('unset DOCKER_TLS_VERIFY');
    const wanted = await ask({ DOCKER_HOST: behindTls });
    expect(wanted?.expected).to.contain('(from DOCKER_HOST)');
    const asDockerSays = createServer((_, response) => {
      response.writeHead(400).end('Client sent an HTTP request to an HTTPS server.\n');
    });
    const told = await ask({ DOCKER_HOST: await listen(asDockerSays) });
    expect(told?.hint).to.contain('DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH');
  });

  it('is named with the certificates that are not there, or are none', async () => {
    const DOCKER_HOST = 'tcp://127.0.0.1:1';
    const nowhere = await ask({ DOCKER_HOST, ...withKeys('nowhere') });
    expect(nowhere?.what).to.equal('the certificates for the docker engine');
    expect(nowhere?.expected).to.contain(`in ${join(root, 'nowhere')} (from DOCKER_CERT_PATH)`);
    const byDefault = await ask({ DOCKER_HOST, DOCKER_TLS_VERIFY: '1' });
    expect(byDefault?.expected).to.contain(`${join(root, '.docker')} (from DOCKER_TLS_VERIFY)`);
    mkdirSync(join(root, 'half'));
    writeFileSync(join(root, 'half', 'ca.pem'), readFileSync(join(root, 'mine', 'ca.pem')));
    writeFileSync(join(root, 'half', 'cert.pem'), readFileSync(join(root, 'mine', 'cert.pem')));
    expect((await ask({ DOCKER_HOST, ...withKeys('half') }))?.found).to.contain('no key.pem');
    writeFileSync(join(root, 'half', 'ca.pem'), 'nothing');
    expect((await ask({ DOCKER_HOST, ...withKeys('half') }))?.found).to.contain('no PEM in');
    mkdirSync(join(root, 'folder', 'ca.pem'), { recursive: true });
    expect((await ask({ DOCKER_HOST, ...withKeys('folder') }))?.found).to.contain('EISDIR');
  });

  it('is not where DOCKER_HOST says: the variable is named', async () => {
    const refused = await ask({ DOCKER_HOST: 'tcp://127.0.0.1:1' });
    expect(refused?.found).to.contain('ECONNREFUSED');
    expect(refused?.hint).to.contain('unset DOCKER_HOST');
    const socket = await ask({ DOCKER_HOST: `unix://${join(root, 'none.sock')}` });
    expect(socket?.found).to.contain('ENOENT');
    expect(socket?.expected).to.contain('(from DOCKER_HOST)');
  });
});
