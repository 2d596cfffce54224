// What a key of a drill file may hold, in words, from its JSON schema: `duration`, `kill, freeze`.
import { DURATION, PERCENT, RATE, SIZE } from '../../base/units.ts';

/** As much of a JSON schema as is put into words. */
export interface KeySchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, KeySchema>>;
  readonly additionalProperties?: KeySchema | boolean;
  readonly items?: KeySchema;
  readonly anyOf?: readonly KeySchema[];
  readonly oneOf?: readonly KeySchema[];
  readonly required?: readonly string[];
}

const PATTERNS: readonly (readonly [string, string])[] = [
  [`^${DURATION.pattern}$`, 'duration'],
  [`^${RATE.pattern}$`, 'rate'],
  [`^${SIZE.pattern}$`, 'size'],
  [`^${PERCENT.pattern}$`, 'percentage'],
];
const UNBOUNDED = 1e9;

/** How what is to be written as it stands is set apart. */
export type Quote = (text: string) => string;
const asItIs: Quote = (text) => text;

export function typeWords(schema: KeySchema, quote: Quote = asItIs): string {
  const { type, enum: choices, pattern, minimum, maximum } = schema;
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined) {
    return [...new Set(variants.map((each) => typeWords(each, quote)))].join(' or ');
  }
  if ('const' in schema) return quote(String(schema.const));
  if (choices !== undefined) return choices.map((each) => quote(String(each))).join(', ');
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
  if (pattern.startsWith('^after')) return quote('after 5s');
  if (!pattern.includes('beforehand')) return 'text';
  return `duration, range (${quote('1s..4s')}) or ${quote('beforehand')}`;
}

/** Empty where a drill file that leaves the key out has none. */
export function defaultWords({ default: value, type }: KeySchema, quote: Quote = asItIs): string {
  if (value === undefined || value === '' || type === 'object') return '';
  return quote(typeof value === 'string' ? value : JSON.stringify(value));
}
