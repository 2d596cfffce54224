// The frame that every HTML page of drill has: one file, without scripts, without anything loaded.
import { PAGE_STYLE, escapeHtml } from './style.ts';

/** Nothing is fetched or run, whatever stands in the page. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** `body` is HTML, `title` is text; `style` is added to what all pages share. */
export function htmlDocument({ title, style = '', body }: Contents): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(POLICY)}">
<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

interface Contents {
  readonly title: string;
  readonly style?: string;
  readonly body: string;
}
