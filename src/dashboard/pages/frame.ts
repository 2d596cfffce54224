// The frame of every page of the dashboard. All of it comes from the dashboard itself: style and
// scripts are files of their own, so that nothing that stands in a page is ever run.
import { escapeHtml } from '../../report/html/style.ts';
import type { UserError } from '../../screen/user-error.ts';

const ROOMS = [
  ['/', 'Now'],
  ['/runs', 'Runs'],
  ['/gamedays', 'Game days'],
  ['/strategies', 'Strategies'],
] as const;

type Room = (typeof ROOMS)[number][0];

export interface Frame {
  readonly title: string;
  /** HTML. */
  readonly body: string;
  readonly room?: Room;
  /** The page is asked for again after so many seconds, unless scripts have a feed to follow. */
  readonly again_s?: number;
  /** Where the page is told what changes. */
  readonly feed?: string;
  /** Scripts by their names among the assets. */
  readonly scripts?: readonly string[];
}

/** Who looks at a page. */
export interface Reader {
  /** Whether there is a token at all that one could sign in with. */
  readonly canSignIn: boolean;
  readonly isSignedIn: boolean;
}

export function framed(frame: Frame, reader: Reader): string {
  const { title, body, room, again_s, feed } = frame;
  const isLive = feed !== undefined || again_s !== undefined;
  const scripts = [...(isLive ? ['page.js'] : []), ...(frame.scripts ?? [])];
  const rooms = ROOMS.map(([path, name]) => {
    const here = path === room ? ' aria-current="page"' : '';
    return `<a href="${path}"${here}>${name}</a>`;
  });
  const again = `<noscript><meta http-equiv="refresh" content="${again_s}"></noscript>`;
  const told = [
    ...(feed === undefined ? [] : [` data-feed="${feed}"`]),
    ...(again_s === undefined ? [] : [` data-again="${again_s}"`]),
  ].join('');
  const files = scripts.map((name) => `<script src="/assets/${name}" defer></script>\n`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/style.css">
${again_s === undefined ? '' : `${again}\n`}${files.join('')}</head>
<body${told}>
<nav aria-label="Dashboard"><span class="name">drill</span>${rooms.join('')}${keyLink(reader)}</nav>
<main>
${body}
</main>
</body>
</html>
`;
}

function keyLink({ canSignIn, isSignedIn }: Reader): string {
  if (!canSignIn) return '<span class="key">read only</span>';
  return `<a class="key" href="/key">${isSignedIn ? 'Signed in' : 'Read only'}</a>`;
}

/** A page that says what of a question is the reader's to mend, and how. */
export function refusalPage(title: string, { message, hint }: UserError): Frame {
  return notePage(title, [message, ...(hint === null ? [] : [`Try: ${hint}`])]);
}

/** A page that says one thing. */
export function notePage(title: string, sentences: readonly string[]): Frame {
  const lines = sentences.map((sentence) => `<p>${escapeHtml(sentence)}</p>`);
  return { title, body: `<h1>${escapeHtml(title)}</h1>\n${lines.join('\n')}` };
}
