// `drill schema`: the JSON schema of drill files, for editors and other programs.
import { drillJsonSchema } from '../../drill/file/schema.ts';
import { EXIT } from '../../verdict/exit-code.ts';
import type { Verb } from '../verb.ts';

export const schemaVerb: Verb = {
  command: 'schema',
  positionals: {},
  options: {},
  examples: [['drill schema > drill.schema.json', 'for `# yaml-language-server: $schema=…`']],
  run(_, { screen }) {
    screen.stdout.write(`${JSON.stringify(drillJsonSchema(), null, 2)}\n`);
    return Promise.resolve(EXIT.pass);
  },
};
