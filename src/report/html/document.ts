// The frame that every HTML page of drill has: one file that loads nothing. A script may run only
// if the page names its hash.
import { createHash } from 'node:crypto';
import { PAGE_STYLE, escapeHtml } from './style.ts';

/** Nothing is fetched, and nothing else is run, whatever stands in the page. */
function policyOf(script: string): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'";
  if (script === '') return policy;
  const hash = createHash('sha256').update(script).digest('base64');
  return `${policy}; script-src 'sha256-${hash}'`;
}

/** `body` is HTML, `title` is text; `style` is added to what all pages share. */
export function htmlDocument({ title, style = '', body, script = '' }: Contents): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="drill">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policyOf(script))}">
<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}${style}</style>
</head>
<body>
${body}${script === '' ? '' : `\n<script>${script}</script>`}
</body>
</html>
`;
}

interface Contents {
  readonly title: string;
  readonly style?: string;
  readonly body: string;
  /** Runs at the end of the page. */
  readonly script?: string;
}
