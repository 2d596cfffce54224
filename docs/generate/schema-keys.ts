// The keys of a JSON schema as rows: dotted key, type, default, meaning.
import { DURATION, PERCENT, RATE, SIZE } from '../../src/base/units.ts';
import { cell, code } from './markdown.ts';

interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly required?: readonly string[];
}

const PATTERNS: readonly (readonly [string, string])[] = [
  [`^${DURATION.pattern}$`, 'duration'],
  [`^${RATE.pattern}$`, 'rate'],
  [`^${SIZE.pattern}$`, 'size'],
  [`^${PERCENT.pattern}$`, 'percentage'],
];
const UNBOUNDED = 1e9;

/** Rows below `path`, parents before their keys. */
export function schemaRows(schema: object, path = ''): string[][] {
  const { properties = {}, additionalProperties, items, required = [] } = schema as Schema;
  const named = Object.entries(properties).flatMap(([name, child]) =>
    rowsOf(child, path === '' ? name : `${path}.${name}`, required.includes(name)),
  );
  const open = typeof additionalProperties === 'object' ? additionalProperties : null;
  const free = open === null ? [] : rowsOf(open, `${path}.NAME`, false);
  const forms = items === undefined ? [] : [items, ...(items.anyOf ?? items.oneOf ?? [])];
  const listed = merged(forms.flatMap((form) => schemaRows(form, `${path}[]`)));
  return [...named, ...free, ...listed];
}

/** One row for each key; a key that has several forms can have the type of each. */
function merged(rows: readonly string[][]): string[][] {
  const byKey = new Map<string, string[]>();
  for (const row of rows) {
    const [key = '', type = '', ...rest] = row;
    const first = byKey.get(key);
    const known = first?.[1]?.split(', ') ?? [];
    const types = known.includes(type) || type === known.join(', ') ? known : [...known, type];
    byKey.set(key, [key, types.join(', '), ...(first?.slice(2) ?? rest)]);
  }
  return [...byKey.values()];
}

function rowsOf(schema: Schema, path: string, isRequired: boolean): string[][] {
  const variants = schema.anyOf ?? schema.oneOf ?? [];
  const inside = [schema, ...variants].flatMap((each) => schemaRows(each, path));
  const meaning = cell(schema.description ?? '');
  const row = [code(path), typeWords(schema), defaultWords(schema, isRequired), meaning];
  return [row, ...inside];
}

function typeWords(schema: Schema): string {
  const { type, enum: choices, pattern, minimum, maximum } = schema;
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined) return [...new Set(variants.map(typeWords))].join(' or ');
  if ('const' in schema) return code(String(schema.const));
  if (choices !== undefined) return choices.map((each) => code(String(each))).join(', ');
  if (type === 'boolean') return 'true or false';
  if (type === 'array') return `list of ${schema.items?.type === 'string' ? 'texts' : 'mappings'}`;
  if (type === 'object') return 'mapping';
  if (type === 'integer' || type === 'number') {
    const what = type === 'integer' ? 'whole number' : 'number';
    const most = maximum === undefined || maximum >= UNBOUNDED ? ' or more' : ` to ${maximum}`;
    return minimum === undefined ? what : `${what}, ${minimum}${most}`;
  }
  if (type === undefined) return 'mapping';
  if (pattern === undefined) return 'text';
  const known = PATTERNS.find(([one]) => one === pattern.replaceAll('\\/', '/'))?.[1];
  if (known !== undefined) return known;
  if (pattern.startsWith('^after')) return '`after 5s`';
  if (pattern.includes('beforehand')) return 'duration, range (`1s..4s`) or `beforehand`';
  return 'text';
}

function defaultWords({ default: value, type }: Schema, isRequired: boolean): string {
  if (isRequired) return '**required**';
  if (value === undefined || value === '' || type === 'object') return '';
  return code(typeof value === 'string' ? value : JSON.stringify(value));
}
