/**
 * Writes the lines of one turn of the event loop together: a line for each request was a call into the system for each,
 * and woke up whoever reads the log as often. A process that ends, also by an error, writes what it still has.
 * @param write takes them as one text, in the order in which they came
 */
export function createTurnWriter(write: (lines: string) => void): (line: string) => void {
  let lines: string[] = [];
  const flush = (): void => {
    process.off('exit', flush);
    const text = lines.join('');
    lines = [];
    write(text);
  };
  return (line) => {
    if (lines.length === 0) {
      process.once('exit', flush);
      setImmediate(() => {
        if (lines.length > 0) flush();
      });
    }
    lines.push(line);
  };
}
