// What the engine hands over of a container's output: both streams in one, in pieces.

/** The engine puts eight bytes before each piece: stream, and length at the fifth. */
export function linesOf(multiplexed: Buffer): string[] {
  let text = '';
  for (let at = 0; at + 8 <= multiplexed.length;) {
    const length = multiplexed.readUInt32BE(at + 4);
    text += multiplexed.toString('utf8', at + 8, at + 8 + length);
    at += 8 + length;
  }
  return text.split('\n').filter((line) => line.trim() !== '');
}
