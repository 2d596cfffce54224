// docs/report.svg: the report of a run of the corpus, as a terminal shows it.
import { forOutput } from '../../src/screen/paint.ts';
import { displayWidth } from '../../src/screen/text.ts';
import { summaryText } from '../../src/report/summary/summary.ts';
import { RUNS, viewOf } from '../../test/support/evidence/report-pages.ts';

const COLUMNS = 88;
const [CELL, LINE, SIZE, EDGE] = [8.4, 19, 14, 18];

interface Look {
  readonly ground?: string;
  readonly fill?: string;
  readonly isBold?: boolean;
}

/** By the number of a colour code. */
const CODES: Readonly<Record<string, Look>> = {
  1: { isBold: true },
  2: { fill: '#8b949e' },
  30: { fill: '#ffffff' }, // black is for a brighter ground than this one's
  32: { fill: '#56d364' },
  36: { fill: '#79c0ff' },
  42: { ground: '#238636' },
};
const RESETS = ['0', '22', '39', '49'];
/** Blocks of so many eighths of a cell: drawn, since fonts leave gaps between them. */
const EIGHTHS = '▏▎▍▌▋▊▉█';

export function reportPicture(): string {
  const { result, story } = viewOf(RUNS.pass);
  const directory = `.drill/runs/${result.id}`;
  const asked = { directory, commandName: 'npx drill', columns: COLUMNS, hasColour: true };
  const lines = forOutput(summaryText(result, { ...asked, story, failure: null }))
    .trim()
    .split('\n');
  const height = 2 * EDGE + LINE * lines.length;
  const widest = Math.max(...lines.map((line) => displayWidth(line.replaceAll(CODE, ''))));
  const width = Math.ceil(2 * EDGE + CELL * widest);
  const label = 'The report of a drill: verdict, what was broken, targets, recovery, writes';
  const font = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${label}">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="${font}" font-size="${SIZE}" fill="#d0d7de">
${lines.flatMap((line, at) => drawn(line, EDGE + SIZE + LINE * at)).join('\n')}
</g>
</svg>
`;
}

// eslint-disable-next-line no-control-regex
const CODE = /\u001b\[([\d;]*)m/g;

/** One line of text, whose baseline is at `y`. */
function drawn(line: string, y: number): string[] {
  let look: Look = {};
  let column = 0;
  return line.split(CODE).flatMap((part, at) => {
    if (at % 2 === 1) {
      look = part.split(';').reduce(restyled, look);
      return [];
    }
    // What stands apart keeps its column, whatever font there is.
    const pieces = part.split(/( {2,}|[▏▎▍▌▋▊▉█])/);
    return pieces.flatMap((piece) => {
      const x = EDGE + CELL * column;
      column += displayWidth(piece);
      return piece.trim() === '' ? [] : [pieceAt(piece, x, y, look)];
    });
  });
}

function restyled(look: Look, code: string): Look {
  return RESETS.includes(code) ? {} : { ...look, ...CODES[code] };
}

function pieceAt(piece: string, x: number, y: number, { ground, fill, isBold }: Look): string {
  const colour = fill === undefined ? '' : ` fill="${fill}"`;
  const eighths = piece.length === 1 ? EIGHTHS.indexOf(piece) + 1 : 0;
  if (eighths > 0) return box(x, y - 11, (CELL * eighths) / 8, 13, fill ?? '#d0d7de');
  const badge =
    ground === undefined ? '' : `${box(x, y - SIZE, CELL * displayWidth(piece), 18, ground)}\n`;
  const bold = isBold === true ? ' font-weight="bold"' : '';
  // Browsers drop blanks at the ends, and would stretch the rest over their room.
  const words = piece.trim();
  const left = x + CELL * (piece.length - piece.trimStart().length);
  const room = `textLength="${(CELL * displayWidth(words)).toFixed(1)}"`;
  const text = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `${badge}<text x="${left.toFixed(1)}" y="${y}" ${room}${bold}${colour}>${text}</text>`;
}

function box(x: number, y: number, width: number, height: number, fill: string): string {
  const place = `x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${height}"`;
  return `<rect ${place} fill="${fill}"/>`;
}
