// Steps that several recoveries have in common, in words.
import { PLAIN, type StepWords } from './recovery.ts';

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

export const requireAgain: StepWords = {
  title: 'require the standby again',
  phrase: ({ to }) => `once ${to} follows again, have commits wait for it`,
};

/** While the synchronous standby is gone nothing is moved: writes go on without it. */
export const UNPROTECTED = {
  ...PLAIN,
  fits: ['warm-standby', 'pilot-light'],
  needs: ['replication', 'disturb-stores'],
  instances: null,
  deadline: 'a standby that does not follow so long after the first fault never came back',
  leavesAlive: true,
  withoutDisaster: true,
} as const;
