/** Rows as aligned columns, `gap` blanks apart; lines do not end in blanks. */
export function columns(rows: readonly (readonly string[])[], gap: number): string {
  const widths: number[] = []
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  const line = (row: readonly string[]) => row.map((cell, i) => cell.padEnd((widths[i] ?? 0) + gap)).join('')
  return rows.map(row => `${line(row).trimEnd()}\n`).join('')
}
