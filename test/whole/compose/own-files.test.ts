// Compose files that a user adds to drill's own, with `compose.files` of drill.config.yaml.
import { expect } from 'chai';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { Workplace } from '../../support/whole/drill-cli.ts';
import {
  atEngine,
  composeEnvironment,
  docker,
  requireDocker,
} from '../../support/servers/docker.ts';
import { it } from '../../support/commands.ts';

const RUN = ['run', 'drill.yaml', '--runtime', 'compose', '--reporter', 'plain'];

describe('a compose file of one’s own', function () {
  this.timeout(120_000);
  let place: Workplace;
  before(function () {
    requireDocker(this);
  });
  beforeEach(() => {
    place = new Workplace();
    place.write('drill.config.yaml', 'compose: { files: [mine.yaml] }\n');
  });
  afterEach(() => place.remove());
  const run = () => place.run(RUN, composeEnvironment());

  const bad: readonly (readonly [string, string | null, string])[] = [
    ['is not there', null, 'there is no such compose file'],
    ['is no YAML', 'services:\n  gslb: [\n', 'yaml'],
    ['has a key that compose does not know', 'services: { gslb: { portz: [] } }\n', 'portz'],
    [
      'opens a port to other machines',
      'services: { gslb: { ports: ["0.0.0.0:7000:7000"] } }\n',
      '127.0.0.1 only',
    ],
    ['names a service without an image', 'services: { more: { restart: "no" } }\n', 'more'],
  ];
  for (const [title, text, reason] of bad) {
    it(`that ${title} ends with 2 before anything is started`, async () => {
      if (text !== null) place.write('mine.yaml', text);
      const { code, stderr } = await run();
      expect(code, stderr).to.equal(2);
      expect(stderr).to.contain('mine.yaml').and.to.contain(reason).and.to.contain('try:');
      expect(place.runs()).to.deep.equal([]);
    });
  }

  it('that takes a port which is taken ends with 4, and nothing is left', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const ports = `ports: ["127.0.0.1:${port}:8475"]`;
    place.write('mine.yaml', `services: { toxiproxy: { ${ports} } }\n`);
    try {
      const { code, stdout } = await run();
      expect(code, stdout).to.equal(4);
      expect(stdout.replaceAll(/\s+/g, ' ')).to.contain(`127.0.0.1:${port}`);
      expect(place.runs().flatMap((each) => atEngine(basename(each)))).to.deep.equal([]);
    } finally {
      taken.close();
    }
  });

  it.full('that adds parts has them brought up, and nothing of them is left', async () => {
    const more = ['east', 'west', 'edge', 'mine'].join(', ');
    place.write(
      'mine.yaml',
      `services:
  toxiproxy: { networks: [${more}], volumes: ["mine:/mine"], depends_on: [extra] }
  extra: { image: "${composeEnvironment()['DRILL_IMAGE_NODE']}", entrypoint: [sleep, "600"] }
networks: { mine: {} }
volumes: { mine: {} }
`,
    );
    const project = (id: string) => `drill-${id.toLowerCase()}`;
    const up = await place.run(['up', 'drill.yaml', '--runtime', 'compose'], composeEnvironment());
    const [run = ''] = place.runs().map((each) => basename(each));
    const added = [`${project(run)}_mine`, `${project(run)}-extra-1`];
    const there = atEngine(run).filter((line) => added.some((name) => line.endsWith(name)));
    const down = await place.run(['down', 'latest'], composeEnvironment());
    expect(up.code, up.stderr).to.equal(0);
    expect(there, 'the container, the network and the volume').to.have.lengthOf(3);
    expect(down.code, down.stdout).to.equal(0);
    const left = ['container ls --all', 'network ls', 'volume ls'].flatMap((list) =>
      docker(...list.split(' '), '--filter', `name=${project(run)}`, '--quiet'),
    );
    expect(left.join('')).to.equal('');
  });

  it.full('that breaks a container ends with 4, with what the container said', async () => {
    const environment = 'environment: { DRILL_SETTINGS: "{" }';
    place.write('mine.yaml', `services: { east-app-1: { ${environment} } }\n`);
    const { code, stdout } = await run();
    expect(code, stdout).to.equal(4);
    expect(stdout).to.contain('east/app-1').and.to.contain('DRILL_SETTINGS: expected JSON');
    expect(place.runs().flatMap((each) => atEngine(basename(each)))).to.deep.equal([]);
  });
});
