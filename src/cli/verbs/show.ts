// `drill show`: the summary of a run again, from its files.
import { basename, relative } from 'node:path';
import { readFailure, readResult, isUp } from '../../archive/run-list.ts';
import { readStory, summaryText } from '../../report/summary/summary.ts';
import { readKeptSystem } from '../../topology/kept-system.ts';
import { commandName } from '../../screen/command-name.ts';
import { EXIT } from '../../verdict/exit-code.ts';
import { unverifiedText, verifiedResult } from '../../session/judge.ts';
import { askedRun, outOption, runPositional } from '../run-options.ts';
import type { Verb } from '../verb.ts';

export const showVerb: Verb = {
  command: 'show [run]',
  positionals: { run: runPositional },
  options: {
    json: { type: 'boolean', describe: 'The result as JSON' },
    out: outOption,
  },
  examples: [
    ['drill show', 'the latest run'],
    ['drill show region-outage', 'the newest run of that drill'],
    ['drill show 20261122T201317Z --json', 'one run, for another program'],
  ],
  run: async (args, context) => {
    const { screen, directory, environment } = context;
    const place = await askedRun(args, context);
    if (readResult(place) === null && isUp(place)) {
      const { nodes } = readKeptSystem(place);
      const lines = nodes.map(({ node, connect }) => `  ${node}\n    ${connect}\n`);
      const shown = `${basename(place)} is up, made by drill up:\n${lines.join('')}`;
      screen.stdout.write(args['json'] === true ? `${JSON.stringify(nodes, null, 2)}\n` : shown);
      return EXIT.pass;
    }
    const { result, differs } = verifiedResult(place, commandName(environment));
    const near = relative(directory, place);
    const text =
      args['json'] === true
        ? `${JSON.stringify(result, null, 2)}\n`
        : summaryText(result, {
            directory: near.startsWith('..') ? place : near,
            commandName: commandName(environment),
            columns: screen.stdout.columns(),
            hasColour: screen.stdout.hasColour,
            failure: readFailure(place),
            story: readStory(place),
          });
    screen.stdout.write(text);
    if (differs === null) return EXIT.pass;
    screen.stderr.write(unverifiedText(place, differs));
    return EXIT.inconclusive;
  },
};
