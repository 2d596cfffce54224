// `drill check`: is this a drill file that can be run? Starts nothing.
import { hasErrors } from '../../drill/file/diagnostic.ts';
import { EXIT, EXITS_WITHOUT_VERDICT } from '../../verdict/exit-code.ts';
import { filesOf } from '../../session/choose-drills.ts';
import { inspectDrill } from '../../session/read.ts';
import { drillOptions, flagsOf, writeDiagnostics } from '../read-drill.ts';
import type { Verb } from '../verb.ts';

export const checkVerb: Verb = {
  command: 'check <files..>',
  positionals: { files: { describe: 'Drill files, or folders of them' } },
  options: {
    ...drillOptions,
    format: { choices: ['text', 'json'], default: 'text', describe: 'How problems are printed' },
  },
  exits: EXITS_WITHOUT_VERDICT,
  examples: [
    ['drill check drills/region-outage.yaml', 'one file'],
    ['drill check drills/', 'every drill file of a folder'],
    ['drill check --format json drills/*.yaml', 'all files, for another program'],
  ],
  async run(args, context) {
    const files = [args['files'] ?? []].flat().map(String);
    const flags = flagsOf(args);
    const checked = [];
    for (const word of filesOf(files, context.directory)) {
      const { file, parsed } = await inspectDrill(word, flags, context);
      const { diagnostics } = parsed;
      checked.push({ file, ok: !hasErrors(diagnostics), diagnostics });
    }
    if (args['format'] === 'json') {
      const report = { schema: 'drill.check/1', files: checked };
      context.screen.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    } else {
      for (const { file, ok, diagnostics } of checked) {
        writeDiagnostics(diagnostics, context);
        if (ok) context.screen.stdout.write(`${file}: ok${warningCount(diagnostics.length)}\n`);
      }
    }
    return checked.every(({ ok }) => ok) ? EXIT.pass : EXIT.usage;
  },
};

function warningCount(count: number): string {
  if (count === 0) return '';
  return `, with ${count} ${count === 1 ? 'warning' : 'warnings'}`;
}
