// Reads the JSON bodies of the API: unknown fields are ignored, null means left out, a wrong type
// is a 400. The API's errors are worded and numbered as Toxiproxy 2.12 does.

export class ApiError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export const apiErrors = {
  badBody: (why: string) => new ApiError(`bad request body: ${why}`, 400),
  missingField: (field: string) => new ApiError(`missing required field: ${field}`, 400),
  proxyNotFound: () => new ApiError('proxy not found', 404),
  proxyExists: () => new ApiError('proxy already exists', 409),
  invalidStream: () =>
    new ApiError('stream was invalid, can be either upstream or downstream', 400),
  invalidToxicType: () => new ApiError('invalid toxic type', 400),
  toxicExists: () => new ApiError('toxic already exists', 409),
  toxicNotFound: () => new ApiError('toxic not found', 404),
  cannotListen: (why: string) => new ApiError(`listen tcp${why}`, 500),
} as const;

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

/** The field, of the type that the fallback has; a field that is left out is the fallback. */
export function field<T extends string | boolean | number>(
  fields: Fields,
  name: string,
  fallback: T,
): T {
  const value = fields[name] ?? fallback;
  if (typeof value === typeof fallback) return value as T;
  throw wrongType(name, `a ${typeof fallback}`, value);
}

export function integerField(fields: Fields, name: string, fallback: number): number {
  const value = field(fields, name, fallback);
  if (!Number.isSafeInteger(value)) throw wrongType(name, 'a whole number', value);
  return value;
}

function wrongType(what: string, expected: string, value: unknown) {
  return apiErrors.badBody(`${what} must be ${expected}, not ${JSON.stringify(value)}`);
}
