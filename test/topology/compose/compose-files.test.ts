// The compose file read as text: what holds for every service, and what has to agree with the code.
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { LAB_STRATEGIES } from '../../../src/drill/names.ts';
import { ORDERS_SCHEMA } from '../../../src/app/protocol.ts';
import type { GslbSettings } from '../../../src/gslb/protocol.ts';
import { recoverySettings } from '../../../src/postgres/restore/restore-target.ts';
import { serverSettings } from '../../../src/postgres/server/settings.ts';
import type { RepositorySettings } from '../../../src/postgres/repository/protocol.ts';
import { configurationOf } from '../../../src/redis/settings.ts';
import { diskLayer } from '../../../src/topology/compose/project/disks.ts';
import { SHORT_DRILL } from '../../support/whole/drill-cli.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';
import { planOf } from '../../support/plan/plan-of.ts';
import { findProgram } from '../../support/find-program.ts';
import { requirePart } from '../../support/require.ts';

interface Service {
  readonly image: string;
  readonly restart: string;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly interval?: string };
  readonly ports?: readonly string[];
  readonly networks: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly mem_limit?: string;
  readonly pids_limit?: number;
  readonly cpus?: string;
  readonly read_only?: boolean;
  readonly volumes?: readonly string[];
}

interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { internal?: boolean; labels: object }>>;
  readonly volumes: Readonly<Record<string, { labels: object }>>;
}

const FOLDER = fileURLToPath(new URL('../../../compose/', import.meta.url));
const text = (path: string) => readFileSync(join(FOLDER, path), 'utf8');
/** It speaks HTTP by itself, for which a POSIX shell has nothing. */
const ARCHIVE = 'archive.sh';
/** It has many aliases, each of which counts those below it. */
const PARSING = { merge: true, maxAliasCount: -1 };
const RUN_LABEL = '${DRILL_RUN:-by-hand}';

