// Links on a proxy server that was started by somebody else, with proxies under other names.
import { expect } from 'chai';
import { adoptLinks, type AdoptedLinks } from '../../src/link/adopt.ts';
import { connectClient } from '../../src/link/client.ts';
import { LinkError } from '../../src/link/links.ts';
import { freePort } from '../../src/host/ports.ts';
import { startTestedLinks, type TestedLinks } from '../support/servers/toxiproxy.ts';
import { BLACKHOLE } from '../../src/link/toxics.ts';

describe('links on a proxy server that stands already', function () {
  let server: TestedLinks;
  let adopted: AdoptedLinks;
  let listens: number;
  before(async function () {
    server = await startTestedLinks(this, 'toxiproxy');
  });
  after(() => server?.stop());
  beforeEach(async () => {
    const client = connectClient(server.links.url);
    for (const name of (await client.proxies()).keys()) {
      await fetch(`${server.links.url}/proxies/${name}`, { method: 'DELETE' });
    }
    listens = await freePort();
    await client.createProxy('clients-east.app-1', '127.0.0.1', 'east-app-1:8080', listens);
    adopted = await adoptLinks(server.links.url);
  });
  const toxicsOf = async (name: string) => {
    const response = await fetch(`${server.links.url}/proxies/${name}/toxics`);
    return ((await response.json()) as { name: string }[]).map((toxic) => toxic.name).toSorted();
  };
  /** The published port is another one than inside. */
  const adopt = (served: string, part = 'app-1') =>
    adopted.adopt('clients-paris', `clients-paris.${part}`, {
      ...{ served, host: '127.0.0.1', port: 40_001 },
    });

  it('keep the plan’s names and the outside address, and act on the server’s own', async () => {
    const proxy = await adopt('clients-east.app-1');
    expect(proxy).to.deep.equal({
      ...{ name: 'clients-paris.app-1', host: '127.0.0.1', port: 40_001 },
      upstream: { host: 'east-app-1', port: 8080 },
    });
    const link = adopted.links.get('clients-paris');
    expect(link.proxies).to.deep.equal([proxy]);
    await link.sever();
    expect(await link.isSevered()).to.equal(true);
    expect(await adopted.isEnabled('clients-east.app-1')).to.equal(false);
    await link.restore(); // on the port inside, which is not the one outside
    expect(await adopted.isEnabled('clients-east.app-1')).to.equal(true);
    const hole = link.disturb(BLACKHOLE);
    await hole.act();
    expect(await toxicsOf('clients-east.app-1')).to.have.length(2);
    await hole.undo();
    expect(await toxicsOf('clients-east.app-1')).to.deep.equal([]);
  });

  it('put what holds for the link on a proxy that joins it later', async () => {
    await adopt('clients-east.app-1');
    const link = adopted.links.get('clients-paris');
    await link.delay(5, 1);
    await link.sever();
    await adopted.create('clients-east.app-2', await freePort(), 'east-app-2:8080');
    await adopt('clients-east.app-2', 'app-2');
    expect(await toxicsOf('clients-east.app-2')).to.deep.equal([
      'delay-downstream',
      'delay-upstream',
    ]);
    expect(await adopted.isEnabled('clients-east.app-2')).to.equal(false);
  });

  it('say which proxy or link is not there, and which version the server has', async () => {
    expect(adopted.links.server).to.match(/^toxiproxy \S+$/);
    expect(() => adopted.links.get('clients-rome')).to.throw(LinkError, 'expected one of none');
    const error = await adopt('clients-east.app-9').catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(LinkError);
    expect((error as LinkError).found).to.contain('clients-east.app-9');
    const gone = await adoptLinks(`http://127.0.0.1:${await freePort()}`).catch((e: unknown) => e);
    expect(gone).to.be.instanceOf(LinkError);
  });
});
