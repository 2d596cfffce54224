// What the values of a plan can be, whoever wrote it: schemas that refuse what no drill file could
// have said, such as a negative rate or a number that is none.
import * as z from 'zod';

/** Times in milliseconds; never negative. */
export const ms = z.number().min(0);
/** So many a second; never none. */
export const perSecond = z.number().positive();
/** From none to all. */
export const share = z.number().min(0).max(1);
/** Of things, which are whole. */
export const count = z.int().min(0);
/** Of things of which there is one at least. */
export const atLeastOne = z.int().min(1);
/** Of a region, a link or a drill. */
export const name = z.string().min(1);
/** A price, in whatever currency the user thinks in. */
export const price = z.number().min(0);

/** A type and all that is in it, for reading only. */
export type Frozen<T> = T extends readonly (infer Each)[]
  ? readonly Frozen<Each>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;

/** The values of a shape of which every key is there. */
export type ValuesOf<S extends z.ZodRawShape> = { readonly [K in keyof S]: z.output<S[K]> };

/** Objects that one key tells apart, as each of them says. */
export function oneOf<T extends z.ZodObject>(key: string, kinds: readonly T[]) {
  const [first, ...others] = kinds;
  return z.discriminatedUnion(key, [first!, ...others]);
}