describe('compose.yaml', () => {
  const file = parse(text('compose.yaml'), PARSING) as ComposeFile;
  const services = Object.entries(file.services);
  const regionOf = (name: string) => /^(east|west)-/.exec(name)?.[1];

  it('has two regions, the proxy, the load balancer and a storage for backups', () => {
    const parts = ['postgres', 'redis', 'app-1', 'app-2'];
    const regions = ['east', 'west'].flatMap((region) => parts.map((part) => `${region}-${part}`));
    const shared = ['toxiproxy', 'gslb', 'west-storage'];
    expect(Object.keys(file.services)).to.have.members([...shared, ...regions]);
  });

  for (const [name, service] of services) {
    it(`${name} stays dead, tells its health, has limits and carries the run's labels`, () => {
      expect(service.restart).to.equal('no');
      expect(service.healthcheck?.test?.[0]).to.equal('CMD');
      expect(service.healthcheck?.interval).to.be.a('string');
      expect(service.mem_limit).to.be.a('string');
      expect(service.pids_limit).to.be.greaterThan(0);
      expect(service.cpus).to.be.a('string');
      expect(service.read_only).to.equal(true);
      expect(service.labels).to.include({ 'dr.drill.run': RUN_LABEL });
      expect(service.labels).to.include.keys('dr.drill.node', 'dr.drill.kind');
    });
  }

  it('pins every image and takes another one from the environment', () => {
    for (const [name, { image }] of services) {
      const parts = /^\$\{(DRILL_IMAGE_[A-Z]+):-([^:}]+):(\d+\.\d+\.?\d*[-a-z]*)\}$/.exec(image);
      expect(parts, `${name}: ${image}`).not.to.equal(null);
      expect(text('local-images.env')).to.include(`${parts![1]}=`);
    }
  });

  it('publishes ports on 127.0.0.1 only, each with a variable of its own', () => {
    const variables = new Set<string>();
    const ports = services.flatMap(([, { ports = [] }]) => ports);
    for (const port of ports) {
      const parts = /^127\.0\.0\.1:\$\{(DRILL_PORT_[A-Z0-9_]+)-\d+\}:\d+(\/udp)?$/.exec(port);
      expect(parts, port).not.to.equal(null);
      variables.add(parts![1]!);
    }
    expect(variables.size).to.equal(ports.length).and.to.be.greaterThan(10);
  });

  it('joins the regions by the proxy alone', () => {
    expect(file.networks['east']).to.have.property('internal', true);
    expect(file.networks['west']).to.have.property('internal', true);
    for (const [name, { networks, labels }] of services) {
      const region = regionOf(name);
      if (name === 'toxiproxy') expect(networks).to.have.members(['edge', 'east', 'west']);
      else expect(networks, name).to.deep.equal([region ?? 'edge']);
      if (region === undefined) continue;
      const variable = `\${DRILL_${region.toUpperCase()}:-${region}}`;
      expect(labels['dr.drill.region'], name).to.equal(variable);
      expect(labels['dr.drill.node'], name).to.equal(`${variable}/${name.slice(5)}`);
    }
  });

  it("puts the run's label on networks and volumes too, and keeps data in named volumes", () => {
    for (const part of [...Object.values(file.networks), ...Object.values(file.volumes)]) {
      expect(part.labels).to.deep.equal({
        'dr.drill.run': RUN_LABEL,
        // What is left of a run that has lost its folder is found by these.
        'dr.drill.directory': '${DRILL_RUN_DIRECTORY:-}',
        'dr.drill.runner': '${DRILL_RUNNER:-}',
      });
    }
    const stores = services.filter(([name]) => /postgres|redis|storage/.test(name));
    expect(Object.keys(file.volumes)).to.have.members(stores.map(([name]) => name));
    for (const [name, { volumes = [] }] of stores) {
      expect(volumes.some((volume) => volume.startsWith(`${name}:`))).to.equal(true);
    }
  });

  it('publishes every port that clients and the operator are told of, and none between regions', () => {
    const proxies = JSON.parse(text('toxiproxy.json')) as {
      name: string;
      listen: string;
      upstream: string;
    }[];
    const published = file.services['toxiproxy']!.ports!.map((port) => port.split(':').pop());
    for (const { name, listen, upstream } of proxies) {
      const port = listen.split(':')[1];
      const isOutside = /^(clients|operator)-/.test(name);
      expect(published.includes(port), name).to.equal(isOutside);
      expect(file.services, name).to.have.property(upstream.split(':')[0]!);
    }
    const ofApi = 1;
    const outside = proxies.filter(({ name }) => /^(clients|operator)-/.test(name));
    expect(published).to.have.lengthOf(outside.length + ofApi);
  });

  it('has the load balancer check, and answer, addresses that exist', () => {
    const settings = JSON.parse(text('gslb.json')) as GslbSettings;
    const proxies = JSON.parse(text('toxiproxy.json')) as { name: string; listen: string }[];
    for (const { node, port, check, service } of settings.endpoints) {
      const proxy = `clients-${node.replace('/', '.')}`;
      expect(proxies).to.deep.include.members([
        { ...proxies.find(({ name }) => name === proxy), listen: `0.0.0.0:${port}` },
      ]);
      const expected = service === 'orders' ? { host: 'toxiproxy', port } : undefined;
      expect(check, node).to.deep.equal(expected);
    }
    expect(settings.endpoints).to.have.lengthOf(6);
  });
});

