// One printed measurement, beside its limit or its peer from the same run.
export interface BenchLine {
  readonly name: string;
  readonly measured: number;
  readonly unit: string;
  readonly peer?: { readonly name: string; readonly value: number };
  readonly limit?: { readonly relation: '<=' | '>='; readonly value: number };
  /** Null where there is no limit. */
  readonly ok: boolean | null;
}
