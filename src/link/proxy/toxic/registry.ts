// Every toxic that the built-in proxy knows.
import type { ToxicKind } from '../toxic.ts';
import { bandwidth } from './bandwidth.ts';
import { latency } from './latency.ts';
import { limitData } from './limit-data.ts';
import { noop } from './noop.ts';
import { resetPeer } from './reset-peer.ts';
import { slicer } from './slicer.ts';
import { slowClose } from './slow-close.ts';
import { timeout } from './timeout.ts';

const TOXIC_KINDS: readonly ToxicKind[] = [
  latency,
  bandwidth,
  timeout,
  resetPeer,
  slowClose,
  slicer,
  limitData,
  noop,
];

export function findToxicKind(type: string): ToxicKind | undefined {
  return TOXIC_KINDS.find((kind) => kind.type === type);
}
