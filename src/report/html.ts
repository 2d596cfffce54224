// Text that becomes part of an HTML page.

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for an element or a quoted attribute; what cannot be shown is left out. */
export function escapeHtml(text: string): string {
  // eslint-disable-next-line no-control-regex
  const shown = text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
  return shown.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}