describe('the files of compose/', () => {
  it('make the orders table as every strategy has it', () => {
    expect(text('postgres/orders.sql').trim()).to.equal(ORDERS_SCHEMA.trim());
  });

  it('run PostgreSQL with the settings that the embedded runtime uses', () => {
    const lines = text('postgres/postgresql.conf').matchAll(/^(\w+) = '(.*)'$/gm);
    const settings = Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
    expect(settings).to.deep.equal({ ...serverSettings(200), listen_addresses: '*' });
  });

  it('restore with the settings that the embedded runtime restores with', () => {
    const lines = text('postgres/restore.conf').matchAll(/^(\w+) = '(.*)'$/gm);
    const settings = Object.fromEntries(
      [...lines].map(([, name, value]) => [name, value!.replaceAll("''", "'")]),
    );
    expect(settings).to.deep.equal(recoverySettings('/storage/wal'));
  });

  it('have a layout for every strategy, which says only what differs', () => {
    const base = parse(text('compose.yaml'), PARSING) as ComposeFile;
    for (const strategy of LAB_STRATEGIES) {
      const layout = text(`${strategy}.yaml`).replaceAll('!reset ', '');
      const { services, ...rest } = parse(layout) as { services: Record<string, object> };
      expect(rest, strategy).to.deep.equal({});
      expect(base.services, strategy).to.include.keys(Object.keys(services));
    }
  });

  it('tell the storage, by hand, of the ports and passwords that are there', () => {
    const { primary, listen, token } = JSON.parse(text('storage.json')) as RepositorySettings;
    const proxies = JSON.parse(text('toxiproxy.json')) as {
      name: string;
      listen: string;
      upstream: string;
    }[];
    const of = (name: string) => proxies.find((proxy) => proxy.name === name)!;
    expect(of('east-west.postgres').listen).to.equal(`0.0.0.0:${primary.port}`);
    expect(of('east-west.storage').upstream).to.equal(`west-storage:${listen!.port}`);
    const [, inside] = of('east-west.storage').listen.split(':');
    const layout = text('backup-restore.yaml');
    expect(layout).to.contain(`toxiproxy:${inside}}`).and.to.contain(`:-${token}}`);
    const replication = `DRILL_REPLICATION_PASSWORD:-${primary.password}}`;
    expect(text('compose.yaml')).to.contain(replication);
  });

  it('run Redis with the settings that the embedded runtime uses', () => {
    const ofPlace = ['bind', 'port', 'protected-mode', 'dir', 'daemonize', 'logfile'];
    const ofProcess = ['set-proc-title', 'requirepass', 'masterauth', 'replicaof'];
    const read = (lines: string) => {
      const pairs = [...lines.matchAll(/^([a-z-]+) (.*)$/gm)].map(([, name, value]) => [
        name,
        value,
      ]);
      return Object.fromEntries(
        pairs.filter(([name]) => ![...ofPlace, ...ofProcess].includes(name!)),
      ) as Record<string, string>;
    };
    const [, written = ''] = /<<CONF\n([^]*?)\nCONF\n/.exec(text('entrypoints/redis.sh')) ?? [];
    const place = { port: 6379, directory: '/data', password: 'x', replicaOf: null };
    const embedded = configurationOf({ ...place, appendonly: 'everysec' });
    expect(read(written)).to.deep.equal(read(embedded));
    expect(Object.keys(read(written)).length).to.be.greaterThan(5);
  });

  it('entrypoints/archive.sh is a bash script that says what it expects', () => {
    const script = join(FOLDER, 'entrypoints', ARCHIVE);
    const checked = spawnSync('bash', ['-n', script], { encoding: 'utf8' });
    expect(checked).to.include({ stderr: '', status: 0 });
    expect(text(`entrypoints/${ARCHIVE}`)).to.match(/^#!\/usr\/bin\/env bash\n# /);
  });

  const scripts = readdirSync(join(FOLDER, 'entrypoints'));
  for (const name of scripts.filter((name) => name !== ARCHIVE)) {
    it(`entrypoints/${name} is a POSIX script that says what it expects`, function () {
      const dash = findProgram('dash');
      requirePart(this, 'dash', dash !== null, 'there is none on PATH');
      const script = join(FOLDER, 'entrypoints', name);
      const checked = spawnSync(dash!, ['-n', script], { encoding: 'utf8' });
      expect(checked.stderr).to.equal('');
      expect(checked.status).to.equal(0);
      expect(text(`entrypoints/${name}`)).to.match(/^#!\/bin\/sh\n# /);
    });
  }
});

describe('what compose is told of disks', () => {
  const images = new Map([['postgres', 'p:1']]);
  const plan = planOf(SHORT_DRILL);
  const faults = [plannedFault('fill-disk', { node: 'east/postgres', free: 0 })];

  it('is nothing where no fault fills one', () => {
    expect(diskLayer(plan, images)).to.deep.equal({ services: {}, volumes: {} });
  });

  it('is one of a bounded size, and who keeps it while the server is dead', () => {
    const { services, volumes } = diskLayer({ ...plan, faults }, images);
    expect(volumes).to.deep.equal({
      'east-postgres': {
        driver: 'local',
        driver_opts: { type: 'tmpfs', device: 'tmpfs', o: `size=${512 * 2 ** 20}` },
      },
    });
    expect(Object.keys(services)).to.have.members(['east-postgres', 'east-postgres-disk']);
    expect(services['east-postgres-disk']).to.deep.include({
      image: 'p:1',
      network_mode: 'none',
      volumes: ['east-postgres:/disk'],
    });
    // Removed with the run, and no node of the system.
    expect(services['east-postgres-disk']).to.have.nested.property(
      'labels.dr\\.drill\\.run',
      '${DRILL_RUN}',
    );
  });
});
