// Faults and recoveries as a table: each with its settings, and a fault with what proves it.
import type { Extension, Setting } from '../../src/drill/explain/extensions.ts';
import { cell, code, tableText } from './markdown.ts';

export function extensionSection(
  title: string,
  intro: string,
  entries: readonly Extension[],
): string {
  const proofs = entries.flatMap((each) => ('proof' in each ? [String(each.proof)] : []));
  const rows = entries.map(({ name, summary, settings }, at) => [
    code(name),
    cell(summary),
    Object.entries(settings).map(settingWords).join('; '),
    ...proofs.slice(at, at + 1).map(cell),
  ]);
  const head = ['name', 'what it does', 'settings', ...(proofs.length > 0 ? ['proved by'] : [])];
  return `## ${title}\n\n${intro}\n\n${tableText({ head, rows })}`;
}

function settingWords([key, setting]: readonly [string, Setting]): string {
  const { type, default: usual, required, meaning } = setting;
  const given = required ? ', required' : usual === null ? '' : `; default ${code(usual)}`;
  return `${code(key)} (${cell(type)}${given}): ${cell(meaning).replace(/\.$/, '')}`;
}
