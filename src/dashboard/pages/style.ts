// The style sheet of the dashboard, beside those that it shares with reports.

export const DASHBOARD_STYLE = `
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; align-items: baseline;
  border-bottom: 1px solid var(--line); padding-bottom: .6rem; margin-bottom: 1.5rem; }
nav .name { font-weight: 700; }
nav .key { margin-left: auto; color: var(--soft); font-size: .9rem; }
a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: .15em; }
nav a { text-decoration: none; padding: .2rem 0; }
nav a:hover, a:hover { text-decoration: underline; }
nav a[aria-current] { font-weight: 700; border-bottom: 2px solid currentColor; }
:focus-visible { outline: 2px solid #2f7fc1; outline-offset: 2px; }
#now h2 { margin-top: .75rem; }
.badge.small { font-size: .8rem; margin: 0; padding: .05rem .5rem; }
.badge.running { background: #1b5f9e; }
.badge.passed { background: #11682f; }
.badge.failed, .badge.never-passed { background: #b3261e; }
.rows { list-style: none; padding: 0; margin: 0; display: grid; gap: .6rem; }
.row { border: 1px solid var(--line); border-left: 5px solid var(--warn); padding: .55rem .8rem;
  display: grid; gap: .15rem 1rem; grid-template-columns: minmax(0, 1.4fr) minmax(0, 1fr); }
.row.good { border-left-color: var(--good); } .row.bad { border-left-color: var(--bad); }
.row.running { border-left-color: #2f7fc1; }
.row h3 { font-size: 1.05rem; margin: 0; overflow-wrap: anywhere; }
.row p { margin: 0; overflow-wrap: anywhere; }
.row .gatelist { list-style: none; padding: 0; margin: 0; font-variant-numeric: tabular-nums; }
.row .gatelist li { display: flex; flex-wrap: wrap; gap: 0 .5rem; }
.spark { letter-spacing: 1px; color: var(--soft); }
.bad-word { color: var(--bad); font-weight: 700; } .good-word { color: var(--good); }
.warn-word { color: var(--warn); font-weight: 700; }
.clock { font-size: 2.6rem; font-weight: 700; line-height: 1.1; }
.clock, .load { font-variant-numeric: tabular-nums; }
progress { width: 100%; height: .6rem; accent-color: var(--good); }
progress.warn { accent-color: var(--warn); } progress.bad { accent-color: var(--bad); }
.phaselist { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem .9rem; }
.phaselist .now { font-weight: 700; } .phaselist .due { color: var(--soft); }
.gate.plain { border-left-color: var(--line); }
header { margin-bottom: .9rem; }
#live-course svg .phase { fill: #a9bfd6; }
.log td { vertical-align: top; }
.log td:first-child { white-space: nowrap; color: var(--soft); }
.log td { text-align: left; white-space: normal; border-bottom: 0; padding: .1rem .6rem .1rem 0; }
.log { font-size: .92rem; }
form.controls { display: flex; flex-wrap: wrap; gap: .6rem; margin: 1rem 0; }
button, input[type=password] { font: inherit; padding: .45rem .9rem; border-radius: 4px;
  border: 1px solid var(--soft); background: var(--stripe); color: var(--text);
  min-height: 2.6rem; }
button.danger { background: #b3261e; border-color: #b3261e; color: #fff; }
label { display: block; margin-bottom: .3rem; }
table.plain input[type=radio] { width: 1.3rem; height: 1.3rem; margin: 0; }
.stale { color: var(--warn); font-weight: 700; }
@media (max-width: 40rem) {
  .row { grid-template-columns: minmax(0, 1fr); }
  nav { gap: .1rem .9rem; }
  nav a { padding: .4rem 0; }
}
`;

const MARK = 'M4 12V4h3.5a4 4 0 0 1 0 8z';

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<rect width="16" height="16" rx="3" fill="#1b5f9e"/>
<path d="${MARK}" fill="none" stroke="#fff" stroke-width="2"/>
</svg>`;
