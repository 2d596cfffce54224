// The values of a drill that its file does not state: without them the file is another drill.
import * as z from 'zod';
import { stringify } from 'yaml';
import { isMapping, REPLACED, type Layers } from './layers.ts';
import type { Origin, Path } from './yaml-source.ts';

export const outsideValue = z.strictObject({
  /** Dotted. */
  key: z.string(),
  /** As behind `--set key=`. */
  value: z.string(),
  /** `--set`, `--runtime`, `DRILL_TARGETS_RTO`, `drill.config.yaml` */
  from: z.string(),
});
export type OutsideValue = Readonly<z.output<typeof outsideValue>>;

/** Laid over the drill file by `--set`, they make the same drill of it. No key holds a secret. */
export function outsideValues(layers: Layers, file: Origin): OutsideValue[] {
  const inside = (path: Path, value: unknown): OutsideValue[] => {
    const origin = layers.originOf(path);
    const isOutside = origin !== null && origin !== file;
    const isParted = isMapping(value) && Object.keys(value).length > 0;
    // What was laid as one value took the place of all that the file has there.
    const isWhole = !isParted || isOneValue(origin, path) || REPLACED.has(path.join('.'));
    if (isOutside && isWhole) return [{ key: path.join('.'), ...written(value, origin) }];
    const parts = isParted || Array.isArray(value) ? Object.entries(value as object) : [];
    return parts.flatMap(([key, part]) => inside([...path, key], part));
  };
  return inside([], layers.tree);
}

/** A flag and a variable have no place in a file. */
function isOneValue(origin: Origin | null, path: Path): boolean {
  return origin?.locate(path, 'value') === null;
}

function written(value: unknown, { name }: Origin) {
  const form = { collectionStyle: 'flow', lineWidth: 0, blockQuote: false } as const;
  return { value: stringify(value, form).trimEnd(), from: name.replace(/ .*/, '') };
}
