// `drill schema`: the JSON schemas of drill files and of what drill writes, for editors and other
// programs.
import { drillJsonSchema } from '../../drill/file/schema.ts';
import { evidenceSchema, SCHEMA_NAMES, type SchemaName } from '../../evidence/schemas.ts';
import { EXIT, EXITS_WITHOUT_VERDICT } from '../../verdict/exit-code.ts';
import type { Verb } from '../verb.ts';

export const schemaVerb: Verb = {
  command: 'schema [of]',
  positionals: {
    of: {
      choices: SCHEMA_NAMES,
      describe: 'A file that drill writes, as it is in docs/schemas too. Default: the drill file',
    },
  },
  options: {},
  exits: EXITS_WITHOUT_VERDICT,
  examples: [
    ['drill schema > drill.schema.json', 'for `# yaml-language-server: $schema=…`'],
    ['drill schema result', 'what result.json can hold'],
  ],
  run(args, { screen }) {
    const of = args['of'] as SchemaName | undefined;
    const schema = of === undefined ? drillJsonSchema() : evidenceSchema(of);
    screen.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
    return Promise.resolve(EXIT.pass);
  },
};
