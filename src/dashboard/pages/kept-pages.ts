// The newest pages of runs that are over, so that a run of millions of operations is not read again
// for each reader. A page is made again when any file of its run is another one.
import { markOfRun } from '../model/run-place.ts';
import type { Frame } from './frame.ts';

const KEPT = 16;

export class KeptPages {
  readonly #make: (id: string, place: string) => Frame;
  readonly #made = new Map<string, { readonly mark: string; readonly page: Frame }>();

  constructor(make: (id: string, place: string) => Frame) {
    this.#make = make;
  }

  of(id: string, place: string): Frame {
    const mark = markOfRun(place);
    const known = this.#made.get(id);
    const page = known?.mark === mark ? known.page : this.#make(id, place);
    this.#made.delete(id);
    this.#made.set(id, { mark, page });
    for (const oldest of [...this.#made.keys()].slice(0, -KEPT)) this.#made.delete(oldest);
    return page;
  }
}
