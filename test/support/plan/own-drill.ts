// A drill file of a system of somebody's own, for tests that change a part of it.
interface OwnParts {
  /** By node, without a password. */
  readonly databases?: Readonly<Record<string, string>>;
  /** More lines of `topology.system` and `topology.guard`, and of the fault. */
  readonly system?: string;
  readonly guard?: string;
  readonly fault?: string;
}

const DATABASES = {
  'east/db1': 'postgres://drill@10.0.1.11:5432/app',
  'west/db2': 'postgres://drill@10.0.2.11:5432/app',
};

export function ownDrill(parts: OwnParts = {}): string {
  const { databases = DATABASES, system = '', guard = '', fault = '' } = parts;
  const servers = Object.entries(databases).map(([node, url]) => `${node}: '${url}'`);
  return `drill: 1
name: own
runtime: attached
targets: { rto: 40s, rpo: 1s }
topology:
  system: { databases: { ${servers.join(', ')} }, ${system} }
  guard: { schema: dr_drill, ${guard} }
workload: { rate: 50/s }
faults:
  - { at: 1s, kind: command, region: east, title: power off db1, run: [./off.sh, db1],
      undo: [./on.sh, db1], seen: { refuses: east/db1 }, ${fault} }
recover: { deadline: 40s }
`;
}
