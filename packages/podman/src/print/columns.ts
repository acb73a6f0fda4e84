/** Rows as Podman's tables have them: each column at least 12 wide and 2 blanks apart, the last cell not padded. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows)
    for (const [i, cell] of row.slice(0, -1).entries()) widths[i] = Math.max(widths[i] ?? 12, cell.length + 2)
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i < row.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell)).join('')
  return rows.map(row => `${line(row)}\n`).join('')
}
