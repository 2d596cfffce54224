// The style sheet of the report of a run, besides what all pages share.

export const RUN_STYLE = `
.badge {
  display: inline-block; margin: 0 0 .5rem; padding: .1rem .7rem; border-radius: 4px;
  font-weight: 700; color: #fff; background: #8a5300;
}
.badge.pass { background: #11682f; }
.badge.fail, .badge.internal { background: #b3261e; }
.headline { font-size: 1.2rem; margin: .25rem 0 .75rem; }
.gates { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .75rem; }
.gate { border: 1px solid var(--line); border-left: 5px solid var(--warn); padding: .6rem .8rem; }
.gate.pass { border-left-color: var(--good); }
.gate.fail { border-left-color: var(--bad); }
.gate h2 { font-size: .95rem; margin: 0; color: var(--soft); font-weight: 600; }
.gate p { margin: 0; }
.gate .figure { font-size: 1.35rem; font-weight: 700; font-variant-numeric: tabular-nums; }
svg.bar { min-width: 0; max-width: 20rem; margin: .3rem 0; }
svg .track { fill: var(--stripe); stroke: var(--line); }
svg .value { fill: var(--good); }
.gate.fail svg .value { fill: var(--bad); }
.gate.inconclusive svg .value { fill: var(--warn); }
svg .target { stroke: var(--text); stroke-width: 2; stroke-dasharray: 3 2; fill: none; }
svg .fault { fill: #d9663a; opacity: .1; }
svg .fault.disaster { opacity: .2; }
svg .fault-bar { fill: #d9663a; opacity: .35; }
svg .mark line { stroke: var(--soft); stroke-dasharray: 2 3; }
svg .step { fill: #2f7fc1; }
svg .step.failed { fill: var(--bad); }
svg .amount { fill: var(--soft); text-anchor: end; }
svg .curve { fill: none; stroke-width: 1.8; stroke: var(--soft); }
svg .region-0 { stroke: #2f7fc1; } svg .region-1 { stroke: #2f9e77; }
svg .region-2 { stroke: #8468c4; } svg .region-3 { stroke: #cdb82f; }
svg .failed { stroke: var(--bad); } svg .p50 { stroke: #2f7fc1; } svg .p99 { stroke: #d9663a; }
svg .dot { fill: var(--good); opacity: .85; } svg .dot.failed { fill: var(--bad); }
svg .spread { fill: var(--soft); opacity: .15; }
svg .median { stroke: var(--soft); stroke-width: 2; fill: none; }
svg .dot { stroke: var(--ground); }
article + article { margin-top: 3rem; border-top: 3px solid var(--line); padding-top: 1.5rem; }
svg .lag { stroke: #8468c4; }
.swatch.line { height: .25rem; }
.swatch.region-0, .swatch.p50 { background: #2f7fc1; } .swatch.region-1 { background: #2f9e77; }
.swatch.region-2, .swatch.lag { background: #8468c4; } .swatch.region-3 { background: #cdb82f; }
.swatch.failed { background: var(--bad); } .swatch.p99 { background: #d9663a; }
table.plain td, table.plain th { text-align: left; vertical-align: top; }
table.plain .long { white-space: normal; min-width: 9rem; overflow-wrap: anywhere; }
table.plain thead th { font-weight: 600; white-space: nowrap; }
@media screen { .zooms .chart .static { display: none; } }
@media print { .zoom { display: none; } }
.zoom .u-legend { font-size: .875rem; text-align: left; }
.zoom .u-legend th, .zoom .u-legend td { border: 0; padding: .1rem .3rem; }
.zoom .u-select { background: color-mix(in srgb, var(--soft) 25%, transparent); }
.zoom .u-cursor-x, .zoom .u-cursor-y { border-color: var(--soft); }
details { margin-top: 2rem; }
summary { cursor: pointer; }
.conditions { font-size: .9rem; }
.conditions .scroll { columns: 2 24rem; column-gap: 2rem; }
pre { overflow-x: auto; font: .8em/1.4 ui-monospace, monospace; }
@media (max-width: 40rem) {
  th, td { padding: .3rem .4rem; } table.plain .long { min-width: 7rem; }
}
@media (max-width: 30rem) { body { padding: .8rem; } .headline { font-size: 1.05rem; } }
@media print {
  .gate, svg, tr, h2 { break-inside: avoid; } h2 { break-after: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; }
  table.plain td:not(.long, .id) { white-space: nowrap; } table.plain .long { min-width: 0; }
  table.plain .id { overflow-wrap: anywhere; }
  table.wide { font-size: .62em; overflow-wrap: anywhere; }
  details > * { display: block; } pre { white-space: pre-wrap; overflow-wrap: anywhere; }
}
`;
