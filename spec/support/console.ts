const LEVELS = ['debug', 'log', 'info', 'warn', 'error'] as const;

/** Runs something and answers what it wrote to the console meanwhile, `level line` each. */
export async function captureConsole(act: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const originals = LEVELS.map((level) => console[level]);
  for (const level of LEVELS) {
    console[level] = (...told: unknown[]) => void lines.push(`${level} ${told.map(String).join(' ')}`);
  }
  try {
    await act();
  } finally {
    LEVELS.forEach((level, index) => {
      console[level] = originals[index]!;
    });
  }
  return lines;
}
