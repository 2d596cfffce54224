// What leads out of a directory tree: links in it, and file systems that are mounted in it.
import { readdirSync, readFileSync } from 'node:fs';

/** Whether there is a link, or anything but files and directories, anywhere below. */
export function hasLinks(directory: string): boolean {
  const entries = readdirSync(directory, { withFileTypes: true });
  return entries.some((entry) => {
    if (entry.isDirectory()) return hasLinks(`${directory}/${entry.name}`);
    return !entry.isFile();
  });
}

/** Where something is mounted below the directory; nothing is known where there is no /proc. */
export function mountsBelow(directory: string): string[] {
  let text: string;
  try {
    text = readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    return [];
  }
  // id, parent, device, root, mount point; blanks in it are written \040.
  const points = text.split('\n').map((line) => unescaped(line.split(' ')[4] ?? ''));
  return points.filter((point) => point.startsWith(`${directory}/`));
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(\d{3})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 8)),
  );
}
