// Changes nothing; Toxiproxy offers it, so a client may ask for it.
import { passThrough, type ToxicKind } from '../toxic.ts';

export const noop: ToxicKind = {
  type: 'noop',
  defaults: {},
  begin: (_settings, { output }) => passThrough(output),
};
