// Whether the files of a run are as the published schemas say.
import { Ajv, type ValidateFunction } from 'ajv';
import { readFileSync } from 'node:fs';
import { runFile } from '../../../src/evidence/run-files.ts';
import { evidenceSchema, SCHEMA_NAMES, type SchemaName } from '../../../src/evidence/schemas.ts';

type Tree = Readonly<Record<string, unknown>>;
export type Schemas = Readonly<Record<SchemaName, ValidateFunction>>;

/** The schema of what is written now: it has no key that the published one does not name. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const own = Object.fromEntries(Object.entries(schema).map(([key, each]) => [key, closed(each)]));
  const { properties, additionalProperties: others = {} } = schema as Tree;
  const isOpen = properties !== undefined && Object.keys(others as object).length === 0;
  return isOpen ? { ...own, additionalProperties: false } : own;
}

export function compiledSchemas({ isClosed }: { readonly isClosed: boolean }): Schemas {
  const compiled = SCHEMA_NAMES.map((name) => {
    const schema = evidenceSchema(name);
    const wanted = (isClosed ? closed(schema) : schema) as Tree;
    return [name, new Ajv({ allowUnionTypes: true }).compile(wanted)];
  });
  return Object.fromEntries(compiled) as Record<SchemaName, ValidateFunction>;
}

/** What of the run's result, plan and journal is not as the schemas say, in a line each. */
export function invalidIn(directory: string, schemas: Schemas): string[] {
  const read = (name: 'result' | 'plan' | 'journal') =>
    readFileSync(runFile(directory, name), 'utf8').trimEnd();
  const check = (name: SchemaName, text: string) => {
    if (schemas[name](JSON.parse(text))) return [];
    const [first] = schemas[name].errors ?? [];
    return [`${name}: ${first?.instancePath} ${first?.message}: ${text.slice(0, 200)}`];
  };
  return [
    ...check('result', read('result')),
    ...check('plan', read('plan')),
    ...read('journal')
      .split('\n')
      .flatMap((line) => check('journal', line)),
  ];
}
