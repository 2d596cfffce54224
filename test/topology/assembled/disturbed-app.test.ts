// An app instance that is disturbed, whatever else is done to the links in front of it.
import { expect } from 'chai';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  disturb,
  disturbanceOf,
  UNDISTURBED,
  type Disturbance,
} from '../../../src/app/disturbance.ts';
import { disturbedApp } from '../../../src/topology/assembled/disturbed-app.ts';
import type { NodeState } from '../../../src/topology/system/region.ts';
import { withTcpServer } from '../../support/servers/tcp.ts';

const SECRET = 'secret';
const SLOW: Disturbance = { errors: 0, delay_ms: 200 };

describe('an app instance that is disturbed', () => {
  const { control } = disturbanceOf(SECRET);
  const app = createServer((request, response) => {
    void control(request, () => text(request)).then((reply) => {
      response.writeHead(reply?.status ?? 404).end(JSON.stringify(reply?.body));
    });
  });
  before(async () => void (await once(app.listen(0, '127.0.0.1'), 'listening')));
  after(() => void app.close());

  const direct = () => ({ host: '127.0.0.1', port: (app.address() as AddressInfo).port });
  const look: NodeState['look'] = () => Promise.resolve({ state: 'running', detail: 'seen' });
  const nodeAt = (at: { host: string; port: number }) => {
    return { node: 'east/app-1', kind: 'app', look, ...at } as NodeState;
  };

  it('is told past a link that resets connections, and is as it was afterwards', async () => {
    await withTcpServer(
      (socket) => socket.resetAndDestroy(),
      async (edge) => {
        const own = { directAt: () => Promise.resolve(direct()), secret: SECRET };
        const slow = disturbedApp(nodeAt(edge), own, SLOW);
        await slow.act();
        expect(await slow.undo()).to.deep.equal([]);
        expect(await disturb(direct(), SECRET, UNDISTURBED)).to.deep.equal(UNDISTURBED);
      },
    );
  });

  it('is not where it does not run', async () => {
    const own = { directAt: () => Promise.resolve(null), secret: SECRET };
    const slow = disturbedApp(nodeAt(direct()), own, SLOW);
    const failure = await slow.act().catch((error: Error) => error.message);
    expect(failure).to.contain('nobody who listens');
    expect(await slow.undo()).to.deep.equal(['the disturbance of east/app-1']);
  });
});
