// What there is to break and to recover with, for `drill list` and the reference: all of it from
// the registries and the schema that a drill file is checked with.
import * as z from 'zod';
import { definitionOf, FAULT_KINDS, type FaultKind } from '../fault/registry.ts';
import { RECOVERY_NAMES, recoveryNamed } from '../recovery/registry.ts';
import { defaultWords, typeWords, type KeySchema } from './key-words.ts';
import { drillJsonSchema } from '../file/schema.ts';
import { COMMON_SETTINGS, faultSettings } from '../file/schema-faults.ts';

/** What a key in a drill file may hold. */
export interface Setting {
  readonly type: string;
  /** Null: there is none, or its meaning says how it comes about. */
  readonly default: string | null;
  readonly required: boolean;
  readonly meaning: string;
}
export type Settings = Readonly<Record<string, Setting>>;

export interface Extension {
  readonly name: string;
  readonly summary: string;
  readonly settings: Settings;
}

export interface FaultExtension extends Extension {
  readonly name: FaultKind;
  /** What shows that it bit. */
  readonly proof: string;
}

export function faultExtensions(): FaultExtension[] {
  return FAULT_KINDS.map((name) => {
    const { summary, proof } = definitionOf(name);
    return { name, summary, settings: settingsIn(faultSettings(name)), proof };
  });
}

/** What every fault takes besides what is its own. */
export function commonSettings(): Settings {
  return settingsIn(COMMON_SETTINGS);
}

export function recoveryExtensions(): Extension[] {
  const recover = (drillJsonSchema() as KeySchema).properties?.['recover']?.properties ?? {};
  const shared = (key: string, meaning: string) => settingOf(recover[key] ?? {}, false, meaning);
  return RECOVERY_NAMES.map((name) => {
    const { summary, settings, instances, deadline } = recoveryNamed(name);
    const scaled = instances === null ? {} : { instances: shared('instances', instances) };
    const ends = { deadline: shared('deadline', deadline) };
    return { name, summary, settings: { ...settingsIn(settings), ...scaled, ...ends } };
  });
}

function settingsIn(shape: z.ZodRawShape): Settings {
  const schema = z.toJSONSchema(z.strictObject(shape), { target: 'draft-7', io: 'input' });
  const { properties = {}, required = [] } = schema as KeySchema;
  const rows = Object.entries(properties);
  return Object.fromEntries(
    rows.map(([key, each]) => [key, settingOf(each, required.includes(key))]),
  );
}

function settingOf(
  schema: KeySchema,
  required: boolean,
  meaning = schema.description ?? '',
): Setting {
  const usual = defaultWords(schema);
  const inside = Object.keys(schema.properties ?? {}).map((key) => `${key}: …`);
  const type = inside.length === 0 ? typeWords(schema) : `{ ${inside.join(', ')} }`;
  return { type, default: usual === '' ? null : usual, required, meaning };
}
