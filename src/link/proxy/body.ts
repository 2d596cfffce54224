// Reads the JSON bodies of the API: unknown fields are ignored, null means left out, a wrong type
// is a 400.
import { apiErrors } from './api-error.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function parseBody(text: string): unknown {
  if (text.trim() === '') throw apiErrors.badBody('EOF');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw apiErrors.badBody((error as Error).message);
  }
}

export function asFields(value: unknown, what: string): Fields {
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw wrongType(what, 'an object', value);
  return value as Fields;
}

export function asList(value: unknown, what: string): readonly unknown[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw wrongType(what, 'an array', value);
  return value;
}

export function stringField(fields: Fields, name: string, fallback: string): string {
  const value = fields[name] ?? fallback;
  if (typeof value !== 'string') throw wrongType(name, 'a string', value);
  return value;
}

export function booleanField(fields: Fields, name: string, fallback: boolean): boolean {
  const value = fields[name] ?? fallback;
  if (typeof value !== 'boolean') throw wrongType(name, 'a boolean', value);
  return value;
}

export function numberField(fields: Fields, name: string, fallback: number): number {
  const value = fields[name] ?? fallback;
  if (typeof value !== 'number') throw wrongType(name, 'a number', value);
  return value;
}

export function integerField(fields: Fields, name: string, fallback: number): number {
  const value = numberField(fields, name, fallback);
  if (!Number.isSafeInteger(value)) throw wrongType(name, 'a whole number', value);
  return value;
}

function wrongType(what: string, expected: string, value: unknown) {
  return apiErrors.badBody(`${what} must be ${expected}, not ${JSON.stringify(value)}`);
}
