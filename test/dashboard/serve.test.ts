// The dashboard as a program: where it listens, what it says, how it ends.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startDashboard } from '../../src/dashboard/serve.ts';
import { UserError } from '../../src/screen/user-error.ts';
import { RunsInTest } from '../support/dashboard.ts';
import { Workplace, type RunningDrill } from '../support/whole/drill-cli.ts';

const WORDS = {
  SIGTERM: 'drill: SIGTERM. Ending.',
  SIGINT: 'drill: Ctrl-C (SIGINT). Ending.',
} as const;

/** What it says when it serves. */
async function saidBy({ child }: RunningDrill): Promise<string> {
  return await new Promise((resolve) => {
    let text = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('token')) resolve(text);
    });
  });
}

async function addressOf(running: RunningDrill): Promise<string> {
  return /dashboard: (http:\S+)/.exec(await saidBy(running))![1]!;
}

describe('drill serve', () => {
  let place: RunsInTest;
  beforeEach(() => (place = new RunsInTest()));
  afterEach(() => place.remove());

  it('answers on its address until it is closed, and says so where that is taken', async () => {
    const dashboard = await place.serve();
    try {
      const response = await fetch(dashboard.url);
      expect(await response.text()).to.include('Nothing runs.');
      const listen = { host: '127.0.0.1', port: Number(new URL(dashboard.url).port) };
      const parts = {
        listen,
        hostNames: [],
        gamedays: [],
        token: null,
        shared: null,
        tell: () => {},
      };
      const again = startDashboard({ ...place.place(), ...parts });
      const refused = await again.catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(UserError);
      expect((refused as UserError).message).to.include('something listens there already');
      expect((refused as UserError).exitCode).to.equal(4);
    } finally {
      await dashboard.close();
    }
    const gone = await fetch(dashboard.url).catch((error: unknown) => error);
    expect(gone).to.be.instanceOf(Error);
  });

  it('answers a request that changes something and has no body', async () => {
    const dashboard = await place.serve();
    const origin = new URL(dashboard.url).origin;
    try {
      for (const method of ['POST', 'PUT', 'DELETE']) {
        const { status } = await fetch(dashboard.url, { method, headers: { origin } });
        expect(status, method).to.equal(404);
      }
    } finally {
      await dashboard.close();
    }
  });

  it('has nothing outside of the folder of runs, whatever an address says', async () => {
    const dashboard = await place.serve();
    const { port, host } = new URL(dashboard.url);
    try {
      for (const path of ['/runs/../../../etc/passwd', '/../etc/passwd', '//etc/passwd', '/%00']) {
        const reply = await new Promise<string>((resolve) => {
          let text = '';
          const socket = connect(Number(port), '127.0.0.1', () => {
            socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
          });
          socket.on('data', (chunk) => (text += chunk.toString()));
          socket.on('close', () => resolve(text));
        });
        expect(reply, path).to.match(/^HTTP\/1\.1 40[034] /);
        expect(reply, path).to.not.include('root:');
      }
    } finally {
      await dashboard.close();
    }
  });

  it('says where it is and where the token stands, not the token; ends at once with 0', async () => {
    const work = new Workplace();
    try {
      const running = work.start(['serve', '--listen', '127.0.0.1:0']);
      const said = await saidBy(running);
      const [, url] = /dashboard: (http:\S+)/.exec(said)!;
      const file = join(work.directory, '.drill', 'serve.token');
      expect(said).to.include(file);
      const token = readFileSync(file, 'utf8').trim();
      const open = await fetch(url!);
      expect(open.status).to.equal(200);
      running.child.kill('SIGTERM');
      const { code, stdout, stderr } = await running.ended;
      expect(code).to.equal(0);
      expect(stdout + stderr).to.not.include(token);
    } finally {
      work.remove();
    }
  });

  it('ends at once while pages are watched, and does not speak of healing', async () => {
    const work = new Workplace();
    try {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        const running = work.start(['serve', '--listen', '127.0.0.1:0']);
        const url = await addressOf(running);
        const watched = await fetch(`${url}events`);
        const reader = watched.body!.getReader();
        await reader.read();
        running.child.kill(signal);
        const { code, stderr } = await running.ended;
        expect([code, stderr.trim()], signal).to.deep.equal([0, WORDS[signal]]);
        while (!(await reader.read()).done); // its watchers are told, too
      }
    } finally {
      work.remove();
    }
  });

  it('takes no address that is none, and none of others without a token', async () => {
    const work = new Workplace();
    try {
      for (const listen of ['8080', ':8080', 'a b:1', '127.0.0.1:70000']) {
        const { code, stderr } = await work.run(['serve', '--listen', listen]);
        expect(code, listen).to.equal(2);
        expect(stderr, listen).to.include('--listen: expected an address');
      }
      const bad = work.write('token', 'short');
      const args = ['serve', '--listen', '0.0.0.0:0', '--token-file', bad];
      const { code, stderr } = await work.run(args);
      expect(code).to.equal(4);
      expect(stderr).to.include('a token is needed on 0.0.0.0');
    } finally {
      work.remove();
    }
  });
});
