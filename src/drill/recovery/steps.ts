// Steps that several recoveries have in common, in words.
import type { StepWords } from './recovery.ts';

export const fence: StepWords = {
  title: 'fence the old primary',
  phrase: ({ from }) => `fence ${from}, and prove that it takes no write`,
};

export const promote: StepWords = {
  title: 'promote the standby',
  phrase: ({ stores }) => `promote ${stores}`,
};

export const redirect: StepWords = {
  title: 'redirect the clients',
  phrase: ({ to }) => `redirect the clients to ${to}`,
};

export const scale: StepWords = {
  title: 'scale the app',
  phrase: ({ to, instances }) => `scale the app in ${to} to ${instances}`,
};

export const start: StepWords = {
  title: 'start the app',
  phrase: ({ to, instances }) => `start ${instances} app instances in ${to}`,
};
